"""Targets, the rules they follow from, and what each period was judged by.

Judging values by them is ``report/kpi_report_judgement.py``.
"""

from . import kpi_target
from . import kpi_target_in_force
from . import kpi_target_setting
from . import kpi_approval_change
from . import kpi_target_value
