"""What months of benefits say: forecast, bridge, leaks, standing among others."""

from . import kpi_insight_mixin
from . import kpi_insight_forecast
from . import kpi_insight_variance
from . import kpi_insight_detection
from . import kpi_benefit_realization
from . import kpi_baseline
from . import kpi_benefit_history
from . import kpi_benefit_bridge
from . import kpi_benefit_target
from . import kpi_benefit_detection
from . import kpi_benefit_assumption
from . import kpi_benefit_rules
from . import kpi_initiative
from . import kpi_reference_class
from . import kpi_initiative_benchmark
from . import kpi_value_leakage
from . import kpi_initiative_leakage
