from . import kpi_phone
from . import kpi_phone_receipt
from . import kpi_delivery
from . import kpi_report
from . import kpi_user_link
from . import ir_http
from . import mail_push_device
from . import res_device
