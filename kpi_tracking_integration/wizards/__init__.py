from . import kpi_integration_map
