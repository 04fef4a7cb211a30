from .security import test_kpi_phone_access_methods
from .security import test_sudo_reasons
