from . import kpi_tat_decision
