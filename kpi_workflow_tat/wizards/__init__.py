from . import kpi_tat_decision
from . import kpi_tat_staffing
