from . import kpi_performance_coaching
from . import res_users
