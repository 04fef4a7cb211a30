from . import kpi_deal_billing
from . import kpi_deal
from . import account_move
from . import account_partial_reconcile
