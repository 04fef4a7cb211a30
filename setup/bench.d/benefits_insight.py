"""Leaks and forecasts of benefits on simulated portfolios that nothing was tuned on."""

from collections.abc import Iterator

import numpy as np

from _harness import Bench, Figure, case

SEEDS = (1001, 1002)
WITHIN = 6  # months from the onset on
CLOSED = {25: 6, 50: 12, 75: 18}  # percent of the life: months that are over
SLACK, LIMIT = 0.15, 0.5  # of the plain chart, chosen for 4 % false alarms
COVERED, OFF = 0.80, 0.03


def _simulate() -> list:
    from odoo.addons.kpi_benefits.engine.simulation import simulate

    return [simulate(np.random.default_rng(seed)) for seed in SEEDS]


@case()
def benefits_insight_leaks(bench: Bench) -> Iterator[Figure]:
    """Leaks found within six months of their onset, beside a plain CUSUM chart, and
    healthy benefits that were ever said to leak."""
    ours, plain = [], []
    for portfolio in _simulate():
        ours.append(_score(portfolio, _find_first(portfolio)))
        plain.append(_score(portfolio, _chart(portfolio)))
    (recall, false), (plain_recall, _plain_false) = (
        np.mean(scores, axis=0) for scores in (ours, plain)
    )
    yield Figure("leak_recall", recall, "share", 0.80, ">= 1")
    yield Figure("leak_recall_vs_cusum", recall, "share", plain_recall, ">= 1")
    yield Figure("leak_false", false, "share", 0.05, "<= 1")


@case()
def benefits_insight_forecast(bench: Bench) -> Iterator[Figure]:
    """Mean errors of the share realised in the end at 25, 50 and 75 % of the life,
    beside the better of “as planned” and “rate so far”; and how far what the range
    covers is off 80 %."""
    from odoo.addons.kpi_benefits.engine.history import History
    from odoo.addons.kpi_benefits.engine.outlook import look_ahead

    portfolios = _simulate()
    for percent, closed in CLOSED.items():
        errors, plain, covered = [], [], []
        for one in portfolios:
            done = np.nan_to_num(one.realised)
            truth = done.sum(1) / one.planned.sum(1)
            pace = done[:, :closed].sum(1) / one.planned[:, :closed].sum(1)
            rows = zip(one.planned, one.realised, strict=True)
            found = [look_ahead([History(plan, real[:closed])]) for plan, real in rows]
            rate, low, high = (
                np.array([getattr(each, name) for each in found])
                for name in ("rate", "low", "high")
            )
            errors.append(np.abs(rate - truth).mean())
            plain.append([np.abs(each - truth).mean() for each in (1.0, pace)])
            covered.append(((low <= truth) & (truth <= high)).mean())
        best = np.mean(plain, axis=0).min()
        name = f"forecast_error_{percent}"
        yield Figure(name, float(np.mean(errors)), "of the plan", float(best), "<= 0.9")
        off = abs(float(np.mean(covered)) - COVERED)
        yield Figure(f"forecast_cover_off_{percent}", off, "share", OFF, "<= 1")


def _find_first(portfolio) -> np.ndarray:
    """The month after which each benefit is said to leak first; −1 = never."""
    from odoo.addons.kpi_benefits.engine.detection import find_leaks
    from odoo.addons.kpi_benefits.engine.history import History

    count, months = portfolio.planned.shape
    first = np.full(count, -1)
    for closed in range(1, months + 1):
        rows = zip(portfolio.planned, portfolio.realised, strict=True)
        found = find_leaks([History(plan, done[:closed]) for plan, done in rows])
        is_found = np.array([bool(one) for one in found])
        first = np.where((first < 0) & is_found, closed - 1, first)
    return first


def _chart(portfolio) -> np.ndarray:
    """The same by a chart that adds up what is missing beyond a slack."""
    missing = 1 - np.nan_to_num(portfolio.realised) / portfolio.planned
    total, first = np.zeros(len(missing)), np.full(len(missing), -1)
    for month, part in enumerate(missing.T):
        total = np.maximum(0, total + part - SLACK)
        first = np.where((first < 0) & (total > LIMIT), month, first)
    return first


def _score(portfolio, first: np.ndarray) -> tuple[float, float]:
    """Share of the leaks found in time, and of the others ever said to be leaks."""
    leaks, after = portfolio.kind >= 0, first - portfolio.onset
    in_time = (first >= 0) & (0 <= after) & (after < WITHIN)
    return float(in_time[leaks].mean()), float((first >= 0)[~leaks].mean())
