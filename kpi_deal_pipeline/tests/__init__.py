from .models import test_kpi_deal
from .models import test_kpi_deal_history
from .models import test_kpi_deal_money
from .security import test_kpi_deal_access
