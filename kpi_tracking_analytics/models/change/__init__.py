"""Why a KPI moved: the parts of a change between two of its periods."""

from . import kpi_report_change
from . import kpi_report_change_sums
from . import kpi_report_change_scopes
from . import kpi_report_change_averages
from . import kpi_report_change_inputs
from . import kpi_report_change_texts
from . import kpi_report_change_screen
