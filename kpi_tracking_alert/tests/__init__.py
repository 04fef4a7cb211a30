from .models import test_kpi_alert_channel
from .models import test_kpi_alert_event
from .models import test_kpi_delivery_push
from .models import test_kpi_smart_alert
from .security import test_kpi_alert_access_matrix
from .security import test_kpi_alert_access_methods
from .security import test_sudo_reasons
