"""Links to dashboards for people without an account, and the page they open.

Who sees a dashboard with an account is in ``dashboard``.
"""

from . import kpi_dashboard_share
