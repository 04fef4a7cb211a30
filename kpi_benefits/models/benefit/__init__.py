"""Benefits of initiatives: their plan month by month, what was realised, standing."""

from . import kpi_benefit_realization
from . import kpi_benefit_period
from . import kpi_benefit_period_plan
from . import kpi_benefit_plan
from . import kpi_benefit_totals
from . import kpi_benefit_status
from . import kpi_benefit_deletion
from . import kpi_initiative
from . import kpi_user_link
