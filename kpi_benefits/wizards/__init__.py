from . import kpi_benefit_assumption_check
from . import kpi_initiative_kpi
from . import kpi_review_feedback_wizard
from . import kpi_review_publication
