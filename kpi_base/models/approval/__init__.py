"""One way to approve: who is asked about a document, who decides, what follows.

The rules themselves are pure Python, in ``engine/approval.py``.
"""

from . import kpi_approval_workflow
from . import kpi_approval_level
from . import kpi_approval_approver
from . import kpi_approval_delay_reason
from . import kpi_approval_delegation
from . import kpi_approval_step
from . import kpi_approval_item
from . import kpi_approval_link
from . import kpi_approval_resolver
from . import kpi_approval_mixin
from . import kpi_approval_content
from . import kpi_approval_change
from . import kpi_guarded_mixin
from . import ir_http
