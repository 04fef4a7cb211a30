from .models import test_kpi_warehouse
from .models import test_kpi_warehouse_reading
from .models import test_user_links
from .security import test_kpi_warehouse_access_matrix
from .security import test_kpi_warehouse_access_methods
from .security import test_sudo_reasons
