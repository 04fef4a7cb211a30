"""Tables of KPIs by period, as screen, file and mail.

Their arithmetic is ``engine/period_report.py``.
"""

from . import kpi_mail_schedule
from . import kpi_period_report
from . import kpi_period_report_schedule
