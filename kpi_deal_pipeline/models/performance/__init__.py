from . import kpi_commission_event
from . import kpi_commission
from . import kpi_deal
from . import kpi_agent_performance
from . import kpi_agent_performance_statement
from . import kpi_agent_performance_taking
from . import kpi_agent_performance_access
