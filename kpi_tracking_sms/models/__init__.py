from . import kpi_alert_channel
from . import kpi_delivery
from . import sms_sms
