"""Links to dashboards for people without an account, and the page they open.

Who sees a dashboard with an account is in ``dashboard``.
"""

from . import kpi_audit_log
from . import kpi_dashboard_share
from . import res_config_settings
