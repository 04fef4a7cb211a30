from . import kpi_api_key_wizard
from . import kpi_approval_decision
from . import kpi_audit_check
from . import kpi_connection
from . import kpi_handover
