"""Where KPIs are going: slope, season, levels, limits, streaks.

All of it works on matrices of shape (series, periods), float64, oldest first, NaN = no
data. Where a ``seams`` matrix is taken, it is true where values are computed otherwise
than those before; a step there is never learned as one of the KPI.
"""

from .conditions import (
    judge_trend,
    measure_trend,
    pace_needed,
    rate_values,
    seasonal_z,
)
from .control import Limits, find_nelson, measure_limits
from .levels import Shifts, find_shifts, level_seams
from .runs import (
    compare_runs,
    measure_streaks,
    measure_volatility,
    percent_changes,
)
from .season import Season, find_season, remove_season
from .slope import Slope, measure_slope

__all__ = [
    "Limits",
    "Season",
    "Shifts",
    "Slope",
    "compare_runs",
    "find_nelson",
    "find_season",
    "find_shifts",
    "judge_trend",
    "level_seams",
    "measure_limits",
    "measure_slope",
    "measure_streaks",
    "measure_trend",
    "measure_volatility",
    "pace_needed",
    "percent_changes",
    "rate_values",
    "remove_season",
    "seasonal_z",
]
