"""What follows from measured times: the risk that open levels become overdue."""

from . import kpi_tat_risk
from . import kpi_tat_risk_learning
from . import kpi_tat_level
