from . import kpi_dashboard_mail_wizard
from . import kpi_dashboard_share_wizard
