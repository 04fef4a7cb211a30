from . import kpi_alert_snooze
from . import kpi_alert_resolve
from . import kpi_alert_hand_over
from . import kpi_alert_replay
from . import kpi_alert_preview
