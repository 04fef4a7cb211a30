from . import kpi_deal_move
