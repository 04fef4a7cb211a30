from . import kpi_dashboard_share
from . import kpi_dashboard_share_page
from . import kpi_dashboard
from . import res_config_settings
