"""How often customers will buy, and for how much.

Outside of a contract: BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24, 275–284;
likelihood as in brucehardie.com note 027) for purchases, Gamma-Gamma (note 025) for
their amounts. Under one: sBG (Fader & Hardie 2007, Journal of Interactive Marketing 21,
76–90). A fit never raises: it says why its parameters are not to be used.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..optimisation import Minimum, find_minimum
from .purchases import Purchases, find_begins

LEAST_REPEATERS = 20
# beyond, the likelihood is flat, and the data do not say what the parameter is
EDGE = 1e3
# of the integral over the chance to stop: between two points, and where it is cut
STEP, END = 0.25, 36.0


@dataclass(frozen=True)
class BuyingHistory:
    """Customers with at least one purchase, one per place of the arrays.

    :ivar customers: their ids, ascending
    :ivar repeats: days with a purchase after that of the first one (x); one that was
        wholly given back is none
    :ivar recency: time from the first purchase to the last (tₓ)
    :ivar age: time from the first purchase to the cut-off (T)
    :ivar mean_amount: revenue of a repeat purchase net of what was given back of it,
        also later; NaN without one
    :ivar total_amount: of all purchases and refunds
    """

    customers: np.ndarray
    repeats: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    mean_amount: np.ndarray
    total_amount: np.ndarray


def build_history(
    purchases: Purchases, cutoff: np.datetime64, unit_days: float = 7
) -> BuyingHistory:
    """Purchases up to a day, as the models of this module take them.

    :param cutoff: the last day that counts
    :param unit_days: of the times returned: 7 = weeks
    """
    known = purchases.until(cutoff)
    bought = known.bought
    begins, days = find_begins(bought.customers), bought.days.astype(np.int64)
    ids, repeats = bought.customers[begins], np.diff(begins, append=len(days)) - 1
    first, last = days[begins], days[begins + repeats]
    end = np.datetime64(cutoff, "D").astype(np.int64)
    total = known.sum_of(ids, known.amounts)
    later = bought.sum_of(ids, bought.amounts) - bought.amounts[begins]
    mean = np.divide(later, repeats, out=np.full(len(ids), np.nan), where=repeats > 0)
    return BuyingHistory(
        ids, repeats, (last - first) / unit_days, (end - first) / unit_days, mean, total
    )


@dataclass(frozen=True)
class PurchaseModel:
    """BG/NBD: who buys at a rate of their own, and may stop after any purchase.

    :ivar problem: why the parameters are not to be used; empty = they are
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    evaluations: int
    problem: str = ""

    def probability_alive(self, history: BuyingHistory) -> np.ndarray:
        """Probability that each still buys; 1 for who bought once: no sign of life."""
        x = history.repeats
        with np.errstate(over="ignore"):
            gone = (self.a / (self.b + np.maximum(x, 1) - 1)) * np.exp(
                (self.r + x)
                * np.log((self.alpha + history.age) / (self.alpha + history.recency))
            )
        return 1 / (1 + np.where(x > 0, gone, 0))

    def expect_purchases(self, history: BuyingHistory, time: float) -> np.ndarray:
        """Purchases of each within ``time`` after the cut-off (eq. 10 of the paper)."""
        alive = self.probability_alive(history)
        return alive * self._expect(history.repeats, history.age, time)

    def expect_of_new_customer(self, time: float) -> float:
        """Repeat purchases of somebody within ``time`` of the first one (eq. 9)."""
        return float(self._expect(np.zeros(1), np.zeros(1), time)[0])

    def _expect(self, x: np.ndarray, age: np.ndarray, time: float) -> np.ndarray:
        """Eq. 10 without P(alive), of all customers who have the same history once."""
        pairs, at = np.unique(np.column_stack([x, age]), axis=0, return_inverse=True)
        x, age = pairs.T
        means = _mean_before_stop(
            self.a, self.b + x, self.r + x, time / (self.alpha + age)
        )
        return means[at.reshape(-1)]


def fit_purchases(history: BuyingHistory) -> PurchaseModel:
    """The parameters of BG/NBD under which these purchases are most probable."""
    x, recency, age = history.repeats, history.recency, history.age
    if (x > 0).sum() < LEAST_REPEATERS:
        return PurchaseModel(
            *[math.nan] * 5, 0, f"fewer than {LEAST_REPEATERS} customers bought again"
        )
    # in units in which customers are known for 10: days and years have one search
    scale = 10 / age.max()
    codes = tuple(np.unique(one, return_inverse=True)[1] for one in (x, recency, age))
    key = np.ravel_multi_index(codes, [one.max() + 1 for one in codes])
    _keys, first, counts = np.unique(key, return_index=True, return_counts=True)
    x, recency, age = x[first], recency[first] * scale, age[first] * scale
    levels, level = np.unique(x, return_inverse=True)
    again = x > 0

    def unlikelihood(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        fixed = math.lgamma(a + b) - math.lgamma(b) - math.lgamma(r) + r * logs[1]
        of_level = np.array(
            [
                math.lgamma(r + n) + math.lgamma(b + n) - math.lgamma(a + b + n)
                for n in levels.tolist()
            ]
        )
        alive = -(r + x) * np.log(alpha + age)
        gone = (
            logs[2]
            - np.log(b + np.maximum(x, 1) - 1)
            - (r + x) * np.log(alpha + recency)
        )
        either = np.where(again, np.logaddexp(alive, gone), alive)
        return -float(counts @ (fixed + of_level[level] + either)) / counts.sum()

    found = find_minimum(unlikelihood, np.zeros(4))
    if _find_problem(found):  # few who stop may hide behind nobody who does
        again = find_minimum(unlikelihood, np.array([0.0, 0.0, -3.0, 0.0]))
        found = min(found, again, key=lambda one: one.value)
    r, alpha, a, b = np.exp(found.point)
    likelihood = -found.value * counts.sum() + counts @ x * math.log(scale)
    figures = map(float, (r, alpha / scale, a, b, likelihood))
    return PurchaseModel(*figures, found.evaluations, _find_problem(found))


@dataclass(frozen=True)
class AmountModel:
    """Gamma-Gamma: what a purchase of each comes to, whoever buys how often.

    :ivar correlation: of the number of purchases with their mean amount: the model
        supposes that there is none
    :ivar problem: why the parameters are not to be used; empty = they are
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    evaluations: int
    correlation: float
    problem: str = ""

    @property
    def mean(self) -> float:
        """What customers of whom nothing is known spend on a purchase."""
        return self.p * self.gamma / (self.q - 1)

    def expect_amount(self, history: BuyingHistory) -> np.ndarray:
        """E(M | x, m̄) (note 025, eq. 5); the mean of all for who bought once."""
        x = np.where(history.mean_amount > 0, history.repeats, 0)
        known = np.where(x > 0, history.mean_amount, 0)
        return self.p * (self.gamma + x * known) / (self.p * x + self.q - 1)


def fit_amounts(history: BuyingHistory) -> AmountModel:
    """The parameters of Gamma-Gamma under which these amounts are most probable.

    Repeaters who paid nothing are left out: no parameters allow them.
    """
    paid = (history.repeats > 0) & (history.mean_amount > 0)
    x, mean = history.repeats[paid].astype(float), history.mean_amount[paid]
    if len(x) < LEAST_REPEATERS:
        problem = f"fewer than {LEAST_REPEATERS} customers bought again"
        return AmountModel(*[math.nan] * 4, 0, math.nan, problem)
    # sum of x·log x and the like are fixed; lgamma is needed once per number of
    # purchases
    levels, level, counts = np.unique(x, return_inverse=True, return_counts=True)
    scale = mean.mean()
    logs_of_mean = np.log(mean / scale)
    sum_x_log = x @ (logs_of_mean + np.log(x))
    sum_log = logs_of_mean.sum()

    def unlikelihood(logs: np.ndarray) -> float:
        p, q, gamma = np.exp(logs)
        of_level = [
            math.lgamma(p * n + q) - math.lgamma(p * n) for n in levels.tolist()
        ]
        total = counts @ np.array(of_level) + p * sum_x_log - sum_log
        total += len(x) * (q * logs[2] - math.lgamma(q))
        total -= (p * x + q) @ np.log(gamma + x * mean / scale)
        return -float(total) / len(x)

    found = find_minimum(unlikelihood, np.array([1.0, 1.0, 0.0]))
    p, q, gamma = np.exp(found.point)
    problem = _find_problem(found)
    if not problem and q <= 1:
        problem = "amounts vary so much that they have no mean"
    with np.errstate(invalid="ignore"):
        spread = x.std() * mean.std()
    likelihood = -found.value * len(x) - len(x) * math.log(scale)
    figures = map(float, (p, q, gamma * scale, likelihood))
    together = float(np.mean((x - x.mean()) * (mean - scale)))
    correlation = together / spread if spread else 0.0
    return AmountModel(*figures, found.evaluations, correlation, problem)


@dataclass(frozen=True)
class RetentionModel:
    """sBG: customers under contract, each with a chance of their own to leave a period.

    :ivar problem: why the parameters are not to be used; empty = they are
    """

    alpha: float
    beta: float
    log_likelihood: float
    problem: str = ""

    def survival(self, periods: int) -> np.ndarray:
        """Share that is still there at the end of each period; shape (periods + 1,)."""
        time = np.arange(1, periods + 1)
        kept = (self.beta + time - 1) / (self.alpha + self.beta + time - 1)
        return np.concatenate([[1.0], np.cumprod(kept)])


def fit_retention(customers: np.ndarray) -> RetentionModel:
    """The parameters of sBG for customers that began together.

    :param customers: how many there were at the start and after each period; shares
        will do, for the parameters
    :raises ValueError: less than two periods, or more customers than the period before
    """
    left = np.asarray(customers, dtype=float)
    if len(left) < 3 or not (np.diff(left) <= 0).all() or not left[-1] >= 0:
        raise ValueError("at least two periods are needed, none with more customers")
    lost = -np.diff(left)
    if not lost.any():
        return RetentionModel(math.nan, math.nan, 0.0, "no customer has left yet")
    time = np.arange(1, len(left))

    def unlikelihood(logs: np.ndarray) -> float:
        alpha, beta = np.exp(logs)
        kept = np.log(beta + time - 1) - np.log(alpha + beta + time - 1)
        before = np.concatenate([[0.0], np.cumsum(kept)])
        leaving = before[:-1] + logs[0] - np.log(alpha + beta + time - 1)
        return -float(lost @ leaving + left[-1] * before[-1]) / left[0]

    found = find_minimum(unlikelihood, np.zeros(2))
    alpha, beta = np.exp(found.point)
    return RetentionModel(
        float(alpha), float(beta), -found.value * left[0], _find_problem(found)
    )


def discounted_value(
    model: PurchaseModel,
    history: BuyingHistory,
    amounts: np.ndarray,
    *,
    months: int,
    month: float,
    yearly_rate: float,
) -> np.ndarray:
    """What each customer will bring within ``months``, as worth today.

    :param amounts: revenue or margin of a purchase of each
    :param month: length of a month in the model's unit of time: 4.348 weeks
    :param yearly_rate: 0.1 = 10% a year
    """
    value = np.zeros(len(history.customers))
    before = np.zeros(len(history.customers))
    for number in range(1, months + 1):
        expected = model.expect_purchases(history, number * month)
        value += (expected - before) / (1 + yearly_rate) ** (number / 12)
        before = expected
    return value * amounts


def _find_problem(found: Minimum) -> str:
    if not found.has_converged:
        return "the data allow so many parameters that none is found"
    if np.abs(found.point).max() > math.log(EDGE):
        return "a parameter is at the edge of what the data can tell"
    return ""


@np.errstate(over="ignore", under="ignore")
def _mean_before_stop(
    a: float, b: np.ndarray, shape: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Mean number of purchases of active customers, as an integral over p.

    Eq. 10 of Fader, Hardie & Lee 2005 is c/(a − 1)·(1 − (1 − z)^shape·₂F₁(…; z)),
    whose series needs 1/(1 − z) terms; Euler's transformation shortens it unless a is
    near to shape + 1. The integral that it comes from has no such place: with p the
    chance to stop after a purchase,

        E = ∫ (1 − (1 + p·time)^−shape) / p · Beta(p; a, b) dp.

    In u = log(p / (1 − p)) the trapezoidal rule converges exponentially (Trefethen &
    Weideman 2014, SIAM Review 56, 385–458); beyond the ends the integrand is e^(a·u)
    and e^(−b·u), whose sums are geometric series.

    :param b, shape, time: of each customer; ``time`` in mean pauses of a customer with
        ``shape`` 1
    """
    if not len(b):
        return np.zeros(0)
    # as narrow as the density of u is, whose variance is about 1/a + 1/b
    step = STEP * min(1.0, (1 / a + 1 / float(b.max())) ** 0.5)
    first = -END - math.log1p(float(np.max(time * (shape + 1))))
    nodes = np.arange(math.floor(first / step), math.ceil(END / step) + 1) * step
    levels, level = np.unique(b, return_inverse=True)
    logs = [math.lgamma(a + one) - math.lgamma(one) for one in levels.tolist()]
    scale = np.array(logs)[level] - math.lgamma(a)

    total = np.zeros(len(b))
    for place, node in enumerate(nodes.tolist()):
        log_p, log_rest = -np.logaddexp(0, -node), -np.logaddexp(0, node)
        p = math.exp(log_p)
        bought = -np.expm1(-shape * np.log1p(p * time)) / p
        part = bought * np.exp(scale + a * log_p + b * log_rest)
        if place == 0:
            part = part / -math.expm1(-a * step)
        elif place == len(nodes) - 1:
            part = part / -np.expm1(-b * step)
        total += part
    return total * step
