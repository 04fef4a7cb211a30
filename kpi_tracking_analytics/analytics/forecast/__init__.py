"""Forecasts of KPIs with intervals, probabilities and how far to trust them.

Pure code over matrices of all series; see :mod:`.forecasts` for the entry points.
"""

from .automatic import TOO_SHORT
from .forecasts import forecast
from .methods import METHODS
from .one_step import one_step
from .result import Forecast, NumberKind
