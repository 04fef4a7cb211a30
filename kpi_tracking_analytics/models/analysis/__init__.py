"""What was last worked out of each KPI, what makes it stale, and what renews it."""

from . import kpi_trend_analysis
from . import kpi_predictive_analytics
from . import kpi_predictive_marks
from . import kpi_predictive_point
from . import kpi_predictive_total
from . import kpi_predictive_expected
from . import kpi_predictive_run
from . import kpi_predictive_questions
from . import kpi_predictive_plans
from . import kpi_event
from . import kpi_job
from . import kpi_timer
from . import kpi_report
from . import kpi_report_levels
