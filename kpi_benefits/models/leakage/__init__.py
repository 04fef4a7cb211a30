"""Value that leaks from benefits: found, explained, mitigated, recovered."""

from . import kpi_value_leakage
from . import kpi_value_leakage_status
from . import kpi_value_leakage_finding
from . import kpi_benefit_realization
from . import kpi_initiative
