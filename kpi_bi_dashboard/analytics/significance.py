"""Whether a change is more than chance: exact tests, and how many of them may err."""

from collections.abc import Sequence
from math import atan, cos, inf, pi, sin, sqrt

import numpy as np

FALSE_DISCOVERY_RATE = 0.1
ROUNDING = 1e-9  # of probabilities that are equal
NORMAL_MEDIAN = 0.6744897501960817  # of the absolute deviation, in standard deviations


def compare_counts(before: int, after: int, share: float = 0.5) -> float:
    """Probability that two Poisson counts of one rate are at least as far apart.

    Exact and two-sided: of both counts together, the second one is binomial
    (Przyborowski & Wilenski 1940, Biometrika 31, 313–323).

    :param share: length of the second period as a share of both
    """
    count = before + after
    logs = _log_factorials(count)
    of_after = np.arange(count + 1)
    chances = (
        logs[count]
        - logs
        - logs[::-1]
        + of_after * np.log(share)
        + of_after[::-1] * np.log(1 - share)
    )
    return _sum_as_rare(chances, after)


def compare_shares(before: int, before_of: int, after: int, after_of: int) -> float:
    """Probability that two shares of one rate are at least as far apart.

    Fisher's exact test, two-sided (Fisher 1922, JRSS 85, 87–94).

    :param before, after: cases, of ``before_of`` and ``after_of``
    """
    total, cases = before_of + after_of, before + after
    logs = _log_factorials(total)
    found = np.arange(max(0, cases - before_of), min(cases, after_of) + 1)
    rest = cases - found
    chances = (
        logs[after_of]
        - logs[found]
        - logs[after_of - found]
        + logs[before_of]
        - logs[rest]
        - logs[before_of - rest]
    )
    chances -= logs[total] - logs[cases] - logs[total - cases]
    return _sum_as_rare(chances, after - int(found[0]))


def exceed_share(cases: int, count: int, share: float) -> float:
    """Probability of so many cases, or more, where each has this chance."""
    logs = _log_factorials(count)
    found = np.arange(count + 1)
    chances = logs[count] - logs - logs[::-1]
    chances = chances + found * np.log(share) + (count - found) * np.log(1 - share)
    return float(min(1.0, np.exp(chances[cases:]).sum()))


def compare_change(ratio: float, known: int) -> float:
    """Probability of a change at least so many times the median of those before it.

    Student's t of half as many degrees of freedom: a median of few changes is
    uncertain, and each change shares a value with the next one. In simulations of
    normal values it is right or cautious from 4 changes on.

    :param ratio: infinite after no change at all
    :param known: changes before it
    """
    if abs(ratio) == inf:
        return 0.0
    degrees = max((known + 1) // 2, 1)
    angle = atan(abs(ratio) * NORMAL_MEDIAN / sqrt(degrees))
    # Abramowitz & Stegun 1964, 26.7.3 and 26.7.4
    term = cos(angle) if degrees % 2 else 1.0
    total, number = 0.0, 3 if degrees % 2 else 2
    while number <= degrees + 1 and degrees > 1:
        total += term
        term *= cos(angle) ** 2 * (number - 1) / number
        number += 2
    inside = sin(angle) * total
    if degrees % 2:
        inside = 2 / pi * (angle + inside)
    return max(0.0, 1 - inside)


def find_discoveries(
    probabilities: Sequence[float], rate: float = FALSE_DISCOVERY_RATE
) -> list[bool]:
    """Which of these are more than chance, of which at most ``rate`` are chance.

    Benjamini & Hochberg 1995 (JRSS B 57, 289–300).
    """
    order = np.argsort(probabilities, kind="stable")
    ordered = np.asarray(probabilities, float)[order]
    limits = rate * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    below = np.flatnonzero(ordered <= limits)
    found = np.zeros(len(ordered), bool)
    if len(below):
        found[order[: below[-1] + 1]] = True
    return found.tolist()


def _log_factorials(most: int) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _sum_as_rare(logs: np.ndarray, at: int) -> float:
    """Sum of the probabilities that are no larger than that of a place."""
    rare = logs <= logs[at] + ROUNDING
    return float(min(1.0, np.exp(logs[rare]).sum()))
