"""KPIs, by theme: what is measured, counted, judged, entered and shown.

How things are done lies below, in ``kpi_base``; dashboards above, in an addon of their
own.
"""

from . import calendar
from . import definition
from . import report
from . import fact
from . import source
from . import formula
from . import version
from . import restatement
from . import target
from . import certification
from . import usage
from . import job
from . import gauge
from . import period_report
from . import scorecard
from . import entry
from . import integration
from . import gallery
from . import home
from . import live
from . import res_config_settings
from . import res_company
from . import kpi_event
