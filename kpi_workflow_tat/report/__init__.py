"""The views that queries from outside read, and the same rows as Odoo models."""

from . import kpi_tat_view
from . import kpi_tat_request_volume
from . import kpi_tat_compliance
from . import kpi_tat_approver_performance
from . import kpi_tat_alert_summary
from . import kpi_tat_department_summary
from . import kpi_tat_daily_metrics
from . import kpi_tat_workflow_aging
from . import kpi_tat_engagement
from . import kpi_tat_lifecycle
from . import kpi_tat_report_schedule
from . import kpi_tat_approval_times
from . import kpi_tat_approval_times_sections
