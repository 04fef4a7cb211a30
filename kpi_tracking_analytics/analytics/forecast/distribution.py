"""What lies around a forecast, from the errors that the same method made before.

The errors of all origins are known from one pass. Their size at each horizon gives a
scale; how the errors of later origins compare with the scale that was known then gives
the shape, as conformal prediction takes it from a calibration sample (Vovk, Gammerman &
Shafer 2005, "Algorithmic Learning in a Random World"). So widths that did not hold are
widened. With few origins the shape is that of Student's t. The doubt about a scale is a
part of the scale, so the shape compares errors with a scale that contains it. Where
errors have become larger, those since then count, see :func:`widening_of`.
"""

from dataclasses import dataclass

import numpy as np

from .combination import discounted_mean

DISCOUNT = 0.95  # of a squared error by each later one
PRIOR = 3.0  # errors that the horizon before counts for
OVERLAP = 0.3  # power of the horizon that independent errors become fewer by
SETTLED = 20  # errors after which a scale has forgotten its first ones: 1 / (1 − 0.95)
CHANGED = 1.358  # of the statistic of a change of variance: 5% are larger by chance
LEAST_CHANGED = 5  # errors of a new variance
SHAPE_PRIOR = 30.0  # origins that the usual shape counts for
WIDEST = 2.0  # times the usual shape: beside a scale near 0 any error is large
SAMPLED_HORIZONS = 4  # of which the shape is taken: neighbours say nearly the same
# Shares of errors within a multiple of the scale, and those of Student's t with four
# degrees of freedom. With a settled scale, of whose variance a tenth is doubt, 80% lie
# within the same width as of a normal one.
SHARES = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999])
USUAL = np.array(
    [0, 0.10666, 0.21576, 0.33007, 0.45319, 0.59031, 0.74992]
    + [0.94804, 1.22191, 1.69901, 2.21273, 3.6693, 6.86211]
)


@dataclass(frozen=True)
class Distribution:
    """Errors around the forecasts of the last origin, symmetric.

    :ivar scale: shape (series, horizon), never less for a later period; NaN where no
        forecast could be judged
    :ivar shape: shape (series, shares): multiples of the scale within which
        :data:`SHARES` of the errors lie
    """

    scale: np.ndarray
    shape: np.ndarray

    def width(self, share: float) -> np.ndarray:
        """How far to each side this share of errors goes, shape (series, horizon)."""
        place = int(np.searchsorted(SHARES, share))
        low, high = SHARES[place - 1], SHARES[place]
        part = (share - low) / (high - low)
        multiple = self.shape[:, place - 1] * (1 - part) + self.shape[:, place] * part
        with np.errstate(over="ignore"):
            return multiple[:, None] * self.scale

    def share_below(self, distances: np.ndarray) -> np.ndarray:
        """Probability that an error is below each distance, shape (series, horizon).

        Half of what lies exactly on it counts, which matters where the scale is 0.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            multiples = np.abs(distances) / self.scale
        multiples = np.where((self.scale == 0) & (distances == 0), 0.0, multiples)
        within = self._share_within(multiples)
        result = 0.5 + np.sign(distances) * within / 2
        return np.where(np.isnan(multiples), np.nan, result)

    def _share_within(self, multiples: np.ndarray) -> np.ndarray:
        """Linear between the shares; beyond the last, what is left halves with each
        further half of a scale."""
        places = (self.shape[:, None, :] <= multiples[:, :, None]).sum(axis=2)
        places = np.clip(places, 1, len(SHARES) - 1)
        high = np.take_along_axis(self.shape, places, axis=1)
        low = np.take_along_axis(self.shape, places - 1, axis=1)
        gap = np.where(high > low, high - low, 1.0)
        part = np.clip((multiples - low) / gap, 0.0, 1.0)
        inner = SHARES[places - 1] * (1 - part) + SHARES[places] * part
        beyond = np.maximum(multiples - self.shape[:, -1:], 0.0)
        with np.errstate(under="ignore"):
            outer = 1 - (1 - SHARES[-1]) * np.exp2(-2 * np.minimum(beyond, 500.0))
        return np.where(beyond > 0, outer, inner)


def running_sums(errors: np.ndarray) -> np.ndarray:
    """Errors of the sum of the first, the first two, … forecasts of each origin.

    :param errors: shape (series, periods, horizon), in the period where they came true
    :return: same shape, in the period where the last one of the sum came true
    """
    sums = np.full(errors.shape, np.nan)
    running = 0.0
    for ahead in range(1, min(errors.shape[2], errors.shape[1] - 1) + 1):
        made = errors[:, ahead:, ahead - 1]  # by origin: the first one leads
        running = (running[:, : made.shape[1]] if ahead > 1 else 0.0) + made
        sums[:, ahead:, ahead - 1] = running
    return sums


def distribution_of(
    errors: np.ndarray, seen: np.ndarray | None = None, growth: float = 0.5
) -> Distribution:
    """Distribution of errors at each horizon.

    :param errors: shape (series, periods, horizon), in the period where they came true
    :param seen: the same with those of odd values, which leave the scale as it is;
        None: there are none
    :param growth: power of the horizon that the variance is expected to grow with
    """
    known = ~np.isnan(errors)
    scales = np.sqrt(_variances(errors, known, growth))
    wider = widening_of(errors[:, :, 0], scales[:, -1, 0])[:, None]
    scales *= _doubt(known[:, :, 0], errors.shape[2])
    shape = _shape(errors if seen is None else seen, scales)
    return Distribution(scales[:, -1] * wider, shape)


def widening_of(errors: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Factor of the scale, above 1 where the variance of the errors has grown.

    A variance that has fallen keeps the scale: calm periods often end as they began.

    The change is where the running sum of squares is furthest from even (Inclán & Tiao
    1994, Journal of the American Statistical Association 89, 913–923, whose statistic
    this is). From then on the mean square of the errors is the variance, beside which
    the scale counts for :data:`PRIOR` of them.

    :param errors: shape (series, periods), one period ahead; NaN = none
    :param scale: shape (series,): as if there were no change
    """
    known = ~np.isnan(errors)
    squares = np.cumsum(np.where(known, errors, 0.0) ** 2, axis=1)
    number = np.cumsum(known, axis=1)
    total, count = squares[:, -1:], number[:, -1:]
    size = np.where(total > 0, total, 1.0)
    away = np.abs(squares / size - number / np.maximum(count, 1))
    away[count - number < LEAST_CHANGED] = 0.0
    place = away.argmax(axis=1)[:, None]
    far = np.take_along_axis(away, place, axis=1) * np.sqrt(count / 2)
    after = (count - np.take_along_axis(number, place, axis=1))[:, 0]
    newer = (total - np.take_along_axis(squares, place, axis=1))[:, 0]
    variance = (newer + PRIOR * scale**2) / (after + PRIOR)
    is_wider = (far[:, 0] > CHANGED) & (scale > 0) & (variance > scale**2)
    factor = np.ones(len(scale))
    return np.divide(np.sqrt(variance), scale, out=factor, where=is_wider)


def _doubt(known: np.ndarray, horizon: int) -> np.ndarray:
    """Factor of scales, which are unsure as long as few errors are known.

    Old errors are forgotten, and those of forecasts far ahead share periods with their
    neighbours.

    :param known: shape (series, periods): where an error of one period ahead is
    :return: shape (series, periods, horizon)
    """
    weight = np.maximum(_weigh(np.cumsum(known, axis=1)), 1)
    ahead = np.arange(1, horizon + 1)
    return np.sqrt(1 + 2 * ahead**OVERLAP / weight[:, :, None])


def _weigh(number: np.ndarray) -> np.ndarray:
    """What so many errors count for, older ones less."""
    return (1 - DISCOUNT**number) / (1 - DISCOUNT)


def _variances(errors: np.ndarray, known: np.ndarray, growth: float) -> np.ndarray:
    """Mean squares at each horizon, as known at the end of each period.

    Where few forecasts of a horizon were judged, that of the horizon before counts as
    some of them; the result never falls with the horizon.
    """
    squares = np.where(known, errors, 0.0) ** 2
    means = discounted_mean(squares, known, DISCOUNT)
    number = np.cumsum(known, axis=1)
    weight = _weigh(np.arange(errors.shape[1] + 1))[number]
    means = np.where(number > 0, means, 0.0)
    result = np.empty(errors.shape)
    result[:, :, 0] = np.where(number[:, :, 0] > 0, means[:, :, 0], np.nan)
    for ahead in range(1, errors.shape[2]):
        before = result[:, :, ahead - 1]
        expected = before * ((ahead + 1) / ahead) ** growth
        total = means[:, :, ahead] * weight[:, :, ahead] + PRIOR * expected
        mean = total / (weight[:, :, ahead] + PRIOR)
        result[:, :, ahead] = np.maximum(before, mean)
    return result


def _shape(errors: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Multiples of the scale known before that errors came out as, by shares."""
    horizons = errors.shape[2]
    is_settled = np.cumsum(~np.isnan(errors[:, :, 0]), axis=1) >= SETTLED
    chosen = np.unique(np.linspace(0, horizons - 1, SAMPLED_HORIZONS).astype(int))
    multiples = []
    for ahead in chosen + 1:
        size = np.abs(errors[:, ahead:, ahead - 1])
        before = scales[:, : size.shape[1], ahead - 1]
        is_after = is_settled[:, : size.shape[1]]
        ratio = np.full(size.shape, np.nan)
        with np.errstate(over="ignore"):
            np.divide(size, before, out=ratio, where=is_after & (before > 0))
        multiples.append(ratio)
    ordered = np.sort(np.concatenate(multiples, axis=1), axis=1)  # NaN comes last
    found = (~np.isnan(ordered)).sum(axis=1)
    origins = found[:, None] / len(chosen)
    weight = origins / (origins + SHAPE_PRIOR)
    if not ordered.shape[1]:
        return np.repeat(USUAL[None], len(errors), axis=0)
    places = (SHARES * np.maximum(found - 1, 0)[:, None]).astype(int)
    measured = np.take_along_axis(ordered, places, axis=1)
    measured = np.where(found[:, None] > 0, np.minimum(measured, WIDEST * USUAL), 0.0)
    return weight * measured + (1 - weight) * USUAL
