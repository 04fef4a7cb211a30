"""Value that leaks from benefits: found, explained, mitigated, recovered."""

from . import kpi_value_leakage
