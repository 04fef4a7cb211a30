"""KPIs of initiatives: baselines, targets, shares, and benefits measured by them."""

from . import kpi_baseline
from . import kpi_baseline_warnings
from . import kpi_event
