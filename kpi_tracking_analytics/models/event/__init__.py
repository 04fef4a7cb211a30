"""Events that forecasts know of: notes that say what was, or will be, special."""

from . import kpi_annotation
