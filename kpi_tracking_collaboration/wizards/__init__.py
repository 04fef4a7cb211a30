from . import kpi_explanation
from . import kpi_review_minutes
