"""Computing KPIs in the background: kinds of jobs, and the settings of their crons.

Jobs themselves are ``kpi_base``.
"""

from . import kpi_delivery
from . import kpi_membership
from . import kpi_job
