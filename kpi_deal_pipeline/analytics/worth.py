"""Value that a pipeline may yield, as a range and not as one number."""

from dataclasses import dataclass

import numpy as np

DRAWS = 10_000
CELLS = 4_000_000  # deals × draws held at once
SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Worth:
    """:ivar expected: Σ amount × probability, exact
    :ivar p10, p50, p90: what is not exceeded in 10, 50 and 90% of the draws
    """

    expected: float
    p10: float
    p50: float
    p90: float


def simulate_worth(
    amounts: np.ndarray,
    probabilities: np.ndarray,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Worth:
    """The won value of open deals, each won in full or not at all.

    Monte Carlo: in each draw deal i is won with probability pᵢ, independently of the
    others, and the draw's worth is the sum of the amounts won. Quantiles are those of
    the draws (Hyndman & Fan 1996, type 1: always a sum that was drawn). With 10,000
    draws the rank of a 10% quantile is off by 0.3 points (√(0.1 · 0.9 / draws)).
    Deals that are won and lost together, such as by a crisis, make the true range
    wider.

    :param amounts: shape (deals,), one currency
    :param probabilities: shape (deals,), from 0 to 1
    :param rng: seeded, so that the same deals give the same range
    :raises ValueError: shapes differ, or a probability is none
    """
    amounts = np.asarray(amounts, dtype=float)
    probabilities = np.asarray(probabilities, dtype=float)
    if amounts.shape != probabilities.shape:
        raise ValueError("as many amounts as probabilities are needed")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("probabilities are from 0 to 1")
    if not len(amounts):
        return Worth(0.0, 0.0, 0.0, 0.0)
    sums = np.zeros(draws)
    deals_at_once = max(1, CELLS // draws)
    for start in range(0, len(amounts), deals_at_once):
        part = slice(start, start + deals_at_once)
        chances = rng.random((draws, len(amounts[part])))
        sums += (chances < probabilities[part]) @ amounts[part]
    quantiles = np.quantile(sums, SHARES, method="inverted_cdf")
    return Worth(float(amounts @ probabilities), *map(float, quantiles))
