"""How good the forecasts of past origins were."""

import numpy as np

from .paths import realised_errors

LEAST_ORIGINS = 3
ROUNDING = 1e-12  # of values scaled to 1


def confidence(errors: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """100 × (1 − sum of absolute errors / sum of absolute values), from 0 to 100.

    The fraction is the weighted absolute percentage error (Kolassa & Schütz 2007,
    Foresight 6, 40–43), which values of 0 do not break.

    :param errors: shape (series, periods, horizon), in the period where they came true
    :param sizes: shape (series, periods): absolute values
    :return: shape (series, horizon); NaN below three errors
    """
    known = ~np.isnan(errors)
    wrong = np.where(known, np.abs(errors), 0.0).sum(axis=1)
    total = np.where(known, sizes[:, :, None], 0.0).sum(axis=1)
    share = np.divide(wrong, total, out=np.zeros(wrong.shape), where=total > 0)
    share = np.where((total == 0) & (wrong > 0), 1.0, share)
    percent = 100 * np.clip(1 - share, 0.0, 1.0)
    return np.where(known.sum(axis=1) < LEAST_ORIGINS, np.nan, percent)


def skill(
    errors: np.ndarray, values: np.ndarray, plain: list[np.ndarray]
) -> np.ndarray:
    """Share of the mean absolute error of the best plain forecast that is saved.

    :param errors: of the forecasts to judge, as for :func:`confidence`
    :param values: shape (series, periods)
    :param plain: paths of other forecasts, judged where both are
    :return: shape (series,), from −1 to 1; NaN below three origins
    """
    best = np.full(len(values), np.inf)
    ours = np.full(len(values), np.nan)
    for paths in plain:
        theirs = realised_errors(paths, values)
        both = ~np.isnan(errors) & ~np.isnan(theirs)
        enough = both[:, :, 0].sum(axis=1) >= LEAST_ORIGINS
        their_mean = _mean_size(theirs, both)
        better = enough & (their_mean < best)
        best = np.where(better, their_mean, best)
        ours = np.where(better, _mean_size(errors, both), ours)
    share = np.divide(ours, best, out=np.full(len(values), np.nan), where=best > 0)
    share = np.where(best == 0, np.where(ours > ROUNDING, 2.0, 1.0), share)
    return np.clip(1 - share, -1.0, 1.0)


def _mean_size(errors: np.ndarray, counted: np.ndarray) -> np.ndarray:
    total = np.where(counted, np.abs(errors), 0.0).sum(axis=(1, 2))
    return total / np.maximum(counted.sum(axis=(1, 2)), 1)
