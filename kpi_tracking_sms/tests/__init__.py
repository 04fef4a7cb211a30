from .models import test_kpi_delivery_sms
