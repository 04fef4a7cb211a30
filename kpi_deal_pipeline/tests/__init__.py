from .models import test_kpi_commission
from .models import test_kpi_commission_plan
from .models import test_kpi_deal
from .models import test_kpi_deal_history
from .models import test_kpi_deal_money
from .security import test_kpi_deal_access
