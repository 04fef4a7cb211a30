"""The whole analysis of KPIs that are read together: past, forecast, targets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_tracking.engine import zones
from odoo.addons.kpi_tracking.engine.series import Series
from odoo.addons.kpi_tracking.engine.targets import Targets

from .anomaly import Detection, Event, detect, leave_out, list_events
from .events import Effect, mark_one_off, plan
from .forecast import Forecast, NumberKind, forecast
from .forecast.detection import MOST_SCORE, NONE
from .forecast.result import take_rows
from .outlook import Outlook, adjust, look_ahead
from .summary import Past, Summary, summarise
from .trend import pace_needed
from .whole import Level, make_add_up

# Of fewer of a kind some more or less say nothing: 3 instead of 1 is no news.
FEW = 5
LEANING = 0.5  # of the width of the 80% limits: as far as from the middle to an end


@dataclass(frozen=True)
class Question:
    """What is asked of a ``Series``, beside its numbers; arrays of shape (KPIs,).

    :ivar today: local day of the calendar: what ends later is no history
    :ivar method: a key of :data:`.forecast.METHODS`
    :ivar season_length: periods of a season
    :ivar horizon: periods to forecast, the running one included
    :ivar kinds: :class:`.forecast.NumberKind`
    :ivar elapsed: share of the running period's working time that has passed
    :ivar days_left: its working days that are left
    :ivar dismissed: report id and first day of values that somebody called usual
    :ivar effects: events that people know of
    :ivar levels: KPIs that others add up to, the widest first
    :ivar holidays: shape (KPIs, periods): single days on which nobody works who usually
        would, so that no value of theirs is unusual; None for longer periods
    """

    grain: str
    today: date
    method: str
    season_length: int
    horizon: int
    directions: np.ndarray
    is_additive: np.ndarray
    kinds: np.ndarray
    elapsed: np.ndarray
    days_left: np.ndarray
    dismissed: Sequence[tuple[int, date]] = ()
    effects: Sequence[Effect] = ()
    levels: Sequence[Level] = ()
    holidays: np.ndarray | None = None

    def take(self, rows: Sequence[int], periods: slice) -> "Question":
        """The same of some KPIs, and some periods; of all KPIs with their levels."""
        names = ("directions", "is_additive", "kinds", "elapsed", "days_left")
        is_all = len(rows) == len(self.directions)
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in names},
            levels=self.levels if is_all else (),
            holidays=None if self.holidays is None else self.holidays[rows, periods],
        )


@dataclass(frozen=True)
class Analysed:
    """What came of a question.

    :ivar past_periods: the closed ones, which ``events`` count in
    :ivar events: runs of unusual periods
    :ivar left_out: shape (KPIs, past periods): unusual values not learned from
    :ivar leanings: of :func:`_find_leanings`
    :ivar coming: the running period and those after it, as many as were asked for
    :ivar statuses: shape (KPIs, horizon), texts: what is expected as it will be judged
    :ivar plain: shape (KPIs, horizon): forecasts without what is planned, where
        anything is; else NaN
    :ivar known_count: shape (KPIs,): closed periods that have a value
    :ivar pace: shape (KPIs,): what each working day left has to bring; NaN where a KPI
        does not add up, or has no target
    :ivar stake: shape (KPIs,): how far from its target, or its range, the running
        period will probably end; 0 where it reaches it, NaN without a target
    """

    question: Question
    past_periods: list[Period]
    events: list[Event]
    left_out: np.ndarray
    leanings: dict[int, tuple]
    coming: list[Period]
    summary: Summary
    forecast: Forecast
    outlook: Outlook
    statuses: np.ndarray
    plain: np.ndarray
    known_count: np.ndarray
    pace: np.ndarray
    stake: np.ndarray


def analyse(series: Series, question: Question) -> Analysed:
    """Trends of the closed periods, and forecasts of the others by their targets.

    :param series: with periods up to the end of the horizon, which have targets
    """
    past, taken = take_past(series, question)
    found = detect_unusual(series, question, past, taken)
    past = replace(past, errors=past.values - found.expected)
    plain = forecast_past(past, question, found)
    result, outlook, is_planned = look_on(series, question, plain, taken.stop)
    ahead = slice(taken.stop, taken.stop + question.horizon)
    targets = _take_targets(series, ahead)
    return Analysed(
        question,
        series.periods[taken],
        list_unusual(past.values, found),
        leave_out(past.values, found)[0],
        _find_leanings(series, question, past, taken, found),
        series.periods[ahead],
        summarise(past),
        result,
        outlook,
        zones.judge(
            outlook.achievements,
            outlook.mean,
            targets.is_five == 1,
            targets.thresholds,
        )[0],
        np.where(is_planned, plain.mean, np.nan),
        count_known(past),
        _find_pace(question, series.values[:, taken.stop], targets.target[:, 0]),
        measure_stake(outlook.mean[:, 0], targets, question.directions),
    )


def take_past(series: Series, question: Question) -> tuple[Past, slice]:
    """The closed periods, from the first one on in which any KPI has a value.

    :return: these without errors of forecasts, and where they are in ``series``
    """
    closed = sum(period.stop <= question.today for period in series.periods)
    known = (~np.isnan(series.values[:, :closed])).any(axis=0)
    taken = slice(int(np.argmax(known)) if known.any() else closed - 1, closed)
    values = series.values[:, taken]
    # Of a sum that is better when higher, zeros before its first other value say that
    # somebody or something had not begun, not how it went.
    has_begun = np.cumsum(np.nan_to_num(values) != 0, axis=1) > 0
    is_counted = question.is_additive & (question.directions == "higher")
    is_idle = is_counted[:, None] & ~has_begun & has_begun[:, -1:]
    return Past(
        question.grain,
        np.array([period.start.toordinal() for period in series.periods[taken]]),
        np.where(is_idle, np.nan, values),
        series.weights[:, taken],
        series.seams[:, taken] != "",
        series.statuses[:, taken],
        series.targets.low[:, taken],
        series.targets.high[:, taken],
        question.directions,
        question.is_additive,
        mark_one_off(question.effects, series.row_of, series.periods[taken]),
    ), taken


def count_known(past: Past) -> np.ndarray:
    """Of each KPI how many periods have a value."""
    return (~np.isnan(past.values)).sum(axis=1)


def forecast_past(past: Past, question: Question, found: Detection) -> Forecast:
    """Forecasts of the running period and those after it, without what is planned.

    :param found: of :func:`detect_unusual`
    """
    result = forecast(
        past.values,
        horizon=question.horizon,
        season_length=question.season_length,
        method=question.method,
        kinds=question.kinds,
        seams=past.seams,
        ignored=past.ignored,
        found=found,
    )
    return make_add_up(result, past.values, question.levels, question.season_length)


def _find_leanings(
    series: Series, question: Question, past: Past, taken: slice, found: Detection
) -> dict[int, tuple[date, float, date, float, float]]:
    """Forecasts that would leave their limits without the oddest value called usual.

    :return: row → first day and value of that period, first day of the period whose
        forecast it moves most, that forecast, and what it would be
    """
    dismissed = _mark_dismissed(series, question, taken)
    size = np.where(dismissed, np.abs(past.values - found.expected), np.nan)
    rows = np.flatnonzero((size > 0).any(axis=1))
    if not rows.size:
        return {}
    oddest = np.nanargmax(size[rows], axis=1)
    without = past.ignored[rows]
    without[np.arange(len(rows)), oddest] = True
    own = replace(past, values=past.values[rows], seams=past.seams[rows])
    mean, other = (
        forecast_past(
            replace(own, ignored=ignored),
            question.take(rows, taken),
            take_rows(found, rows),
        )
        for ignored in (past.ignored[rows], without)
    )
    moved = np.abs(mean.mean - other.mean) / (other.high_80 - other.low_80)
    moved = np.nan_to_num(moved)
    starts = [period.start for period in series.periods[taken.start :]]
    leanings = {}
    for at in np.flatnonzero((moved > LEANING).any(axis=1)).tolist():
        place, odd = int(moved[at].argmax()), int(oddest[at])
        numbers = own.values[at, odd], mean.mean[at, place], other.mean[at, place]
        value, *expected = map(float, numbers)
        changed = starts[own.values.shape[1] + place]
        leanings[int(rows[at])] = starts[odd], value, changed, *expected
    return leanings


def look_on(
    series: Series, question: Question, plain: Forecast, closed: int
) -> tuple[Forecast, Outlook, np.ndarray]:
    """Forecasts with what is planned, and with what the running period has come to.

    :param plain: of :func:`forecast_past`
    :param closed: number of the periods that have closed
    :return: the forecasts, what is to be expected, and where something is planned
    """
    ahead = slice(closed, closed + question.horizon)
    planned = plan(
        question.effects, series.row_of, series.periods[ahead], question.is_additive
    )
    result = adjust(plain, *planned)
    outlook = look_ahead(
        result,
        series.values[:, closed],
        question.elapsed,
        question.is_additive,
        _take_targets(series, ahead),
        group_rows(question.directions),
    )
    return result, outlook, (planned[0] != 1) | (planned[1] != 0)


def _take_targets(series: Series, taken: slice) -> Targets:
    return Targets(*(column[:, taken] for column in series.targets.columns))


def detect_unusual(
    series: Series, question: Question, past: Past, taken: slice
) -> Detection:
    """What is unusual of the closed periods of :func:`take_past`."""
    skipped = past.ignored
    if question.holidays is not None:
        skipped = skipped | question.holidays[:, taken]
    found = detect(
        past.values,
        season_length=question.season_length,
        seams=past.seams,
        skipped=skipped,
        dismissed=_mark_dismissed(series, question, taken),
    )
    return pass_over_few(past.values, found, question.kinds)


def pass_over_few(values: np.ndarray, found: Detection, kinds: np.ndarray) -> Detection:
    """Call nothing odd of counts that were small, and were expected to be.

    :param values: those that were searched, shape (KPIs, periods)
    :param kinds: shape (KPIs,): :class:`.forecast.NumberKind`
    """
    is_count = (np.asarray(kinds) == NumberKind.COUNT)[:, None]
    is_few = is_count & (values < FEW) & (found.expected < FEW)
    return replace(found, kind=np.where(is_few, NONE, found.kind))


def _mark_dismissed(series: Series, question: Question, taken: slice) -> np.ndarray:
    """Closed periods whose value somebody called usual; shape (KPIs, past periods)."""
    dismissed = mark_one_off(
        question.effects, series.row_of, series.periods[taken], "real"
    )
    for report_id, day in question.dismissed:
        column = series.index_of.get(day, -1) - taken.start
        if report_id in series.row_of and 0 <= column < dismissed.shape[1]:
            dismissed[series.row_of[report_id], column] = True
    return dismissed


def list_unusual(values: np.ndarray, found: Detection) -> list[Event]:
    """Runs of unusual values; periods are counted in ``values``."""
    events = list_events(values, found)
    # Of a KPI that had always been the same only the first change is unusual: nobody
    # knows yet how much it changes usually.
    first: dict[int, Event] = {}
    return [
        event
        for event in events
        if event.score is None
        or abs(event.score) < MOST_SCORE
        or first.setdefault(event.row, event) is event
    ]


def measure_stake(
    mean: np.ndarray, targets: Targets, directions: np.ndarray
) -> np.ndarray:
    """How far values are from their targets, or outside of their ranges.

    :param mean: values, shape (KPIs,)
    :param targets: shape (KPIs, periods), of which the first counts
    :return: shape (KPIs,), from 0 on; NaN without a value or a target
    """
    target = targets.target[:, 0]
    outside = np.fmax(targets.low[:, 0] - mean, mean - targets.high[:, 0])
    missing = np.where(directions == "lower", mean - target, target - mean)
    return np.maximum(np.where(directions == "range", outside, missing), 0.0)


def _find_pace(
    question: Question, so_far: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """What each working day left has to bring, of KPIs that add up."""
    pace = np.full(len(target), np.nan)
    for direction in ("higher", "lower"):
        rows = question.is_additive & (question.directions == direction)
        known = np.where(np.isnan(so_far), 0.0, so_far)
        pace[rows] = pace_needed(
            known[rows], target[rows], question.days_left[rows], direction
        )
    return pace


def group_rows(directions: np.ndarray) -> dict[str, list[int]]:
    """Direction → rows of the KPIs."""
    return {
        str(direction): np.flatnonzero(directions == direction).tolist()
        for direction in np.unique(directions)
    }
