"""Confidence in benefits: scores over time, what they are worth, how good they were."""

from . import kpi_benefit_confidence
from . import kpi_benefit_calibration
