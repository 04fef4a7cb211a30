"""Where a KPI is used: what follows when it changes or goes."""

from . import kpi_use_link
from . import kpi_definition
