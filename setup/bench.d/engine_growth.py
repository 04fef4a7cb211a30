"""Whether the engine's cost grows with the work, or faster."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import Bench, Figure, case
from _kpis import forget, vacuum
from engine_company import PERIODS, prepare, recompute

FEW_ROWS, MANY_ROWS = 20_000, 2_000_000
FEW_DEFINITIONS = 2  # of 200, each with 50 reports
MEASURES = ("count", "sum", "average", "min", "max")


@case("rows")
def growth_rows(bench: Bench) -> Iterator[Figure]:
    """Microseconds a record with 2,000,000 analytic items, beside 20,000 of them."""
    env = bench.env
    stop = date.today().replace(day=1)
    first = stop - relativedelta(months=PERIODS)
    _track_items(env, first)

    def run() -> None:
        env["kpi.source"]._recompute_all(first, stop - relativedelta(days=1))

    costs = []
    for count in (FEW_ROWS, MANY_ROWS):
        _fill_items(env, count, first, stop)
        run()
        vacuum(env)
        (seconds,) = bench.measure(run, before=lambda: forget(env))
        costs.append(1e6 * seconds / count)
    yield Figure("growth_rows", costs[1], "us", costs[0], "<= 1.2")


def _track_items(env: Any, first: date) -> None:
    domains = (
        "[]",
        "[('amount', '>', 500)]",
        "[('partner_id.country_id', '!=', False)]",
    )
    definitions = env["kpi.definition"].create(
        [
            {
                "name": f"{measure} {number}",
                "code": f"{measure}_{number}",
                "computation": "records",
                "measure": measure,
                "measure_field": "amount" if measure != "count" else False,
                "domain": domain,
                "model_name": "account.analytic.line",
                "date_field": "date",
                "history_start": first,
                "coarsest_grain": "month",
            }
            for measure in MEASURES
            for number, domain in enumerate(domains)
        ]
    )
    users = env["res.users"].search([("login", "like", "bench_user")])
    divisions = env["hr.department"].search([("name", "like", "Division")])
    definitions._track_for("company", env.company)
    definitions._track_for("user", users)
    definitions._track_for("department", divisions)
    env.flush_all()


def _fill_items(env: Any, count: int, first: date, stop: date) -> None:
    """Make them ``count``, spread evenly over days, users and partners."""
    users = env["res.users"].search([("login", "like", "bench_user")])
    partners = env["res.partner"].search([("name", "=like", "Customer %")])
    env.cr.execute(
        """
        INSERT INTO account_analytic_line (
               name, date, amount, unit_amount, user_id, partner_id, company_id,
               currency_id)
        SELECT 'Item', %(first)s + i * 7 %% %(days)s, i * 13 %% 1000, i %% 8,
               (%(users)s::int[])[1 + i * 31 %% %(user_count)s],
               (%(partners)s::int[])[1 + i * 17 %% %(partner_count)s],
               %(company)s, %(currency)s
          FROM generate_series(
                 (SELECT count(*)::int FROM account_analytic_line) + 1,
                 %(count)s) AS i
        """,
        {
            "first": first,
            "days": (stop - first).days,
            "users": users.ids,
            "user_count": len(users),
            "partners": partners.ids,
            "partner_count": len(partners),
            "company": env.company.id,
            "currency": env.company.currency_id.id,
            "count": count,
        },
    )


@case("rows")
def growth_kpis(bench: Bench) -> Iterator[Figure]:
    """Milliseconds a report with 10,000 reports of 200 KPIs, beside 100 of two KPIs."""
    env = bench.env
    company = prepare(env)
    everything = company.definitions
    half = len(everything) // 2
    few = everything[:1] | everything[half : half + FEW_DEFINITIONS - 1]
    costs = []
    for definitions in (few, everything):
        everything.active = False
        definitions.active = True
        env.flush_all()
        count = env["kpi.report"].search_count(
            [("definition_id", "in", definitions.ids)]
        )
        recompute(company)
        vacuum(env)
        (seconds,) = bench.measure(
            lambda: recompute(company), before=lambda: forget(env)
        )
        costs.append(1e3 * seconds / count)
    yield Figure("growth_kpis", costs[1], "ms", costs[0], "<= 1.2")
