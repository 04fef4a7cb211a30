from . import kpi_integration_mixin
from . import kpi_integration
from . import kpi_hook
from . import kpi_hook_message
from . import kpi_import
from . import kpi_report
from . import kpi_use_link
from . import kpi_user_link
