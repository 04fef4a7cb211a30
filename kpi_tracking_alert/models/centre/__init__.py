"""What people see of rules and alerts: words, counts, lists, the overview, packs."""

from . import kpi_smart_alert_screen
from . import kpi_alert_me
from . import kpi_home
from . import kpi_pack_alerts
from . import digest_digest
from . import ir_http
