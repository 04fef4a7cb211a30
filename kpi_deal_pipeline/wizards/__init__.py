from . import kpi_agent_performance_take
from . import kpi_commission_adjust
from . import kpi_commission_change
from . import kpi_commission_decision
from . import kpi_commission_new_terms
from . import kpi_commission_simulation
from . import kpi_deal_move
