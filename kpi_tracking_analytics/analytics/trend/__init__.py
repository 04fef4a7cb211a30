"""Where KPIs are going: slope, season, levels, limits, streaks.

All of it works on matrices of shape (series, periods), float64, oldest first, NaN = no
data. Where a ``seams`` matrix is taken, it is true where values are computed otherwise
than those before; a step there is never learned as one of the KPI.
"""

from .levels import Limits, Shifts, find_shifts, level_seams, measure_limits
from .rows import ranks
from .runs import (
    compare_runs,
    measure_streaks,
    measure_volatility,
    pace_needed,
    percent_changes,
)
from .season import Season, find_season, remove_season
from .slope import Slope, judge_trend, measure_slope, rate_values
