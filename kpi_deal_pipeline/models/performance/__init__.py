from . import kpi_agent_performance
from . import kpi_agent_performance_access
from . import kpi_performance_benchmark
from . import kpi_import_benchmark
