from . import kpi_tat_report
