"""How a dashboard that many look at changes: in a draft, published at once, with its
earlier versions; and what becomes of deleted ones.
"""

from . import kpi_dashboard_version
from . import kpi_dashboard_draft
