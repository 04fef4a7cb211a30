"""Values that people enter: entries, due dates, reminders, approval, locked periods.

Writing them as facts is ``kpi.measurement._upsert``.
"""

from . import kpi_approval_approver
from . import kpi_approval_level
from . import kpi_approval_workflow
from . import kpi_definition_entry
from . import kpi_entry_due
from . import kpi_entry_due_reminder
from . import kpi_entry_duty
from . import kpi_event
from . import kpi_report_approval
from . import kpi_report_due
from . import kpi_report_entry
from . import kpi_report_entry_grid
from . import kpi_report_entry_grid_save
from . import kpi_report_entry_status
from . import kpi_report_lock
from . import kpi_report_unusual
from . import kpi_submission
from . import kpi_submission_approval
from . import kpi_submission_approvers
from . import kpi_submission_chatter
from . import kpi_submission_entry
from . import kpi_submission_exception
from . import kpi_submission_fact
from . import kpi_submission_workflow
from . import res_company
from . import res_config_settings
