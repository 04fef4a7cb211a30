"""How far from its forecast a value may be: limits by the errors of the past.

A tail is drawn through the errors of a KPI, of which there are few: see
:mod:`odoo.addons.kpi_tracking.engine.tail`. Streams have enough for conformal limits:
the quantile of what was seen before holds for the next one whatever the distribution
(Vovk, Gammerman & Shafer 2005, "Algorithmic Learning in a Random World"; for errors in
a moving window Gibbs & Candès 2021, NeurIPS 34).
"""

import math

import numpy as np

from odoo.addons.kpi_tracking.engine.tail import tail_threshold

DISCOUNT = 0.97  # of the size of an error by each one that follows
PRIOR = 6.0  # errors of all seasons that those of one are averaged with
CAP = 5.0  # usual errors: a larger one counts as so many, so that none rules for long
MOST_SCORE = 8.0  # the same where the tail is drawn
MOST_RARE = 0.7  # of its margin: an odd value counts as so much if others are long ago
LEAST_ERRORS = 3  # before an error can be called large
LEAST_SCORES = 8  # before there is a limit
RARE_SIDE = 0.35  # of the errors: a side that has fewer has a tail of its own
LEAST_WINDOW, WINDOW = 24, 64  # errors that a tail is drawn through
MOST_ABOVE = 0.25  # of all errors are above the quantile that one is drawn on from
RISE = 1.2  # of the margins with each alarm
LEAST_BAR, MOST_BAR = 0.8, 4.0
ROUNDING = 1e-9  # of the size of a forecast: smaller errors are none
WIDER = 1.05  # than an error that was called usual


def measure_margins(
    errors: np.ndarray,
    usual: np.ndarray,
    floors: np.ndarray,
    season_length: int,
    rate: float,
) -> np.ndarray:
    """Margins around the forecasts that one of 1 / ``rate`` values leaves by chance.

    Errors count beside the mean size of those before, at the same position of the
    season as far as there are enough of them. Where errors on one side of the forecast
    are rare, as those of values that are seldom above 0, that side has a tail of its
    own if it is longer. Each margin is drawn from the errors of earlier periods alone.

    :param errors: values less forecasts, shape (series, periods); NaN = none, or
        nothing to learn from
    :param usual: same shape: sizes of errors that were confirmed as usual; NaN
        elsewhere
    :param floors: same shape: smallest margins
    :param season_length: periods of a season; 1 = none
    :return: same shape, in the unit of the errors; NaN where too little is known
    """
    series, periods = errors.shape
    sizes = _Sizes(series, season_length)
    scores = np.full((series, periods), np.nan)
    margins = np.full((series, periods), np.nan)
    widest = np.full((season_length, series), np.nan)
    bar = np.ones(series)
    order = np.cumsum(~np.isnan(errors), axis=1)
    sides = np.sign(errors)
    for period in range(periods):
        position = period % season_length
        size = sizes.at(position)
        start = max(0, period - WINDOW)
        # In its first season a forecast errs as it will not again.
        first = np.minimum(season_length, order[:, period - 1 : period] - LEAST_WINDOW)
        is_usable = order[:, start:period] > first
        before = np.where(is_usable, scores[:, start:period], np.nan)
        drawn = tail_threshold(before, rate, LEAST_SCORES) * size
        is_same = sides[:, start:period] == sides[:, period : period + 1]
        same = np.where(is_same, before, np.nan)
        count = (~np.isnan(before)).sum(axis=1)
        share = (~np.isnan(same)).sum(axis=1) / np.maximum(count, 1)
        rare = (share > 0) & (share < RARE_SIDE)
        own = np.minimum(rate / share[rare], 0.5)
        own = tail_threshold(same[rare], own, LEAST_ERRORS) * size[rare]
        drawn[rare] = np.fmax(drawn[rare], own)
        margin = np.maximum(drawn, floors[:, period])  # NaN stays
        margin = np.fmax(bar * margin, WIDER * widest[position])
        error = np.abs(errors[:, period])
        margins[:, period] = margin
        # One odd value says little of the tail; that they come often does.
        is_rare = (drawn > 0) & (bar <= 1)
        learned = np.where(is_rare, np.fmin(error, MOST_RARE * margin), error)
        score = np.minimum(learned / size, MOST_SCORE)
        score[size == 0] = np.where(error == 0, 0.0, np.nan)[size == 0]
        scores[:, period] = score
        bar = next_bar(bar, error > margin, ~np.isnan(error - margin), rate)
        sizes.learn(error, position)
        widest[position] = np.fmax(widest[position], usual[:, period])
    return margins


def measure_falls(
    values: np.ndarray, usual: np.ndarray, errors: np.ndarray, rate: float
) -> np.ndarray:
    """Margins of a 0 where every value before was above it, however much they vary.

    A sum of events is 0 where none comes. As many equal ones as make it vary like it
    does are (forecast / deviation)², so e to the power of less that is the chance of a
    0; events of several sizes are more. The fall itself is one of the errors that tell
    the deviation, so that few of them say little.

    :param values: shape (series, periods); NaN = none, or nothing to learn from
    :param usual, errors: to learn from, and to judge, same shape; NaN = none
    :return: same shape; NaN where a value before was 0 or below
    """
    squares = np.nan_to_num(usual) ** 2
    count = np.cumsum(~np.isnan(usual), axis=1) - ~np.isnan(usual)
    variance = (np.cumsum(squares, axis=1) - squares + errors**2) / (count + 1)
    least = np.fmin.accumulate(np.where(values > 0, np.nan, values), axis=1)
    was_above = np.isnan(np.roll(least, 1, axis=1))
    return np.where(was_above, np.sqrt(math.log(1 / rate) * variance), np.nan)


def next_bar(
    bar: np.ndarray, is_alarm: np.ndarray, is_judged: np.ndarray, rate: float
) -> np.ndarray:
    """Factor of the margins after a period: up by an alarm, down by each judged value.

    Where alarms come at the wanted rate it stays; where they come more often it grows
    until they do not. It lies between :data:`LEAST_BAR` and :data:`MOST_BAR`.
    """
    moved = bar * np.where(is_alarm, RISE, 1.0) * np.where(is_judged, RISE**-rate, 1.0)
    return np.clip(moved, LEAST_BAR, MOST_BAR)


def tail_quantile(
    scores: np.ndarray, rate: float, least: int, above: int, tail: float
) -> np.ndarray:
    """Size that one of 1 / ``rate`` scores exceeds, by those of each row.

    With n scores the one of rank ⌈(n + 1)(1 − rate)⌉ where at least ``above`` of them
    are larger; else the largest quantile of which so many are, drawn on as an
    exponential tail to the power ``tail``.

    :param scores: shape (rows, scores), at least 0; NaN = none
    :return: shape (rows,); NaN for less than ``least`` scores
    """
    count = (~np.isnan(scores)).sum(axis=1)
    enough = count >= max(least, 1)
    if not enough.any():
        return np.full(len(scores), np.nan)
    share = np.clip(above / np.maximum(count, 1), rate, max(MOST_ABOVE, rate))
    rank = np.ceil((count + 1) * (1 - share)).astype(int)
    rank = np.clip(rank, 1, np.maximum(count, 1)) - 1
    ordered = np.sort(scores, axis=1)  # NaN comes last
    base = np.take_along_axis(ordered, rank[:, None], axis=1)[:, 0]
    drawn = base * (math.log(1 / rate) / np.log(1 / share)) ** tail
    return np.where(enough, drawn, np.nan)


class _Sizes:
    """Mean size of the errors so far, newer ones counting more, by position."""

    def __init__(self, series: int, season_length: int) -> None:
        self._total, self._weight = np.zeros(series), np.zeros(series)
        self._totals = np.zeros((season_length, series))
        self._weights = np.zeros((season_length, series))

    def at(self, position: int) -> np.ndarray:
        """Mean size at a position, averaged with :data:`PRIOR` times that of all."""
        mean = self._mean()
        total = self._totals[position] + PRIOR * mean
        return total / (self._weights[position] + PRIOR)

    def learn(self, sizes: np.ndarray, position: int) -> None:
        """Takes in the sizes of a period; NaN = none."""
        known = ~np.isnan(sizes)
        mean = self._mean()
        capped = np.fmin(sizes, CAP * mean)
        is_usual = (self._weight >= LEAST_ERRORS) & (mean > 0)
        sizes = np.where(known, np.where(is_usual, capped, sizes), 0.0)
        fade = np.where(known, DISCOUNT, 1.0)
        self._total = self._total * fade + sizes
        self._weight = self._weight * fade + known
        self._totals[position] = self._totals[position] * fade + sizes
        self._weights[position] = self._weights[position] * fade + known

    def _mean(self) -> np.ndarray:
        out = np.full(len(self._total), np.nan)
        return np.divide(self._total, self._weight, out=out, where=self._weight > 0)
