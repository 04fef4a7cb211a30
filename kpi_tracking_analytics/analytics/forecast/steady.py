"""Series that a mean or a straight line says all of.

Where values are independent of each other nothing forecasts them better than their
mean; and few values on a line are too few for methods that learn from their errors.
"""

import numpy as np

from .regression import running_lines

LEAST_ON_LINE = 5
MOST_ON_LINE = 9  # or a season: of more the methods with a trend know enough
CLEAR_LINE = 0.1  # share of the variance that a line leaves at most
DEPENDENT = 1.96  # deviations of an autocorrelation: 2.5% lie above by chance


def is_noise(values: np.ndarray, season_length: int) -> np.ndarray:
    """Whether no value says anything about the next one, nor about the next season.

    By the autocorrelations at lag 1 and a season, whose variance is (n − lag) / n² for
    independent values (Ljung & Box 1978, Biometrika 65, 297–303).

    :param values: shape (series, periods); NaN = no data
    :return: shape (series,); a constant is none
    """
    around, count = _from_mean(values)
    squares = np.nansum(around**2, axis=1)
    result = squares > 0
    for lag in {1, season_length}:
        products = around[:, lag:] * around[:, :-lag]
        pairs = (~np.isnan(products)).sum(axis=1)
        shared = np.nansum(products, axis=1)
        result &= shared * count <= DEPENDENT * np.sqrt(pairs) * squares
    return result


def is_on_line(values: np.ndarray, season_length: int) -> np.ndarray:
    """Whether few values lie along a straight line that rises or falls.

    :param values: shape (series, periods); NaN = no data
    :return: shape (series,)
    """
    around, count = _from_mean(values)
    is_few = (count >= LEAST_ON_LINE) & (count <= max(MOST_ON_LINE, season_length))
    slope, height = running_lines(values)
    times = np.arange(values.shape[1]) - (values.shape[1] - 1.0)
    line = height[:, -1:] + slope[:, -1:] * times
    left = np.nansum((values - line) ** 2, axis=1)
    return is_few & (left < CLEAR_LINE * np.nansum(around**2, axis=1))


def _from_mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Deviations from the mean of each series, and the number of its values."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return values - (total / np.maximum(count, 1))[:, None], count
