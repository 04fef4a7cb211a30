from . import kpi_tat_report
from . import request
