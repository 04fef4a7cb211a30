from . import kpi_explanation
from . import kpi_integration_map
