"""The dashboard of 2,000 initiatives beside SQL over each month of each benefit."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from _harness import Bench, DifferentResults, Figure, case, count_statements

MOST_STATEMENTS = 12
CENT = 0.005
# What somebody would write who needs these numbers once.
MONTHS_BY_HAND = """
    SELECT period_start::text, sum(period.planned)::float8,
           sum(period.realized)::float8
      FROM kpi_benefit_period AS period
      JOIN benefit_realizations AS benefit ON benefit.id = period.benefit_id
      JOIN initiatives AS initiative ON initiative.id = benefit.initiative_id
     WHERE benefit.active AND initiative.active AND initiative.company_id = %(company)s
       AND initiative.approved_on IS NOT NULL
  GROUP BY period_start
  ORDER BY period_start
"""
INITIATIVES_BY_HAND = """
    WITH added AS (
        SELECT benefit.initiative_id,
               sum(period.planned) FILTER (WHERE period_start < %(month)s) AS planned,
               coalesce(sum(period.realized)
                        FILTER (WHERE period_start < %(month)s), 0) AS realized,
               count(DISTINCT period_start) FILTER (
                   WHERE period_start >= %(recent)s AND period_start < %(month)s
               ) AS recent,
               count(period.realized) FILTER (
                   WHERE period_start >= %(recent)s AND period_start < %(month)s
               ) AS reported
          FROM kpi_benefit_period AS period
          JOIN benefit_realizations AS benefit ON benefit.id = period.benefit_id
          JOIN initiatives AS initiative ON initiative.id = benefit.initiative_id
         WHERE benefit.active AND initiative.active
           AND initiative.company_id = %(company)s
           AND initiative.approved_on IS NOT NULL
      GROUP BY benefit.initiative_id
    ),
    risky AS (
        SELECT initiative_id, count(*) AS risks
          FROM benefit_realizations
         WHERE active AND status = 'at_risk'
      GROUP BY initiative_id
    )
    SELECT initiative.id, initiative.status, initiative.planned_cost::float8,
           initiative.forecast_cost::float8,
           added.planned::float8, added.realized::float8,
           status <> 'closed' AND approved_on IS NOT NULL
               AND (planned > 0 AND realized / planned < 0.8
               OR recent >= 2 AND reported = 0 OR risks > 0)
      FROM initiatives AS initiative
 LEFT JOIN added ON added.initiative_id = initiative.id
 LEFT JOIN risky ON risky.initiative_id = initiative.id
     WHERE initiative.active AND initiative.company_id = %(company)s
"""
BENEFITS_BY_HAND = """
    SELECT benefit.status, count(*)
      FROM benefit_realizations AS benefit
      JOIN initiatives AS initiative ON initiative.id = benefit.initiative_id
     WHERE benefit.active AND benefit.company_id = %(company)s
       AND initiative.approved_on IS NOT NULL
  GROUP BY benefit.status
"""


@case("benefits")
def benefits_portfolio(bench: Bench) -> Iterator[Figure]:
    """As an officer, who sees all of it."""
    env = bench.env(user=bench.env.ref("base.user_admin"))

    def shown() -> Any:
        return _show(env)

    shown()
    count = count_statements(env, shown)
    yield Figure("portfolio_statements", count, "statements", MOST_STATEMENTS, "<= 1")
    yield bench.compare(
        "portfolio_vs_sql",
        ours=shown,
        reference=lambda: _show_by_hand(env),
        same=_check_same,
        target="<= 0.25",
    )


def _show(env: Any) -> dict:
    """As a request does, which knows no record yet."""
    env.invalidate_all(flush=False)
    return env["kpi.benefit.portfolio"].get_portfolio({})


def _show_by_hand(env: Any) -> dict:
    month = date.today().replace(day=1)
    values = {
        "company": env.company.id,
        "month": month,
        "recent": month - relativedelta(months=2),
    }
    months = env.execute_query(SQL(MONTHS_BY_HAND, **values))
    rows = env.execute_query(SQL(INITIATIVES_BY_HAND, **values))
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row[1]] = statuses.get(row[1], 0) + 1
    begun = [row for row in rows if (row[4] or 0) > 0 < row[5]]
    begun.sort(key=lambda row: (-row[5] / row[4], -row[5], row[0]))
    return {
        "months": months,
        "statuses": statuses,
        "benefits": dict(env.execute_query(SQL(BENEFITS_BY_HAND, **values))),
        "planned_cost": sum(row[2] or 0 for row in rows),
        "forecast_cost": sum(row[3] or 0 for row in rows),
        "top": [row[0] for row in begun[:5]],
        "at_risk_count": sum(bool(row[6]) for row in rows),
    }


def _check_same(ours: dict, theirs: dict) -> None:
    """:raises DifferentResults: a number of the dashboard is another one by hand"""
    months = [(one["start"], one["planned"], one["realized"]) for one in ours["months"]]
    pairs = {
        "months": (len(months), len(theirs["months"])),
        "statuses": (_count(ours["statuses"]), theirs["statuses"]),
        "benefits": (_count(ours["benefit_statuses"]), theirs["benefits"]),
        "top": ([one["id"] for one in ours["top"]], theirs["top"]),
        "at_risk": (ours["at_risk_count"], theirs["at_risk_count"]),
    }
    for name in ("planned_cost", "forecast_cost"):
        pairs[name] = (round(ours[name], 2), round(theirs[name], 2))
    for name, (one, other) in pairs.items():
        if not one or one != other:
            raise DifferentResults(f"{name}: {one}, by hand {other}")
    for one, other in zip(months, theirs["months"], strict=True):
        is_same = one[0] == other[0] and all(
            abs((left or 0) - (right or 0)) < CENT
            for left, right in zip(one[1:], other[1:], strict=True)
        )
        if not is_same:
            raise DifferentResults(f"{one}, by hand {other}")


def _count(statuses: list[dict]) -> dict[str, int]:
    return {one["status"]: one["count"] for one in statuses if one["count"]}
