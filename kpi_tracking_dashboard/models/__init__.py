"""Dashboards by theme: what people arrange, see, print, mail and hand out.

KPIs, their values and their judgement belong to ``kpi_tracking``.
"""

from . import kpi_report
from . import dashboard
from . import tile
from . import output
from . import pack
