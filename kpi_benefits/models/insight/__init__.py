"""What months of benefits say: forecast, bridge, leaks, standing among others."""

from . import kpi_insight_mixin
from . import kpi_benefit_realization
from . import kpi_initiative_benchmark
