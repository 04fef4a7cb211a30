from .controllers import test_export
from .controllers import test_mcp
from .controllers import test_odata
from .models import test_kpi_bi_connector
from .models import test_user_links
from .security import test_kpi_connector_access_matrix
from .security import test_kpi_connector_access_methods
from .security import test_sudo_reasons
