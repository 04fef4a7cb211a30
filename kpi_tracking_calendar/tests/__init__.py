from .models import test_kpi_coaching_calendar
from . import test_sudo_reasons
