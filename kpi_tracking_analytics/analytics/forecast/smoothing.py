"""Exponential smoothing of many series at once, with the forecasts of every origin.

A member is a level, a trend and a seasonal pattern that follow the errors of their own
one-step forecasts (Holt 1957; Winters 1960; Gardner & McKenzie 1985 for the damped
trend). How much each of them follows, the gains, are those of the Kalman filter of the
structural model with the member's variances (Harvey 1989, "Forecasting, Structural Time
Series Models and the Kalman Filter", ch. 4). They depend on how many values a series
has had and on nothing else, so they are computed once and serve all series. A young
series thus gets large gains for its level and small ones for what a few values say
little about: the first trend and the first seasonal pattern are shrunk to none by
as much as their variances say. After :data:`LEAST_AGES` values, or four seasons, the
gains stay as they are, which is plain exponential smoothing.

Nothing here looks ahead: what is computed for a period needs that and earlier ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .combination import FLOOR, early_weights, fourth_power
from .regression import running_lines

LEAST_AGES = 60
SEASONS_OF_AGES = 4
UNKNOWN = 1e7  # variance of a first level of which nothing is known
DISCOUNT = 0.95  # of squared errors by each value that follows


@dataclass(frozen=True)
class Member:
    """One way to smooth; variances are multiples of that of the noise.

    :ivar level: of the step that the level takes in a period
    :ivar trend: of the step that the trend takes in a period
    :ivar damping: share of the trend that is left after a period, above 0 and up to 1
    :ivar season: of the step that each seasonal index takes in a period
    :ivar first_trend: of the trend before anything is known
    :ivar first_season: of each seasonal index before anything is known
    """

    level: float
    trend: float = 0.0
    damping: float = 1.0
    season: float = 0.0
    first_trend: float = 0.0
    first_season: float = 0.0


@dataclass(frozen=True)
class Gains:
    """Share of an error that goes into each state, by the number of values before.

    :ivar level, trend: shape (members, ages)
    :ivar season: shape (season length, members, ages): of the season of the error, of
        that of the next period, and so on
    """

    level: np.ndarray
    trend: np.ndarray
    season: np.ndarray


@dataclass(frozen=True)
class Family:
    """Members whose forecasts are combined into one by their one-step errors.

    :ivar members: at least one
    :ivar slope_share: share of the straight line through all values that is added to
        the forecasts; ½ makes simple smoothing Theta
    """

    members: tuple[Member, ...]
    slope_share: float = 0.0


@lru_cache(maxsize=64)
def filter_gains(members: tuple[Member, ...], season_length: int, ages: int) -> Gains:
    """Gains of the Kalman filter at each age, 0 = the first value."""
    states = season_length + 2
    step = _transition(members, season_length)
    steps = [(one.level, one.trend, one.season) for one in members]
    first = [(UNKNOWN, one.first_trend, one.first_season) for one in members]
    noise, spread = _variances(steps, season_length), _variances(first, season_length)
    observed = np.zeros(states)
    observed[[0, 2]] = 1.0
    gains = np.empty((states, len(members), ages))
    for age in range(ages):
        shared = spread @ observed
        gain = shared / (shared @ observed + 1.0)[:, None]
        gains[:, :, age] = gain.T
        spread = spread - gain[:, :, None] * shared[:, None, :]
        spread = step @ spread @ step.transpose(0, 2, 1) + noise
        spread = (spread + spread.transpose(0, 2, 1)) / 2  # symmetric to the last digit
    return Gains(gains[0], gains[1], gains[2:])


def _transition(members: tuple[Member, ...], season_length: int) -> np.ndarray:
    """From the states of a period to those of the next; the season of now is first."""
    states = season_length + 2
    matrix = np.zeros((len(members), states, states))
    damping = np.array([member.damping for member in members])
    matrix[:, 0, 0] = 1.0
    matrix[:, 0, 1] = matrix[:, 1, 1] = damping
    places = np.arange(season_length)
    matrix[:, 2 + places, 2 + (places + 1) % season_length] = 1.0
    return matrix


def _variances(
    of_members: list[tuple[float, float, float]], season_length: int
) -> np.ndarray:
    """Covariances of level, trend and seasonal indices, the last of which sum to 0."""
    level, trend, season = np.array(of_members).T
    matrix = np.zeros((len(level), season_length + 2, season_length + 2))
    matrix[:, 0, 0] = level
    matrix[:, 1, 1] = trend
    centred = np.eye(season_length) - 1.0 / season_length
    matrix[:, 2:, 2:] = season[:, None, None] * centred
    return matrix


def smooth(
    values: np.ndarray,
    families: Mapping[str, Family],
    season_length: int,
    horizon: int,
) -> dict[str, np.ndarray]:
    """Forecasts that each family would have made at the end of every period.

    Members are weighted as :func:`.combination.combine` weights methods, by their
    discounted one-step errors up to then. States are carried over a gap.

    :param values: shape (series, periods), of a size near 1; NaN = no data
    :param families: by name
    :param season_length: periods of a season; 1 for none
    :param horizon: how many periods ahead
    :return: by family, shape (series, periods, horizon): [:, t, h] is the forecast of
        period t + 1 + h by the values up to t; NaN before a series starts
    """
    known = ~np.isnan(values)
    first = values[np.arange(len(values)), np.argmax(known, axis=1)]
    first = np.where(known.any(axis=1), first, 0.0)
    filters = _Filters(values - first[:, None], families, season_length)
    slopes, _heights = running_lines(values)
    # up to a season, which would look like a trend, there is none
    slopes[np.cumsum(known, axis=1) <= season_length] = 0.0
    steps = np.arange(1, horizon + 1)
    paths = {name: np.empty((*values.shape, horizon)) for name in families}
    for period in range(values.shape[1]):
        filters.learn(period)
        line = slopes[:, period, None] * steps
        for name, family in families.items():
            ahead = filters.ahead(name, period, horizon)
            paths[name][:, period] = ahead + family.slope_share * line + first[:, None]
    return paths


class _Filters:
    """States of all members for all series; arrays (members, series).

    Values are differences to the first one, which is thus nobody's error.
    """

    def __init__(
        self, values: np.ndarray, families: Mapping[str, Family], season_length: int
    ) -> None:
        self._values = values
        self._season_length = season_length
        self._places = {}
        members: list[Member] = []
        for name, family in families.items():
            end = len(members) + len(family.members)
            self._places[name] = slice(len(members), end)
            members += family.members
        self._damping = np.array([member.damping for member in members])
        ages = max(LEAST_AGES, SEASONS_OF_AGES * season_length)
        self._ages = min(ages, max(values.shape[1], 1))
        self._gains = filter_gains(tuple(members), season_length, self._ages)
        shape = (len(members), len(values))
        self._level, self._trend, self._loss = np.zeros((3, *shape))
        self._season = np.zeros((season_length, *shape))
        self._age = np.zeros(len(values), int)

    def learn(self, period: int) -> None:
        """Carries the states into a period and corrects them by its values."""
        values = self._values[:, period]
        known = ~np.isnan(values)
        phase = period % self._season_length
        self._trend *= self._damping[:, None]
        self._level += self._trend
        error = np.where(known, values - self._level - self._season[phase], 0.0)
        loss = early_weights(self._age, self._season_length) * error * error
        self._loss *= np.where(known, DISCOUNT, 1.0)
        self._loss += loss
        self._correct(error, phase)
        self._age += known

    def _correct(self, error: np.ndarray, phase: int) -> None:
        age = np.minimum(self._age, self._ages - 1)
        # all of one age, as nearly always: no copy of the gains for each series
        place = age[:1] if (age == age[:1]).all() else age
        self._level += self._gains.level[:, place] * error
        self._trend += self._gains.trend[:, place] * error
        gains = self._gains.season[:, :, place]
        later = self._season_length - phase
        self._season[phase:] += gains[:later] * error
        self._season[:phase] += gains[later:] * error

    def ahead(self, name: str, period: int, horizon: int) -> np.ndarray:
        """Forecasts of a family at the end of a period, shape (series, horizon)."""
        place = self._places[name]
        loss = self._loss[place] + FLOOR
        weights = fourth_power(loss.min(axis=0) / loss)
        weights /= weights.sum(axis=0)
        damping = self._damping[place, None]
        steps = np.cumsum(damping ** np.arange(1, horizon + 1), axis=1)
        result = (weights * self._trend[place]).T @ steps
        result += (weights * self._level[place]).sum(axis=0)[:, None]
        phases = (period + 1 + np.arange(horizon)) % self._season_length
        needed = self._season[phases[: self._season_length], place]
        season = np.einsum("mn,smn->ns", weights, needed)
        result += season[:, np.arange(horizon) % self._season_length]
        result[self._age == 0] = np.nan
        return result
