from .adapters import test_adapters
from .controllers import test_kpi_hook_in
from .models import test_kpi_integration
from .models import test_user_links
from .security import test_kpi_integration_access_matrix
from .security import test_kpi_integration_access_methods
from .security import test_sudo_reasons
