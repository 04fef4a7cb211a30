"""Assumptions of benefits: what the plan rests on, and whether it still holds."""

from . import kpi_benefit_assumption
from . import kpi_benefit_assumption_check
from . import kpi_benefit_assumption_log
from . import kpi_benefit_assumption_reminder
from . import kpi_benefit_realization
from . import kpi_user_link
from . import kpi_home
