from . import kpi_report_group
from . import kpi_report_group_access
from . import kpi_report_group_current
from . import kpi_report_group_display
from . import kpi_report_group_history
from . import kpi_report_group_line
from . import kpi_report_scorecards
