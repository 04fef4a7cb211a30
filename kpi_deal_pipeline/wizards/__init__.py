from . import kpi_commission_adjust
from . import kpi_commission_decision
from . import kpi_deal_move
