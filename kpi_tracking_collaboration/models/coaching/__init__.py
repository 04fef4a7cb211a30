"""What a coach and an employee write to each other: seen by the two, and by HR."""

from . import kpi_performance_coaching
from . import kpi_performance_coaching_state
from . import kpi_performance_coaching_writing
from . import kpi_performance_coaching_log
from . import kpi_performance_coaching_waiting
from . import kpi_performance_coaching_reminder
from . import kpi_performance_coaching_part_mixin
from . import kpi_performance_coaching_line
from . import kpi_performance_coaching_action
from . import kpi_audit_log
from . import kpi_home
from . import kpi_user_link
from . import res_users
