"""The executive dashboard beside trivial calls, its analyses beside pandas, SciPy and
Markov chains."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy import optimize

from odoo.tools import SQL

from _harness import (
    Bench,
    DifferentResults,
    Figure,
    case,
    count_statements,
)
from _kpis import as_admin, undo
from _server import caller, server

MOST_STATEMENTS, CALLS = 12, 60
CHANGED, MONTHS = 1_000, 3
PURCHASES = "SELECT customer_id, day, amount FROM kpi_bi_purchase WHERE company_id = %s"
SUMS = """
    SELECT count(*), sum(amount), sum(amount * mod(customer_id, 97))
      FROM kpi_bi_purchase
"""
KINDS = ("additive", "logistic", "synergy", "intent")
SEEDS = range(3)


@case("bi")
def executive(bench: Bench) -> Iterator[Figure]:
    """The ready dashboard over purchases of five years, as the web client reads it."""
    env = bench.env
    ready = env.ref("kpi_bi_dashboard.kpi_gallery_dashboard_executive")
    ready._install()
    analyses = env["kpi.bi.analysis"]
    for name in analyses._list_analyses():
        analyses._run_analysis(name, env.company)
    env["kpi.job"].search([])._run()
    env.cr.commit()
    board = as_admin(ready.dashboard_id)
    shown = [tile["kind"] for tile in board.data()["tiles"] if tile["state"] == "ok"]
    if missing := {"triangle", "segment_map"}.difference(shown):
        raise DifferentResults(f"the dashboard shows no {missing}")
    count = count_statements(board.env, board.data)
    yield Figure("executive_statements", count, "queries", MOST_STATEMENTS, "<= 1")
    with server(bench.database, "--workers=0") as url:
        call = caller(url)
        seconds = bench.measure(
            lambda: call("kpi.dashboard", "data", board.ids),
            lambda: call("res.users", "has_group", [2], "base.group_user"),
            turns=CALLS,
        )
    own, trivial = (1000 * one for one in seconds)
    yield Figure("executive_vs_trivial", own, "ms", trivial, "<= 6")


@case("bi")
def purchases(bench: Bench) -> Iterator[Figure]:
    """Purchases of all months, and of those of 1,000 changed invoices; then customers
    and cohorts of them, beside what an analyst would write in pandas."""
    env = bench.env
    rows = env["kpi.bi.purchase"]

    def refresh() -> list[tuple]:
        rows._refresh(env.company)
        return env.execute_query(SQL(SUMS))

    (full,) = bench.measure(refresh, before=lambda: undo(env))
    env.cr.commit()
    yield bench.compare(
        "customers_vs_pandas",
        ours=lambda: _describe(env),
        reference=lambda: _describe_by_hand(env),
        target="<= 0.3",
    )
    env.cr.execute(_CHANGE, {"count": CHANGED, "months": MONTHS})
    env.cr.commit()
    months = len(rows._refresh(env.company))
    if months != MONTHS:
        raise DifferentResults(f"{months} months were written anew")
    (changed,) = bench.measure(refresh, before=lambda: undo(env))
    yield Figure("changed_vs_full", changed, "s", full, "<= 0.35")


# Of invoices of the last whole months, line and document.
_CHANGE = """
    WITH changed AS (
        UPDATE account_move SET amount_untaxed_signed = amount_untaxed_signed + 1
         WHERE id IN (
               SELECT id FROM account_move
                WHERE invoice_date >= date_trunc('month', now())
                                      - %(months)s * INTERVAL '1 month'
                  AND invoice_date < date_trunc('month', now())
             ORDER BY md5(id::text)
                LIMIT %(count)s)
     RETURNING id)
    UPDATE account_move_line AS line SET balance = balance - 1
      FROM changed
     WHERE line.move_id = changed.id AND line.id %% 2 = 0
"""


def _describe(env: Any) -> list[Any]:
    """Customers by segment, and how many of each cohort bought in each month."""
    from odoo.addons.kpi_bi_dashboard.analytics.cohort_analysis import cohort_analyzer
    from odoo.addons.kpi_bi_dashboard.analytics.data_models import customer_models

    known = env["kpi.bi.purchase"]._read_purchases(env.company)
    today = np.datetime64("today")
    found = customer_models.describe_customers(known, today)
    cohorts = cohort_analyzer.build_cohorts(known, today)
    classes = np.bincount(found.rfm @ [100, 10, 1])
    counts = np.nan_to_num(cohorts.customers).astype(int)
    is_over = ~np.isnan(cohorts.customers)
    return [classes[classes > 0].tolist(), *counts[is_over].tolist()]


def _describe_by_hand(env: Any) -> list[Any]:
    query = SQL(PURCHASES, env.company.id)
    frame = pd.DataFrame(
        env.execute_query(query), columns=["customer", "day", "amount"]
    )
    frame["day"] = pd.to_datetime(frame["day"])
    frame["amount"] = frame["amount"].astype(float)
    days = frame.groupby(["customer", "day"], as_index=False)["amount"].sum()
    today = pd.Timestamp.today().normalize()
    figures = days.groupby("customer").agg(
        last=("day", "max"), count=("day", "size"), amount=("amount", "sum")
    )
    recency = -(today - figures["last"]).dt.days
    columns = (recency, figures["count"], figures["amount"].round(2))
    classes = [
        np.ceil(5 * values.rank(pct=True, method="max")).astype(int)
        for values in columns
    ]
    keys = 100 * classes[0] + 10 * classes[1] + classes[2]
    days["month"] = days["day"].dt.to_period("M")
    days["cohort"] = days.groupby("customer")["month"].transform("min")
    days["age"] = (days["month"] - days["cohort"]).map(lambda offset: offset.n)
    table = days.pivot_table(
        index="cohort", columns="age", values="customer", aggfunc="nunique"
    )
    running = today.to_period("M")
    counts = []
    for cohort, row in table.iterrows():
        last = (running - cohort).n - 1
        counts += row.fillna(0).astype(int).tolist()[: last + 1]
    return [keys.value_counts().sort_index().tolist(), *counts]


@case()
def bgnbd_vs_scipy(bench: Bench) -> Iterator[Figure]:
    """BG/NBD of 23,570 customers, beside the same likelihood by SciPy's L-BFGS-B."""
    from odoo.addons.kpi_bi_dashboard.analytics import optimisation
    from odoo.addons.kpi_bi_dashboard.analytics.data_models import lifetime_value
    from odoo.addons.kpi_bi_dashboard.tests.analytics import public_data

    if not public_data.DATA.is_dir():
        return
    cutoff = np.datetime64("1997-09-30")
    history = lifetime_value.build_history(public_data.cdnow(), cutoff)

    def by_scipy(function: Callable, start: np.ndarray) -> optimisation.Minimum:
        found = optimize.minimize(function, start, method="L-BFGS-B")
        return optimisation.Minimum(found.x, found.fun, found.nfev, found.success)

    def fit_by_scipy() -> float:
        with patch.object(lifetime_value, "find_minimum", by_scipy):
            return fit()

    def fit() -> float:
        return lifetime_value.fit_purchases(history).log_likelihood

    def check(ours: float, reference: float) -> None:
        if ours < reference - 0.01:
            raise DifferentResults(f"log-likelihood {ours}, by SciPy {reference}")

    yield bench.compare(
        "bgnbd_vs_scipy", ours=fit, reference=fit_by_scipy, same=check, target="<= 1.3"
    )


@case()
def attribution_vs_markov(bench: Bench) -> Iterator[Figure]:
    """Error of the credit by exposure on paths of known effect that identify it,
    compared with Markov chains; mean of four kinds of effect."""
    from odoo.addons.kpi_bi_dashboard.analytics.data_models.attribution import attribute
    from odoo.addons.kpi_bi_dashboard.tests.analytics import test_attribution

    errors: dict[str, list[float]] = {"exposure": [], "markov": []}
    for kind in KINDS:
        for seed in SEEDS:
            paths, true = test_attribution.simulate(kind, seed)
            found = attribute(paths)
            for name, of_name in errors.items():
                credit = found.credits[name]
                of_name.append(sum(abs(credit[one] - true[one]) for one in true))
    ours, markov = (float(np.mean(one)) for one in errors.values())
    yield Figure("attribution_vs_markov", ours, "error", markov, "<= 0.3")
