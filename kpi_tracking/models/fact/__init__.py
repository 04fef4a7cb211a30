"""Values per KPI and period (``kpi.measurement``), values before, and their parts.

Facts are written by ``kpi.measurement._upsert`` alone; ``kpi.event`` listens to it.
"""

from . import kpi_unit_mixin
from . import kpi_measurement
from . import kpi_measurement_breakdown
