"""Views of the database that other programs query, and models on them."""

from . import kpi_baseline_measurement
