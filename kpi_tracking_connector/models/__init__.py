from . import kpi_mcp_tool
from . import ir_http
from . import kpi_bi_connector
from . import kpi_bi_feed
from . import kpi_bi_export
from . import kpi_target
from . import kpi_user_link
from . import res_config_settings
