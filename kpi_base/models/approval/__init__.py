"""One way to approve: who is asked about a document, who decides, what follows.

The rules themselves are pure Python, in ``engine/approval/``.
"""

from . import kpi_approval_workflow
from . import kpi_approval_workflow_summary
from . import kpi_approval_level
from . import kpi_approval_approver
from . import kpi_approval_delegation
from . import kpi_approval_step
from . import kpi_approval_step_access
from . import kpi_approval_step_list
from . import kpi_approval_step_asking
from . import kpi_approval_step_message
from . import kpi_approval_step_sweep
from . import kpi_approval_link
from . import kpi_approval_resolver
from . import kpi_approval_mixin
from . import kpi_approval_content
from . import kpi_approval_view
from . import kpi_approval_words
from . import kpi_approval_approvers
from . import kpi_approval_asking
from . import kpi_approval_deciding
from . import kpi_approval_change
from . import kpi_approval_change_words
from . import kpi_approval_guard
from . import kpi_guarded_mixin
from . import kpi_approval_change_proposing
from . import kpi_audit_log
from . import kpi_event
from . import kpi_timer
from . import kpi_user_link
from . import res_users
from . import resource_calendar_leaves
