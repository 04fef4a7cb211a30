from . import kpi_tat_report
from . import level
from . import request
from . import kpi_tat_log
