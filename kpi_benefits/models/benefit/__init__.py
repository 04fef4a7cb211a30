"""Benefits of initiatives: their plan month by month, what was realised, standing."""

from . import kpi_benefit_realization
from . import kpi_benefit_period
