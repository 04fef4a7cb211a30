from .controllers import test_phone_app
from .controllers import test_phone_rich_texts
from .models import test_kpi_delivery_app
from .models import test_kpi_phone
from .models import test_kpi_phone_receipt
from .models import test_user_links
from .security import test_kpi_phone_access_methods
from .security import test_sudo_reasons
