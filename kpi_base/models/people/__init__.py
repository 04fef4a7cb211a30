"""Departments, teams and who belongs to them from when to when.

What is measured on people belongs to ``kpi_tracking``.
"""

from . import hr_department
from . import hr_employee
from . import kpi_led_mixin
from . import kpi_team
from . import kpi_team_member
from . import kpi_membership
from . import kpi_user_link
