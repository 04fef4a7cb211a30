"""What a coach and an employee write to each other: seen by the two, and by HR."""

from . import kpi_performance_coaching
from . import kpi_performance_coaching_part
from . import res_users
