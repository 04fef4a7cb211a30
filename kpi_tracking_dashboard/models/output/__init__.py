"""Dashboards as files, printed pages and scheduled mails.

How tiles become pictures and tables without a database is in ``engine/output``; pages
for people without an account are in ``share``.
"""

from . import kpi_dashboard_records
from . import kpi_dashboard_schedule
