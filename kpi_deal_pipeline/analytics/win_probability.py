"""Win probability of open deals, learned from how earlier ones ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.reliability import (
    Band,
    brier_score,
    reliability,
)

from .observations import Observations

STEP_DAYS = 7
HOLD_OUT = 0.25  # of the deals: those decided last
ENOUGH_DEALS = 200
ENOUGH_OF_EACH = 30  # won, and lost, to learn from
ENOUGH_TO_TEST = 30
PRIOR_DEALS = 10  # what the rate that is set for a stage weighs
KNOT_SHARES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class StageRate:
    """:ivar won, count: of own deals that stood in the stage
    :ivar rate: their share, drawn to what is set for the stage
    """

    won: int
    count: int
    rate: float


@dataclass(frozen=True)
class Logistic:
    """p = 1 / (1 + e^−z), z a level per stage plus a broken line in log(1 + age).

    :ivar knots: where the line breaks, in log(1 + days)
    :ivar slopes: of the line, then how much it changes at each knot
    """

    knots: tuple[float, ...]
    intercept: float
    levels: tuple[float, ...]
    slopes: tuple[float, ...]


@dataclass(frozen=True)
class Judged:
    """Quality of a judge on the deals decided last.

    :ivar forecast_count: how many probabilities were given, one per deal and week
    :ivar brier: None where no probability was given
    """

    judge: str
    forecast_count: int
    deal_count: int
    brier: float | None
    bands: list[Band] = field(default_factory=list)


@dataclass(frozen=True)
class Learned:
    """:ivar basis: ``calibrated`` or ``stage_norm``
    :ivar reason: why: ``better``, ``few_deals``, ``not_better`` or ``no_library``
    :ivar rates: by stage, from all deals
    :ivar logistic: from all deals; only where it is used
    :ivar judged: on the deals decided last, by models that knew the earlier ones only:
        ``calibrated``, ``stage_norm``, ``confidence`` and, on the rows that have a
        confidence, ``calibrated_beside`` and ``stage_norm_beside``
    """

    basis: str
    reason: str
    deal_count: int
    rates: list[StageRate]
    logistic: Logistic | None
    judged: list[Judged]


def stage_rates(rows: Observations, priors: np.ndarray) -> list[StageRate]:
    """Share of the deals seen in each stage that were won, each deal counted once.

    Drawn to ``priors`` as if there were ``PRIOR_DEALS`` more deals of that rate: the
    mean of a beta distribution, so that three deals make no certainty.

    :param priors: rate set for each stage, from 0 to 1
    """
    pairs = np.unique(
        np.stack([rows.stage, rows.deal, rows.is_won.astype(int)]), axis=1
    )
    counts = np.bincount(pairs[0], minlength=len(priors))
    won = np.bincount(pairs[0], pairs[2], len(priors)).astype(int)
    rates = (won + PRIOR_DEALS * np.asarray(priors)) / (counts + PRIOR_DEALS)
    return [
        StageRate(*map(int, each), float(rate))
        for *each, rate in zip(won, counts, rates, strict=True)
    ]


def calibrate(rows: Observations, stage_count: int) -> Logistic:
    """Fit a logistic regression of the outcome on stage and age.

    With the usual L2 penalty (C = 1), which draws stages with few deals to the others.

    :raises ImportError: scikit-learn is not installed
    """
    from sklearn.linear_model import LogisticRegression  # optional and slow to import

    line = np.log1p(rows.age)
    knots = tuple(map(float, np.unique(np.quantile(line, KNOT_SHARES))))
    matrix = np.hstack([np.eye(stage_count)[rows.stage], _spline_basis(line, knots)])
    fitted = LogisticRegression(max_iter=1000).fit(matrix, rows.is_won)
    coefficients = tuple(map(float, fitted.coef_[0]))
    return Logistic(
        knots,
        float(fitted.intercept_[0]),
        coefficients[:stage_count],
        coefficients[stage_count:],
    )


def probabilities(logistic: Logistic, stage: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Win probabilities of deals by ``logistic``.

    :param stage: indexes of stages
    :param age: days since opened
    """
    line = _spline_basis(np.log1p(np.maximum(age, 0)), logistic.knots)
    level = np.asarray(logistic.levels)[np.asarray(stage)]
    return 1 / (1 + np.exp(-(logistic.intercept + level + line @ logistic.slopes)))


def learn(rows: Observations, priors: np.ndarray) -> Learned:
    """Judge what is learned on the deals decided last, then learn from all.

    What is judged knew nothing later: it is learned from deals decided before a day,
    and judged on how open deals looked from that day on. Where stage and age together
    are no better there than the usual rate of the stage, that rate is used.

    :param rows: of decided deals, every ``STEP_DAYS``
    :param priors: rate set for each stage
    """
    rates = stage_rates(rows, priors)
    cut = _find_cutoff_day(rows)
    known, later = rows.where(rows.decided < cut), rows.where(rows.day >= cut)
    reason, logistic = _earlier_calibration(rows, known, later, len(priors))
    norms = np.array([each.rate for each in stage_rates(known, priors)])
    forecasts = {"stage_norm": norms[later.stage]}
    if logistic:
        forecasts["calibrated"] = probabilities(logistic, later.stage, later.age)
    judged = _evaluate_judges(forecasts, later)
    scores = {each.judge: each.brier for each in judged}
    if logistic and scores["calibrated"] >= scores["stage_norm"]:
        reason = "not_better"
    is_used = reason == "better"
    return Learned(
        "calibrated" if is_used else "stage_norm",
        reason,
        rows.deal_count,
        rates,
        calibrate(rows, len(priors)) if is_used else None,
        judged,
    )


def _earlier_calibration(
    rows: Observations, known: Observations, later: Observations, stage_count: int
) -> tuple[str, Logistic | None]:
    """Learn what could be learned before the cut, or say why nothing could."""
    won = len(np.unique(known.deal[known.is_won]))
    fewest = min(won, known.deal_count - won)
    if (
        rows.deal_count < ENOUGH_DEALS
        or fewest < ENOUGH_OF_EACH
        or later.deal_count < ENOUGH_TO_TEST
    ):
        return "few_deals", None
    try:
        return "better", calibrate(known, stage_count)
    except ImportError:
        return "no_library", None


def _find_cutoff_day(rows: Observations) -> int:
    """The day from which on the last ``HOLD_OUT`` of the deals were decided."""
    _, index = np.unique(rows.deal, return_index=True)
    if not len(index):
        return 0
    days = rows.decided[index]
    return int(np.quantile(days, 1 - HOLD_OUT, method="higher"))


def _evaluate_judges(
    forecasts: dict[str, np.ndarray], later: Observations
) -> list[Judged]:
    has_confidence = ~np.isnan(later.confidence)
    beside = {
        f"{judge}_beside": (values[has_confidence], later.where(has_confidence))
        for judge, values in forecasts.items()
    }
    agents = later.where(has_confidence)
    judges = {judge: (values, later) for judge, values in forecasts.items()}
    judges["confidence"] = (agents.confidence, agents)
    return [
        Judged(
            judge,
            len(values),
            rows.deal_count,
            brier_score(values, rows.is_won) if len(values) else None,
            reliability(values, rows.is_won),
        )
        for judge, (values, rows) in {**judges, **beside}.items()
    ]


def _spline_basis(line: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    return np.stack([line, *(np.maximum(line - knot, 0) for knot in knots)], axis=1)
