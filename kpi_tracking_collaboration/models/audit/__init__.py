"""What happens to discussions, actions and meetings, in the audit log."""

from . import kpi_audit_log
from . import kpi_event
