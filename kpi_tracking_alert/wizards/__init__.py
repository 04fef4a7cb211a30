from . import kpi_alert_snooze
from . import kpi_alert_hand_over
from . import kpi_alert_replay
