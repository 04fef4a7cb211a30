from . import kpi_alert_snooze
from . import kpi_alert_replay
