"""Why a KPI moved: the parts of a change between two of its periods."""

from . import kpi_explanation
