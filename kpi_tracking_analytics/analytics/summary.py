"""What the past of many KPIs says in a few numbers each."""

from dataclasses import dataclass

import numpy as np

from .trend import (
    Season,
    Slope,
    compare_runs,
    find_season,
    find_shifts,
    judge_trend,
    measure_limits,
    measure_slope,
    measure_streaks,
    measure_volatility,
    percent_changes,
    rate_values,
    remove_season,
)

# grain → periods of the seasons looked for, and of the two runs of the trend over 7 and
# over 30 days; None: the grain is too long for that
SEASONS = {"day": (7,), "week": (52,), "month": (12, 3), "quarter": (4,), "year": ()}
RUNS = {"day": (7, 30), "week": (None, 4)}
PERIODS = 3  # of the trend that every KPI has
OFF_TARGET, ON_TARGET = {"off_target", "at_risk"}, "on_target"


@dataclass(frozen=True)
class Past:
    """Closed periods of KPIs of one grain and calendar; shape (KPIs, periods).

    :ivar days: shape (periods,): first day of each period, as an ordinal
    :ivar values: in the unit of the KPI; NaN = no data
    :ivar weights: of averages; NaN = 1
    :ivar seams: where values are computed otherwise than those before
    :ivar statuses: texts, as a ``Series`` has them
    :ivar range_low, range_high: ends of the ranges; NaN = none
    :ivar directions: shape (KPIs,), texts
    :ivar is_additive: shape (KPIs,)
    :ivar ignored: one-off events, which nothing is learned from
    :ivar errors: values less what was forecast one period before; None = not asked for
    """

    grain: str
    days: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    seams: np.ndarray
    statuses: np.ndarray
    range_low: np.ndarray
    range_high: np.ndarray
    directions: np.ndarray
    is_additive: np.ndarray
    ignored: np.ndarray
    errors: np.ndarray | None = None


@dataclass(frozen=True)
class Summary:
    """Arrays of shape (KPIs,); NaN = too little is known.

    :ivar change_7_days, change_30_days, change_periods: percent: the last 7 days, 30
        days (4 weeks), 3 periods against as many before
    :ivar latest_periods, earlier_periods: what the last 3 periods and the 3 before came
        to, in the unit of the KPI
    :ivar velocity: slope a day, in the unit of the KPI, without the season
    :ivar velocity_low, velocity_high: its 95% interval
    :ivar course: 1 = surely better, −1 = surely worse, 0 = neither
    :ivar season: periods of a season; 1 = none
    :ivar season_strength: 0 to 1
    :ivar volatility: robust deviation of one-step errors by the median size
    :ivar shift: index of the period in which the latest level began; −1 = none
    :ivar shift_size: what the level moved by there
    :ivar streak: judged periods in a row on target; below 0: off it
    :ivar limit_low, limit_high: natural limits of an XmR chart
    """

    change_7_days: np.ndarray
    change_30_days: np.ndarray
    change_periods: np.ndarray
    latest_periods: np.ndarray
    earlier_periods: np.ndarray
    velocity: np.ndarray
    velocity_low: np.ndarray
    velocity_high: np.ndarray
    course: np.ndarray
    season: np.ndarray
    season_strength: np.ndarray
    volatility: np.ndarray
    shift: np.ndarray
    shift_size: np.ndarray
    streak: np.ndarray
    limit_low: np.ndarray
    limit_high: np.ndarray


def summarise(past: Past) -> Summary:
    """Trends, season, level, streak and limits of every KPI; needs the errors."""
    learned, season, free, slope = _measure_course(past)
    limits = measure_limits(learned, past.seams)
    latest, size = _latest_shift(free, past.seams)
    seven, thirty = RUNS.get(past.grain, (None, None))
    return Summary(
        _change(past, seven),
        _change(past, thirty),
        _change(past, PERIODS),
        *_compare_runs(past, PERIODS),
        slope.per_day,
        slope.low,
        slope.high,
        _judge_course(past, free, slope),
        season.period,
        season.strength,
        measure_volatility(past.values, past.errors),
        latest,
        size,
        _measure_streak(past.statuses),
        limits.low,
        limits.high,
    )


def find_course(past: Past) -> tuple[np.ndarray, np.ndarray]:
    """Of every KPI ``course`` and ``change_periods``, as :func:`summarise` has them."""
    *_rest, free, slope = _measure_course(past)
    return _judge_course(past, free, slope), _change(past, PERIODS)


def _measure_course(past: Past) -> tuple[np.ndarray, Season, np.ndarray, Slope]:
    """What is learned from, its season, values without that, and their slope."""
    learned = np.where(past.ignored, np.nan, past.values)
    season = find_season(learned, SEASONS[past.grain], past.seams)
    free = remove_season(learned, season)
    return learned, season, free, measure_slope(free, past.days, past.seams)


def _change(past: Past, count: int | None) -> np.ndarray:
    """Percent of the last ``count`` periods against as many before."""
    return percent_changes(*_compare_runs(past, count))


def _compare_runs(past: Past, count: int | None) -> np.ndarray:
    """The last ``count`` periods, and as many before; shape (2, KPIs)."""
    if count is None or past.values.shape[1] < 2 * count:
        return np.full((2, len(past.values)), np.nan)
    # two runs end with the last period; more is not needed
    last = [array[:, -2 * count :] for array in (past.values, past.weights, past.seams)]
    now, before = compare_runs(last[0], count, past.is_additive, last[1], last[2])
    return np.array([now[:, -1], before[:, -1]])


def _judge_course(past: Past, free: np.ndarray, slope) -> np.ndarray:
    course = np.zeros(len(free), int)
    for direction in np.unique(past.directions):
        rows = past.directions == direction
        if direction == "range":
            ends = past.range_low[rows], past.range_high[rows]
            rated = rate_values(past.values[rows], *ends)
            own = measure_slope(rated, past.days, past.seams[rows])
            course[rows] = judge_trend(own, "range")
        else:
            course[rows] = judge_trend(slope, str(direction))[rows]
    return course


def _latest_shift(free: np.ndarray, seams: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index and size of the latest shift of level; −1 and NaN where there is none."""
    shifts = find_shifts(free, seams)
    count = free.shape[1]
    has_one = shifts.is_start.any(axis=1)
    last = count - 1 - np.argmax(shifts.is_start[:, ::-1], axis=1)
    size = shifts.sizes[np.arange(len(free)), last] if count else np.zeros(len(free))
    return np.where(has_one, last, -1), np.where(has_one, size, np.nan)


def _measure_streak(statuses: np.ndarray) -> np.ndarray:
    if not statuses.shape[1]:
        return np.zeros(len(statuses), int)
    is_judged = [statuses == ON_TARGET, np.isin(statuses, list(OFF_TARGET))]
    return measure_streaks(np.select(is_judged, [1.0, 0.0], np.nan))[:, -1]
