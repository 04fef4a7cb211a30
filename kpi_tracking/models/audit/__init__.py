from . import kpi_audit_log
from . import kpi_audit_head
from . import kpi_audit_personal
from . import kpi_audit_leaf
from . import kpi_audit_anchor
from . import kpi_audit_verification
from . import res_users
