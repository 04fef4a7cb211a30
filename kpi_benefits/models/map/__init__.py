"""Map of benefits: what enables them, what they need, which objectives they bring."""

from . import kpi_benefit_node
from . import kpi_benefit_link
from . import kpi_benefit_map
