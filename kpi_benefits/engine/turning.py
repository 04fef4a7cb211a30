"""Whether, and since when, shares of a plan fall short of it: a Bayesian comparison.

The months of a benefit are compared with those of one that comes as planned, and with
those of one that falls from some month on, at once or little by little. In all of them
months vary by an unknown noise, and by a season that no plan knows of.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

YEAR = 12
LONGEST = 36  # months that are looked at, the last ones
DROPS = (0.15, 0.3, 0.45, 0.7)
DECAYS = (0.03, 0.05, 0.08, 0.15)  # a month
NOISES = (0.03, 0.06, 0.1, 0.15, 0.2, 0.35)
SEASONS = (0.0, 0.1, 0.2)  # half of the way from the lowest to the highest month
SPREAD = 0.03  # of the mean of benefits that come as planned


@dataclass(frozen=True)
class Turnings:
    """The best explanation by a fall, of each benefit; arrays of shape (benefits,).

    :ivar evidence: logarithm of how many times better some fall explains the months
        than none
    :ivar first: place of the month from which on it falls
    :ivar drop: share that was lost at once; 0 where it falls little by little
    :ivar decay: share that is lost each month
    """

    evidence: np.ndarray
    first: np.ndarray
    drop: np.ndarray
    decay: np.ndarray


def find_turnings(ratios: np.ndarray) -> Turnings:
    """Compare months with how they would be without and with a fall.

    :param ratios: shape (benefits, months): realised / planned, oldest first, no gaps
    """
    skipped = max(ratios.shape[1] - LONGEST, 0)
    ratios = ratios[:, skipped:]
    falls, shapes = _list_falls(ratios.shape[1])
    without, with_fall = [], []
    for whitening, weight in _list_noises(ratios.shape[1]):
        seen, expected = ratios @ whitening.T, shapes @ whitening.T
        away = (seen**2).sum(1)[:, None] + (expected**2).sum(1) - 2 * seen @ expected.T
        likely = weight - away / 2
        without.append(likely[:, 0])
        with_fall.append(likely[:, 1:])
    by_fall = _add_logs(np.array(with_fall))
    best = falls[by_fall.argmax(1)]
    return Turnings(
        evidence=_add_logs(by_fall.T)
        - np.log(len(falls))
        - _add_logs(np.array(without)),
        first=best[:, 0].astype(int) + skipped,
        drop=best[:, 1],
        decay=best[:, 2],
    )


@cache
def _list_falls(months: int) -> tuple[np.ndarray, np.ndarray]:
    """(first month, drop, decay) of each fall; the months without one, then of each."""
    place = np.arange(months)
    falls = [
        (first, drop, decay)
        for first in range(months)
        for drop, decay in (*((each, 0) for each in DROPS), *((0, e) for e in DECAYS))
    ]
    shapes = [
        np.where(place < first, 1.0, (1 - drop) * (1.0 - decay) ** (place - first + 1))
        for first, drop, decay in falls
    ]
    return np.array(falls), np.array([np.ones(months), *shapes])


@cache
def _list_noises(months: int) -> list[tuple[np.ndarray, float]]:
    """Per noise and season: what makes months independent, and its log determinant."""
    place = np.arange(months)
    turn = np.cos(2 * np.pi * (place[:, None] - place) / YEAR)
    found = []
    for noise in NOISES:
        for season in SEASONS:
            spread = noise**2 * np.eye(months) + season**2 / 2 * turn + SPREAD**2
            root = np.linalg.cholesky(spread)
            found.append((np.linalg.inv(root), -float(np.log(np.diag(root)).sum())))
    return found


def _add_logs(logs: np.ndarray) -> np.ndarray:
    """Logarithm of the sum over the first axis."""
    most = logs.max(0)
    return most + np.log(np.exp(logs - most).sum(0))
