"""Values that people enter: entries, due dates, reminders, approval, locked periods.

Writing them as facts is ``kpi.measurement._upsert``.
"""

from . import kpi_approval_approver
from . import kpi_entry_due
from . import kpi_entry_duty
from . import kpi_report_entry
from . import kpi_report_entry_grid
from . import kpi_submission
from . import kpi_submission_approval
