from . import kpi_delivery
from . import kpi_delivery_email
from . import kpi_delivery_sending
