"""What reports and KPIs count by: times of whole requests, whose clock is judged."""

from . import kpi_tat_request
from . import kpi_tat_level
from . import kpi_tat_alert
from . import kpi_tat_analysis
