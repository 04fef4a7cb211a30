"""Figures of each customer: recency, frequency, monetary value, state, segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .purchases import Purchases, find_begins

YEAR_DAYS = 365
CLASSES = 5
STATES = ("new", "active", "slowing", "churned")
SEGMENTS = (
    "champion", "loyal", "promising", "new", "needs_attention", "at_risk",
    "hibernating", "lost", "one_time",
)  # fmt: skip
# of the revenue, from the largest customer down
TIERS = {"A": 0.8, "B": 0.95, "C": 1.0}
SLOW_SHARE = 0.95
LEAST_GAPS = 3
# how "slowing" is tried on past data
TRIED_DAYS = 182
TRIED_ORIGINS = 3
MIN_TRIED = 10  # customers so named
# before there is a year of purchases: pauses of which one in twenty is longer, twice
MIN_CHURN_DAYS = 90


@dataclass(frozen=True)
class CustomerFigures:
    """Customers with at least one purchase by a day, one per place of the arrays.

    :ivar customers: ids, ascending
    :ivar first_date, last_date: of purchases, ``datetime64[D]``
    :ivar recency_days: since the last purchase
    :ivar frequency: days with a purchase that was not wholly given back
    :ivar monetary: revenue of all purchases and refunds
    :ivar margin: of all; NaN where a part of it is not known
    :ivar tenure_days: since the first purchase
    :ivar churn_state: one of ``STATES``
    :ivar rfm: shape (customers, 3): classes 1 to 5 of recency, frequency, monetary
        among those who are neither new nor bought once; NaN of these
    :ivar segment: one of ``SEGMENTS``
    :ivar tier: one of ``TIERS``
    """

    customers: np.ndarray
    first_date: np.ndarray
    last_date: np.ndarray
    recency_days: np.ndarray
    frequency: np.ndarray
    monetary: np.ndarray
    margin: np.ndarray
    tenure_days: np.ndarray
    churn_state: np.ndarray
    rfm: np.ndarray
    segment: np.ndarray
    tier: np.ndarray


def describe_customers(purchases: Purchases, cutoff: np.datetime64) -> CustomerFigures:
    """All figures of the customers who bought by ``cutoff``."""
    known = purchases.until(cutoff)
    bought = known.bought
    begins = find_begins(bought.customers)
    ids, frequency = bought.customers[begins], np.diff(begins, append=len(bought.days))
    owner = np.repeat(np.arange(len(ids)), frequency)
    first, last = bought.days[begins], bought.days[begins + frequency - 1]
    end = np.datetime64(cutoff, "D")
    recency = (end - last).astype(int)
    tenure = (end - first).astype(int)
    monetary = known.sum_of(ids, known.amounts)
    margin = known.sum_of(ids, known.margins)
    pause = find_median_pause(bought.days, owner)
    is_new = tenure <= (YEAR_DAYS if pause is None else pause)
    is_ranked = ~is_new & (frequency > 1)
    rfm = np.full((len(ids), 3), np.nan)
    for column, values in enumerate((-recency, frequency, monetary)):
        rfm[is_ranked, column] = rank_classes(values[is_ranked])
    is_slow = _silence_share(bought, owner, frequency, recency) > SLOW_SHARE
    if not is_slow.any() or not _has_slowed(bought, end):
        is_slow[:] = False
    is_state = [recency >= find_churn_days(bought, end), is_slow, tenure < YEAR_DAYS]
    state = np.select(is_state, ["churned", "slowing", "new"], "active")
    return CustomerFigures(
        ids,
        first,
        last,
        recency,
        frequency,
        monetary,
        margin,
        tenure,
        state,
        rfm,
        name_segments(rfm, is_new, state == "churned"),
        tiers(monetary),
    )


def find_churn_days(bought: Purchases, cutoff: np.datetime64) -> int:
    """Days without a purchase after which a customer counts as churned.

    A year; before there is a year of purchases, twice the pause that one in twenty
    exceeds, at least :data:`MIN_CHURN_DAYS`.
    """
    end = np.datetime64(cutoff, "D")
    if not len(bought.days) or (end - bought.days.min()).astype(int) >= YEAR_DAYS:
        return YEAR_DAYS
    pauses = np.diff(bought.days.astype(np.int64))
    pauses = pauses[bought.customers[1:] == bought.customers[:-1]]
    if len(pauses) < MIN_TRIED:
        return YEAR_DAYS
    usual = 2 * float(np.quantile(pauses, SLOW_SHARE))
    return int(np.clip(np.ceil(usual), MIN_CHURN_DAYS, YEAR_DAYS))


def _has_slowed(bought: Purchases, end: np.datetime64) -> bool:
    """Whether most customers with so long a silence on earlier days bought less in the
    half year after that day than in the half year before it.

    Customers without a purchase in the half year before cannot buy less, and are not
    counted.
    """
    tried = fewer = 0
    for number in range(1, TRIED_ORIGINS + 1):
        day = end - number * TRIED_DAYS
        then = bought.until(day)
        if not len(then.days):
            break
        begins = find_begins(then.customers)
        frequency = np.diff(begins, append=len(then.days))
        ids, last = then.customers[begins], then.days[begins + frequency - 1]
        owner = np.repeat(np.arange(len(ids)), frequency)
        recency = (day - last).astype(int)
        pace = _silence_share(then, owner, frequency, recency)
        named = ids[(pace > SLOW_SHARE) & (recency < YEAR_DAYS)]

        later = bought.until(day + TRIED_DAYS)
        after = later.select(later.days > day)
        before = then.select(then.days > day - TRIED_DAYS)
        counts = [one.sum_of(named, np.ones(len(one.days))) for one in (before, after)]
        tried += int((counts[0] > 0).sum())
        fewer += int((counts[1] < counts[0]).sum())
    return tried >= MIN_TRIED and 2 * fewer > tried


def rank_classes(values: np.ndarray) -> np.ndarray:
    """Classes 1 to 5: fifths of the customers in the order of their values.

    Equal values are in one class, that of their middle rank, so classes need not be of
    equal size: where all are equal, all are in class 3. Amounts are compared in cents.
    """
    values = np.round(np.asarray(values, dtype=float) * 100)
    ordered = np.sort(values)
    ranks = np.searchsorted(ordered, values, side="left")
    ranks = ranks + np.searchsorted(ordered, values, side="right")
    return -(-ranks * CLASSES // max(2 * len(values), 1))


def find_median_pause(days: np.ndarray, owner: np.ndarray) -> float | None:
    """Median days between purchases of the same customer; None where none came back.

    :param owner: of each day, ascending, with the days of each in order
    """
    pauses = np.diff(days.astype(np.int64))[owner[1:] == owner[:-1]]
    return float(np.median(pauses)) if len(pauses) else None


def name_segments(
    rfm: np.ndarray, is_new: np.ndarray, has_churned: np.ndarray
) -> np.ndarray:
    """A segment for each customer by recency and frequency.

    Who is new, and who bought once and is not, has no class: most customers of many
    shops are, and would be the champions of a rank among equals. Who has churned is not
    recent, even where most others have been silent for longer.
    """
    recent = np.where(has_churned, np.minimum(rfm[:, 0], 2), rfm[:, 0])
    often = rfm[:, 1]
    return np.select(
        [
            is_new,
            np.isnan(often),
            (recent >= 4) & (often >= 4),
            (recent == 3) & (often >= 4),
            often >= 4,
            recent >= 4,
            recent == 3,
            recent == 2,
        ],
        [
            "new", "one_time", "champion", "loyal", "at_risk", "promising",
            "needs_attention", "hibernating",
        ],
        "lost",
    )  # fmt: skip


def tiers(monetary: np.ndarray) -> np.ndarray:
    """A for the largest customers who bring 80% of the revenue, B up to 95%, C.

    Who brings as much is in the same tier; who brought nothing is in C.
    """
    cents = np.round(np.maximum(monetary, 0) * 100)
    values, place, counts = np.unique(-cents, return_inverse=True, return_counts=True)
    before = np.append(0.0, np.cumsum(-values * counts))
    share = before[:-1] / max(before[-1], 1)
    limits = np.array([*TIERS.values()][:-1])
    tier = np.searchsorted(limits, share[place] + 1e-12) if len(cents) else place
    return np.array([*TIERS])[np.where(cents > 0, tier, len(TIERS) - 1)]


def sum_up(found: CustomerFigures, names: np.ndarray) -> dict[str, dict[str, float]]:
    """``customers`` and their ``revenue`` by the name that each customer has.

    :param names: of each customer, such as its segment
    """
    return {
        name: {
            "customers": int(rows.sum()),
            "revenue": float(found.monetary[rows].sum().round(2)),
        }
        for name in np.unique(names).tolist()
        for rows in [names == name]
    }


def migration(
    before: Mapping[int, str], after: Mapping[int, str], segments: Sequence[str]
) -> np.ndarray:
    """How many customers went from one segment into another.

    :return: shape (segments + 1, segments + 1), from rows to columns; the last row are
        those who were no customers yet, the last column those who are none any more
    """
    place = {segment: number for number, segment in enumerate(segments)}
    counts = np.zeros((len(segments) + 1,) * 2, dtype=int)
    for customer in {*before, *after}:
        row = place.get(before.get(customer, ""), len(segments))
        column = place.get(after.get(customer, ""), len(segments))
        counts[row, column] += 1
    return counts


def kept_and_churned(
    purchases: Purchases, day: np.datetime64
) -> tuple[float | None, float | None, float | None]:
    """Churn rate, NRR and GRR of the year up to ``day`` against the year before it.

    Kept is who bought in both years. NRR = revenue now ÷ revenue then of the customers
    of then; GRR counts no more of each than then. As ratios: 0.1 = 10%.

    :return: three times None before there are two years of purchases
    """
    end = np.datetime64(day, "D")
    if not len(purchases.days) or purchases.days.min() > end - 2 * YEAR_DAYS + 1:
        return None, None, None
    known = purchases.until(end)
    now, then = _select_years(known, end)
    bought_now, bought_then = _select_years(known.bought, end)
    ids = np.unique(bought_then.customers)
    old, new = (part.sum_of(ids, part.amounts) for part in (then, now))
    total = old.sum()
    if not len(ids) or total <= 0:
        return None, None, None
    has_bought = np.isin(ids, bought_now.customers)
    return (
        float(1 - has_bought.mean()),
        float(new.sum() / total),
        float(np.clip(new, 0, np.maximum(old, 0)).sum() / total),
    )


def _select_years(purchases: Purchases, end: np.datetime64) -> list[Purchases]:
    """Those of the year up to a day, and of the year before it."""
    return [
        purchases.select((purchases.days > day - YEAR_DAYS) & (purchases.days <= day))
        for day in (end, end - YEAR_DAYS)
    ]


def _silence_share(
    bought: Purchases, owner: np.ndarray, frequency: np.ndarray, recency: np.ndarray
) -> np.ndarray:
    """Share of usual pauses that are no longer than each one's silence: 0.95 = only one
    pause in twenty lasts as long.

    A pause is measured in the mean pause of its customer where that has three of them,
    else in that of all.
    """
    gaps = np.diff(bought.days.astype(np.int64))
    own = owner[1:] == owner[:-1]
    gaps, owner = gaps[own], owner[1:][own]
    if not len(gaps):
        return np.zeros(len(frequency))
    sums = np.bincount(owner, gaps, len(frequency))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / (frequency - 1)
    mean = np.where(frequency - 1 >= LEAST_GAPS, mean, gaps.mean())
    usual = np.sort(gaps / mean[owner])
    return np.searchsorted(usual, recency / mean, side="right") / len(usual)
