from . import kpi_explanation
