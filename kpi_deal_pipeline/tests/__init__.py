from .models import test_kpi_commission
from .models import test_kpi_commission_plan
from .models import test_kpi_deal
from .models import test_kpi_deal_history
from .models import test_kpi_deal_money
from .models import test_kpi_deal_timeline
from .security import test_kpi_deal_access
from .wizards import test_kpi_deal_move
