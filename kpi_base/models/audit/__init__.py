"""The append-only log, its anchors, proofs and checks, and rows that are linked to it.

What is logged belongs to the addon whose records it is about.
"""

from . import kpi_audit_log
from . import kpi_audit_anchor
from . import kpi_audited_row_mixin
from . import kpi_audited_state_mixin
from . import kpi_timeline_mixin
