"""What people see of rules and alerts: words, counts, lists, the overview, packs."""

from . import kpi_smart_alert_words
from . import kpi_smart_alert_name
from . import kpi_smart_alert_screen
from . import kpi_smart_alert_quality
from . import kpi_alert_event_mine
from . import kpi_alert_event_mute
from . import kpi_alert_event_screen
from . import kpi_alert_event_live
from . import kpi_alert_event_rest
from . import kpi_alert_mute
from . import kpi_alert_quiet
from . import kpi_report
from . import kpi_home
from . import kpi_pack
from . import kpi_pack_alerts
from . import digest_digest
from . import ir_http
