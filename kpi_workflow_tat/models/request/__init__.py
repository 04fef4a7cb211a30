"""Requests: their text, their status, and what approvals do with them."""

from . import kpi_tat_request
from . import kpi_tat_request_status
from . import kpi_tat_request_approval
from . import kpi_tat_request_hold
from . import kpi_tat_request_clocks
from . import kpi_tat_request_claim
from . import kpi_tat_request_correction
from . import kpi_user_link
from . import kpi_audit_log
from . import ir_http
