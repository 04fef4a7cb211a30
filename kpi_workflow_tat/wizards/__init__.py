from . import kpi_tat_decision
from . import kpi_tat_delay
from . import kpi_tat_pending
from . import kpi_tat_staffing
from . import kpi_tat_what_if
from . import kpi_tat_recompute
