"""Odd values of KPIs by month, week or day, found without looking ahead."""

from dataclasses import dataclass, replace

import numpy as np

from ..trend.rows import median, trailing_mean
from .history import read_marks
from .intermittent import is_intermittent
from .limits import ROUNDING, measure_falls, measure_margins
from .one_step import one_step
from .result import take_rows
from .runs import SHIFT_RUN, Runs, follow_runs, hide_learned, is_settling, without_runs

RATE = 1 / 200  # false alarms among the values judged
SINGLE = 0.12  # of them by a value alone; the others by three together
MEAN_OF = 24  # periods whose mean is tried as a forecast
ROUNDS = 3  # with what is odd, with its level, and without both
KINDS = ("", "spike", "level_shift", "gap")
NONE, SPIKE, LEVEL_SHIFT, GAP = range(4)
STEADY = 12  # values in a row after which a missing one is odd
STEADY_CYCLES = 3  # the same at one position of the season
MOST_SCORE = 999.0
YOUNG = 6, 24  # values of a young series: at least, and those that are looked back on
# A value apart from all others: times the median, and times as far from it as the next
# one: by logarithms and by distance; by distance where signs differ; more of so few
FACTOR, GAP_RATIO, GAP_SIGNED, GAP_AWAY, GAP_COUNT = 5.0, 2.0, 1.5, 4.0, 9


@dataclass(frozen=True)
class Detection:
    """Odd values; arrays of shape (series, periods).

    :ivar kind: place in :data:`KINDS`; 0 = nothing odd. A spike is called a level shift
        from its third period on
    :ivar expected: forecast by the periods before; NaN = too few
    :ivar margin: distance from it that is still usual; NaN = not judged
    :ivar score: distance in multiples of the margin, with its sign; above 1 it is odd;
        at most :data:`MOST_SCORE`
    """

    kind: np.ndarray
    expected: np.ndarray
    margin: np.ndarray
    score: np.ndarray


@dataclass(frozen=True)
class Marks:
    """What is known of periods; arrays of shape (series, periods), bool.

    :ivar seams: values are computed otherwise than those before
    :ivar skipped: known events, such as holidays: not judged, nor learned from
    :ivar dismissed: somebody confirmed that the value is usual
    """

    seams: np.ndarray
    skipped: np.ndarray
    dismissed: np.ndarray


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # beyond 1e308
def detect(
    values: np.ndarray,
    *,
    season_length: int = 1,
    rate: float = RATE,
    seams: np.ndarray | None = None,
    skipped: np.ndarray | None = None,
    dismissed: np.ndarray | None = None,
) -> Detection:
    """Find values that are further from their forecasts than chance would have them.

    So are three values in a row whose mean is, though none of them: a new level. Both
    are told by the residuals of the series itself.

    Nothing is learned from odd values, so a spike does not make the next period odd;
    after the third one in a row the new level is learned. No period's result depends on
    a later one, but one of the first two dozen that is apart from all others is odd,
    too: margins need errors before. A value at a change of the definition is never odd
    by its margin, nor are the two after it, which tell the new level. A dismissed value
    widens the margin at its position of the season from the next one on.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param season_length: periods of a season; 1 = none
    :param rate: false alarms among the values judged, above 0 and below ½
    :raises ValueError: ``rate`` or ``season_length`` is out of bounds
    """
    if not 0 < rate < 0.5:
        raise ValueError(f"rate must be between 0 and 0.5, got {rate}")
    values = np.asarray(values, float)
    marks = Marks(*(read_marks(mark, values) for mark in (seams, skipped, dismissed)))
    apart, middle, reach = _look_back(values, marks)
    marks = replace(marks, skipped=marks.skipped | apart)
    runs = without_runs(values, marks.seams)
    expected, margin = np.full((2, *values.shape), np.nan)
    rows = np.arange(len(values))
    for _round in range(ROUNDS):
        before, known = take_rows(runs, rows), take_rows(marks, rows)
        judged = _judge(values[rows], before, known, season_length, rate)
        expected[rows], margin[rows], after = judged
        for old, new in zip(vars(runs).values(), vars(after).values(), strict=True):
            old[rows] = new
        # Where nothing else is odd now the next round would find the same.
        is_other = (after.length != before.length) | (after.offset != before.offset)
        is_other |= after.since_seam != before.since_seam
        rows = rows[is_other.any(axis=1)]
    runs.length[apart] = 1
    expected = np.where(apart, middle, expected)
    margin = np.where(apart, reach, margin)
    return _conclude(values, expected, margin, runs, marks, season_length)


def leave_out(values: np.ndarray, found: Detection) -> tuple[np.ndarray, np.ndarray]:
    """What nothing is learned from: odd values that no new level has followed.

    The third in a row on one side is a level, which the first two are of, too: nobody
    knew that before. Of a series that had always been the same only the first change
    is left out, as nobody knows how much it changes usually; and nothing of one that
    is often 0, whose rare values are what there is to learn.

    :param values: those that were searched, shape (series, periods)
    :return: shape (series, periods), bool: odd values to leave out at the end of the
        last period; and periods at whose end values of a later level were left out
    """
    is_spike = found.kind == SPIKE
    side = np.sign(found.score)
    changed = np.where(is_spike & (np.abs(found.score) >= MOST_SCORE), side, 0.0)
    changes = (changed != 0) & (np.diff(changed, axis=1, prepend=0.0) != 0)
    is_spike &= (changed == 0) | (np.cumsum(changes, axis=1) == 1)
    is_spike &= ~is_intermittent(values)[:, -1:]
    waits = np.zeros(is_spike.shape, bool)
    level = np.zeros(len(side))  # side of the level that the next values are of
    for period in reversed(range(side.shape[1])):
        is_level = found.kind[:, period] == LEVEL_SHIFT
        waits[:, period] = is_spike[:, period] & (side[:, period] == level)
        goes_on = waits[:, period] | np.isnan(side[:, period])
        level = np.where(is_level, side[:, period], np.where(goes_on, level, 0.0))
    left_out = is_spike & ~waits
    for period in range(1, side.shape[1]):
        waits[:, period] |= waits[:, period - 1] & np.isnan(side[:, period])
    return left_out, waits


def _look_back(
    values: np.ndarray, marks: Marks
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of young series, and of new definitions, that are apart from all others.

    The gap beside one value is compared with what all others span (Dixon 1950, Annals
    of Mathematical Statistics 21, 488–506), from the median on. Of values of one sign
    it is that of their logarithms, too, in which growth is even and a season small.

    :return: where they are, shape (series, periods); medians, and how far others are
        from it, shape (series, 1)
    """
    is_old = np.cumsum(marks.seams[:, ::-1], axis=1)[:, ::-1] > marks.seams
    is_seen = np.isfinite(values) & ~marks.skipped & ~is_old
    count = np.cumsum(is_seen, axis=1)
    seen = np.where(is_seen & (count <= YOUNG[1]), values, np.nan)
    middle = median(seen)[:, None]
    ratio, away = seen / middle, np.abs(seen - middle)
    is_signed = ~(ratio <= 0).any(axis=1, keepdims=True)
    sizes = np.where(is_signed, np.abs(np.log(ratio)), away)
    reach, next_size = (
        np.sort(np.pad(np.nan_to_num(each), ((0, 0), (2, 0))))[:, -2:-1]
        for each in (away, sizes)
    )
    known = count[:, -1:]
    gap = np.where(is_signed, GAP_RATIO, GAP_AWAY) * np.fmax(1, GAP_COUNT / known)
    apart = (sizes > gap * next_size) & (away > GAP_SIGNED * reach)
    apart &= ~((ratio < FACTOR) & (ratio > 1 / FACTOR)) & (known >= YOUNG[0])
    apart &= ~is_intermittent(values)[:, -1:]
    return apart & ~marks.dismissed, middle, reach


def _forecast_best(values: np.ndarray, season_length: int) -> np.ndarray:
    """Automatic forecasts, or the mean of two years where that has been nearer so far.

    Where values are all chance it is, and a new level shows: the automatic forecasts
    begin to follow it with its first value.
    """
    if not values.size:
        return values
    automatic = one_step(values, season_length=season_length)
    mean = np.full(values.shape, np.nan)
    mean[:, 1:] = trailing_mean(values, MEAN_OF)[:, :-1]
    gained = np.nan_to_num(np.abs(values - automatic) - np.abs(values - mean))
    is_nearer = np.cumsum(gained, axis=1) - gained > 0
    return np.where(is_nearer & ~np.isnan(mean), mean, automatic)


def _judge(
    values: np.ndarray,
    runs: Runs,
    marks: Marks,
    season_length: int,
    rate: float,
) -> tuple[np.ndarray, np.ndarray, Runs]:
    """Forecasts, margins around them, NaN where nothing is judged, and runs beyond.

    Only the first error of a run, as of the round before, is learned from: without it
    margins would shrink with each odd value, with all of them they would give way.
    """
    # By the values as they would be on the first level, moved to theirs.
    before = np.zeros(values.shape)
    before[:, 1:] = runs.offset[:, :-1]
    unseen = hide_learned(runs, marks.seams) | marks.skipped
    learned = np.where(unseen | marks.dismissed, np.nan, values - runs.offset)
    expected = _forecast_best(learned, season_length) + before
    expected = np.where(np.isfinite(expected), expected, np.nan)
    errors = values - expected
    errors[marks.skipped | ~np.isfinite(errors)] = np.nan
    unlearned = (runs.length > 1) | is_settling(runs, marks.seams) | marks.dismissed
    margin = measure_margins(
        np.where(unlearned, np.nan, errors),
        np.where(marks.dismissed, np.abs(errors), np.nan),
        ROUNDING * np.abs(expected),
        season_length,
        SINGLE * rate,
    )
    seen = np.where(unseen, np.nan, values)
    usual = np.where(unlearned | (runs.length > 0), np.nan, errors)
    falls = measure_falls(seen, usual, errors, rate)
    margin = np.where(values == 0, np.fmin(margin, falls), margin)
    margin[is_settling(runs, marks.seams) | np.isnan(errors)] = np.nan
    is_odd = np.abs(errors) > margin
    return expected, margin, follow_runs(is_odd, errors, marks.seams, margin)


def _conclude(
    values: np.ndarray,
    expected: np.ndarray,
    margin: np.ndarray,
    runs: Runs,
    marks: Marks,
    season_length: int,
) -> Detection:
    is_odd = (runs.length > 0) & ~marks.dismissed
    kind = np.where(is_odd, SPIKE, NONE)
    kind[is_odd & (runs.length >= SHIFT_RUN)] = LEVEL_SHIFT
    kind[_find_gaps(values, marks, season_length)] = GAP
    # Of values that are odd together their mean is told.
    is_together = ~np.isnan(runs.mean)
    margin = np.where(is_together, runs.limit, margin)
    expected = np.where(is_together, values - runs.mean, expected)
    error = values - expected
    score = error / margin
    score = np.where((error == 0) & (margin == 0), 0.0, score)
    return Detection(kind, expected, margin, np.clip(score, -MOST_SCORE, MOST_SCORE))


def _find_gaps(values: np.ndarray, marks: Marks, season_length: int) -> np.ndarray:
    """Where a value lacks that was always there, up to the next one that is."""
    is_known = ~np.isnan(values) | marks.skipped | marks.dismissed
    is_steady = _was_always(is_known, STEADY, 1)
    if season_length > 1:
        is_steady |= _was_always(is_known, STEADY_CYCLES, season_length)
    place = np.arange(values.shape[1])
    is_start = ~is_known & is_steady
    # A gap goes on where a period of it lacks that is usually there or just followed.
    last_start = np.maximum.accumulate(np.where(is_start, place, -1), axis=1)
    last_known = np.maximum.accumulate(np.where(is_known, place, -1), axis=1)
    return ~is_known & (last_start > last_known)


def _was_always(is_known: np.ndarray, count: int, step: int) -> np.ndarray:
    """Whether the last ``count`` periods before, ``step`` apart, were all known."""
    result = np.ones(is_known.shape, bool)
    for back in range(step, count * step + 1, step):
        result[:, :back] = False
        result[:, back:] &= is_known[:, :-back]
    return result
