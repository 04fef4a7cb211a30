"""What is to be done about a KPI, who is reminded of it, and what has changed since."""

from . import kpi_action_item
from . import digest_digest
