"""Risk that an open level becomes overdue, learned from how long levels like it took.

P(T > A | T > e) = S(A) / S(e): the share of the levels that had lasted as long as this
one (e, seconds that count) which lasted longer than what is allowed (A), by the
Kaplan–Meier estimate, so that open ones count too. It is used only where it was better
than the base rate on later levels, which it had not seen.
"""

from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.reliability import brier_score
from odoo.addons.kpi_tracking_analytics.analytics.survival import kaplan_meier

HOLD_OUT = 0.25  # of the levels: those that began last
LANDMARKS = (0.0, 0.25, 0.5, 0.75)  # shares of the time allowed at which it is judged
ENOUGH_TO_LEARN = 40
ENOUGH_TO_JUDGE = 30
ENOUGH_AT_RISK = 10  # past levels that lasted as long
CONFIDENT = 1.6448536269514722  # one-sided 95%: better than by chance
MOST_STEPS = 400


@dataclass(frozen=True)
class PastLevels:
    """Levels of one kind, an array element each; durations in seconds that count.

    :ivar start: instants at which they began
    :ivar elapsed: until the clock stopped, or so far
    :ivar is_over: whether the clock has stopped
    :ivar allowed: time that they had
    :ivar is_ripe: whether the due time has passed, so that all know how it ended
    :ivar elapsed_then: at :func:`find_cutoff`, or until the clock stopped before it
    :ivar was_over: whether the clock had stopped at the cutoff
    :ivar was_known: whether ``elapsed_then`` is what the clock showed at the cutoff:
        what had elapsed is not known of one that was taken over or changed later
    """

    start: np.ndarray
    elapsed: np.ndarray
    is_over: np.ndarray
    allowed: np.ndarray
    is_ripe: np.ndarray
    elapsed_then: np.ndarray
    was_over: np.ndarray
    was_known: np.ndarray


@dataclass(frozen=True)
class RiskCurve:
    """Share of past levels that lasted longer than each time.

    :ivar times: seconds, ascending
    :ivar survival: share that lasts longer than each
    :ivar at_risk: how many were seen up to just before each
    """

    times: tuple[int, ...]
    survival: tuple[float, ...]
    at_risk: tuple[int, ...]


@dataclass(frozen=True)
class Learned:
    """What was learned, and how good it was on levels that it did not know.

    :ivar reason: ``better``, ``not_better`` or ``few``
    :ivar level_count: levels learned from
    :ivar judged_count: later levels that it was judged on
    :ivar brier, base_brier: of the curve and of the base rate; None: not judged
    :ivar curve: of all levels; only where it is better
    """

    reason: str
    level_count: int
    judged_count: int
    brier: float | None = None
    base_brier: float | None = None
    curve: RiskCurve | None = None


def find_cutoff(start: np.ndarray) -> int:
    """Instant from which levels are held out: :data:`HOLD_OUT` began then or later."""
    if not len(start):
        return 0
    return int(np.quantile(np.asarray(start), 1 - HOLD_OUT, method="higher"))


def draw_curve(elapsed: np.ndarray, is_over: np.ndarray) -> RiskCurve:
    """The Kaplan–Meier estimate in at most :data:`MOST_STEPS` steps."""
    curve = kaplan_meier(elapsed, is_over)
    steps = len(curve.times)
    kept = np.unique(np.linspace(0, steps - 1, min(steps, MOST_STEPS)).astype(int))
    return RiskCurve(
        tuple(int(time) for time in curve.times[kept]),
        tuple(float(share) for share in curve.survival[kept]),
        tuple(int(count) for count in curve.at_risk[kept]),
    )


def predict_risk(
    curve: RiskCurve, elapsed: np.ndarray, allowed: np.ndarray
) -> np.ndarray:
    """Risks that levels last longer than allowed, as they have lasted ``elapsed``.

    :return: 0 to 1; 1 where that has happened, NaN where fewer than
        :data:`ENOUGH_AT_RISK` past levels lasted as long
    """
    elapsed, allowed = np.asarray(elapsed, float), np.asarray(allowed, float)
    left, beyond = _survival_at(curve, elapsed), _survival_at(curve, allowed)
    place = np.searchsorted(np.asarray(curve.times), elapsed, side="right")
    lasted = np.append(curve.at_risk, 0)[place]
    with np.errstate(invalid="ignore", divide="ignore"):
        risk = np.where(lasted >= ENOUGH_AT_RISK, beyond / left, np.nan)
    return np.where(elapsed > allowed, 1.0, np.clip(risk, 0, 1))


def learn_risk(levels: PastLevels) -> Learned:
    """Learn from earlier levels, judge on later ones, then learn from all.

    What is judged knew nothing later than the cutoff: levels that were open then are
    censored there, and those of which that is not known are left out. It is judged on
    levels that began after it and whose due time has passed, each seen at
    :data:`LANDMARKS` of its time where it was still open; it has to be better than the
    base rate, the share that is overdue whatever has elapsed, by more than chance would
    bring about (paired by level, one-sided 95%).
    """
    cutoff = find_cutoff(levels.start)
    known = (levels.start < cutoff) & levels.was_known
    later = (levels.start >= cutoff) & levels.is_ripe
    learned, judged = int(known.sum()), int(later.sum())
    if learned < ENOUGH_TO_LEARN or judged < ENOUGH_TO_JUDGE:
        return Learned("few", len(levels.start), judged)
    curve = draw_curve(levels.elapsed_then[known], levels.was_over[known])
    row, elapsed = _list_cases(levels.elapsed[later], levels.allowed[later])
    allowed = levels.allowed[later][row]
    is_late = (levels.elapsed[later] > levels.allowed[later])[row]
    base = _survival_at(curve, allowed)
    risk = predict_risk(curve, elapsed, allowed)
    risk = np.where(np.isnan(risk), base, risk)
    gains = (base - is_late) ** 2 - (risk - is_late) ** 2
    per_level = np.bincount(row, gains, judged)  # cases of a level are one
    chance = CONFIDENT * per_level.std(ddof=1)
    is_better = bool(per_level.mean() * np.sqrt(judged) > chance > 0)
    return Learned(
        "better" if is_better else "not_better",
        len(levels.start),
        judged,
        brier_score(risk, is_late),
        brier_score(base, is_late),
        draw_curve(levels.elapsed, levels.is_over) if is_better else None,
    )


def _survival_at(curve: RiskCurve, times: np.ndarray) -> np.ndarray:
    """Share that lasts longer than each of ``times``."""
    place = np.searchsorted(np.asarray(curve.times), times, side="right")
    return np.append(1.0, curve.survival)[place]


def _list_cases(
    elapsed: np.ndarray, allowed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How each level looked at the landmarks: its row, what had elapsed."""
    seen = np.round(np.outer(allowed, LANDMARKS))
    row, mark = np.nonzero((elapsed[:, None] > seen) | (seen == 0))
    return row, seen[row, mark]
