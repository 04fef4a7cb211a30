"""Which way of expecting purchases has been right so far, by looking back."""

from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.trend import ranks

from .lifetime_value import BuyingHistory, build_history, fit_purchases
from .purchases import Purchases, find_places

WEEK = 7
METHODS = ("bg_nbd", "recent", "constant")
PURPOSES = ("total", "customer", "ranking")


@dataclass(frozen=True)
class BackTest:
    """How each method did from days in the past on.

    :ivar origins: the days, oldest first, ``datetime64[D]``
    :ivar total_errors: shape (methods, origins): expected ÷ actual purchases − 1
    :ivar customer_errors: same shape: mean absolute error of a customer's purchases
    :ivar rankings: same shape: Spearman's rank correlation of expected with actual
    :ivar problems: why a method has no figures; by method
    """

    origins: np.ndarray
    total_errors: np.ndarray
    customer_errors: np.ndarray
    rankings: np.ndarray
    problems: dict[str, str]

    def best(self, purpose: str) -> str:
        """The method to use for the ``total``, for each ``customer`` or for a
        ``ranking``.

        One origin may pick the wrong one: the mean over all decides. A method without
        figures of all origins is none.
        """
        height = {
            "total": np.abs(self.total_errors),
            "customer": self.customer_errors,
            "ranking": -self.rankings,
        }[purpose].mean(axis=1)
        height = np.where(np.isnan(height), np.inf, height)
        return METHODS[int(np.argmin(height))]

    def interval(self, method: str, expected: float) -> tuple[float, float]:
        """What ``expected`` purchases may come to, by the errors of the past."""
        ratio = 1 / (1 + self.total_errors[METHODS.index(method)])
        return _interval(ratio, expected)

    def coverage(self, method: str) -> float:
        """Share of the origins that lie in the interval of the other ones."""
        ratio = 1 / (1 + self.total_errors[METHODS.index(method)])
        inside = [
            low <= one <= high
            for place, one in enumerate(ratio)
            for low, high in [_interval(np.delete(ratio, place), 1.0)]
        ]
        return float(np.mean(inside))


def back_test(
    purchases: Purchases, cutoff: np.datetime64, *, weeks: int = 13, origins: int = 5
) -> BackTest:
    """Tries the methods of ``METHODS`` from the past, ``weeks`` each time.

    The last origin is ``weeks`` before ``cutoff``, each earlier one as long before it;
    of the purchases after it only their number is looked at.

    :raises ValueError: the purchases do not go back so far
    """
    end = np.datetime64(cutoff, "D")
    step = np.timedelta64(weeks * WEEK, "D")
    days = end - step * np.arange(origins, 0, -1)
    if not len(purchases.days) or purchases.days.min() > days[0] - step + WEEK:
        raise ValueError(f"purchases of {(origins + 1) * weeks} weeks are needed")
    shape = (len(METHODS), origins)
    totals, singles, ranks = (np.full(shape, np.nan) for _each in range(3))
    problems: dict[str, str] = {}
    for place, day in enumerate(days):
        history = build_history(purchases, day, WEEK)
        actual = count_purchases(purchases, history, day, day + step)
        by_method = _expect(purchases, history, day, weeks)
        for row, (method, expected) in enumerate(by_method.items()):
            if isinstance(expected, str):
                problems[method] = expected
                continue
            if expected.sum() > 0:  # else no interval can be told from it
                totals[row, place] = expected.sum() / max(actual.sum(), 1) - 1
            singles[row, place] = np.abs(expected - actual).mean()
            ranks[row, place] = rank_correlation(expected, actual)
    return BackTest(days, totals, singles, ranks, problems)


def count_purchases(
    purchases: Purchases,
    history: BuyingHistory,
    after: np.datetime64,
    until: np.datetime64,
) -> np.ndarray:
    """Days in ``(after, until]`` on which each customer of ``history`` bought."""
    bought = purchases.until(until).bought
    rows = bought.days > after
    place, known = find_places(history.customers, bought.customers[rows])
    return np.bincount(place[known], minlength=len(history.customers)).astype(float)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman 1904, ties by their mean rank; 0 where one of both never changes."""
    ranked = ranks(np.array([one, other], dtype=float))
    spread = ranked.std(axis=1).prod()
    return float(np.cov(ranked, bias=True)[0, 1] / spread) if spread else 0.0


def _expect(
    purchases: Purchases, history: BuyingHistory, day: np.datetime64, weeks: int
) -> dict[str, np.ndarray | str]:
    """Purchases of each customer in the ``weeks`` after a day, by method; a text says
    why there are none.

    As recently: but for the first purchase, which is not made again. At a constant
    rate: that since the first purchase; who came today has none yet.
    """
    model = fit_purchases(history)
    since = day - np.timedelta64(weeks * WEEK, "D")
    rate = np.zeros(len(history.age))
    np.divide(history.repeats, history.age, out=rate, where=history.age > 0)
    return {
        "bg_nbd": model.problem or model.expect_purchases(history, weeks),
        "recent": count_purchases(purchases, history, since, day)
        - (history.age < weeks),
        "constant": rate * weeks,
    }


def _interval(ratios: np.ndarray, expected: float) -> tuple[float, float]:
    return expected * float(np.min(ratios)), expected * float(np.max(ratios))
