from .models import test_kpi_bi_analysis
from .models import test_kpi_bi_bridge
from .models import test_kpi_bi_page
from .models import test_kpi_bi_purchase
from .models import test_kpi_dashboard_tile
from .models import test_kpi_import_purchase
from .security import test_kpi_bi_access
