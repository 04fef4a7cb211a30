"""What a coach and an employee write to each other: seen by the two, and by HR."""

from . import kpi_performance_coaching
from . import kpi_performance_coaching_part_mixin
from . import kpi_performance_coaching_line
from . import kpi_performance_coaching_action
from . import kpi_home
from . import res_users
