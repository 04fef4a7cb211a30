"""Markets: shares, how threatening competitors are, what opportunities are worth."""

from dataclasses import dataclass

# 0 to 1 each; what is not known is left out and the rest counts for more
THREAT_WEIGHTS = {"share": 0.35, "growth": 0.25, "overlap": 0.25, "price": 0.15}
ASSESSMENT_WEIGHTS = {"size": 0.3, "growth": 0.2, "fit": 0.3, "ease": 0.2}


@dataclass(frozen=True)
class Score:
    """A weighted mean of 0 to 100 and what it is made of.

    :ivar value: None = nothing is known
    :ivar parts: points that each part brought; they add up to ``value``
    :ivar known_share: of the weights, that of what is known
    """

    value: float | None
    parts: dict[str, float]
    known_share: float


def market_share(revenue: float, market_size: float | None) -> float | None:
    """Own part of the market, as a ratio; None without a size."""
    return revenue / market_size if market_size and market_size > 0 else None


def threat_score(
    *,
    share: float | None = None,
    own_share: float | None = None,
    growth: float | None = None,
    overlap: float | None = None,
    price_advantage: float | None = None,
) -> Score:
    """How threatening a competitor is.

    :param share, own_share: of the market, as ratios: as large as we are = 0.5
    :param growth: a year, as a ratio: shrinking by 20% = 0, growing by 20% = 1
    :param overlap: share of our customers to whom it sells, too
    :param price_advantage: how much cheaper it is: 20% = 1, 20% dearer = 0
    """
    both = None if share is None or own_share is None else share + own_share
    return weigh(
        {
            "share": share / both if both else None,
            "growth": None if growth is None else 0.5 + growth / 0.4,
            "overlap": overlap,
            "price": None if price_advantage is None else 0.5 + price_advantage / 0.4,
        },
        THREAT_WEIGHTS,
    )


def assess_opportunity(
    *,
    size: float | None,
    own_revenue: float,
    growth: float | None,
    fit: float | None,
    ease: float | None,
) -> Score:
    """How promising a market is.

    :param size: revenue to be had a year: as much as ``own_revenue`` = 1
    :param growth: of the market a year, as a ratio: 20% = 1, 0 = 0
    :param fit, ease: 0 to 1, as people judge: own strengths; no barriers
    """
    relative = size / own_revenue if size is not None and own_revenue > 0 else None
    return weigh(
        {
            "size": relative,
            "growth": None if growth is None else growth / 0.2,
            "fit": fit,
            "ease": ease,
        },
        ASSESSMENT_WEIGHTS,
    )


def weigh(parts: dict[str, float | None], weights: dict[str, float]) -> Score:
    """The weighted mean of parts from 0 to 1; what lies outside counts as the limit."""
    known = {name: min(max(p, 0.0), 1.0) for name, p in parts.items() if p is not None}
    whole = sum(weights[name] for name in known)
    if not known:
        return Score(None, {}, 0.0)
    points = {name: 100 * weights[name] * part / whole for name, part in known.items()}
    return Score(sum(points.values()), points, whole / sum(weights.values()))
