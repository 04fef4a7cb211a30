"""Dashboards as files, printed pages, scheduled mails and links without an account.

How tiles become pictures and tables without a database is in ``engine/output``.
"""

from . import kpi_dashboard_records
from . import kpi_dashboard_schedule
from . import kpi_dashboard_share
