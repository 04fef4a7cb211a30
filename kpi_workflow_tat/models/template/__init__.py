"""Templates of requests: approval workflows with time for each level."""

from . import kpi_approval_workflow
from . import kpi_approval_level
from . import kpi_approval_workflow_reminder
from . import kpi_tat_template_version
