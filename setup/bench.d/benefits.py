"""The dashboard of 2,000 initiatives beside SQL over each month of each benefit; and
their realised months, worked out from KPIs, beside SQL by hand."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from _harness import Bench, DifferentResults, Figure, case, count_statements
from _kpis import vacuum

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
    SELECT initiative.id, initiative.status,
           CASE WHEN approved_on IS NOT NULL THEN planned_cost END::float8,
           CASE WHEN approved_on IS NOT NULL THEN forecast_cost END::float8,
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

CHANGED = 100  # of so many values one changes
WRITTEN = "kpi_benefit_period, kpi_initiative_month, benefit_realizations"
# What somebody would write for KPIs by the month that nothing else has a part in.
REALISED_BY_HAND = """
    INSERT INTO bench_month (benefit_id, initiative_id, company_id, period_start,
                             planned, realized, is_measured)
    SELECT benefit.id, benefit.initiative_id, benefit.company_id, fact.period_start,
           benefit.amount,
           round(((fact.value - baseline.baseline_value) * baseline.unit_value
                  * share.share / 100)::numeric, 2), TRUE
      FROM benefit_realizations AS benefit
      JOIN kpi_baselines AS baseline ON baseline.id = benefit.baseline_id
      JOIN (SELECT baseline_id, share, date_from,
                   lead(date_from) OVER (PARTITION BY baseline_id
                                             ORDER BY date_from) AS date_to
              FROM kpi_baseline_share) AS share ON share.baseline_id = baseline.id
      JOIN kpi_measurement AS fact
        ON fact.report_id = baseline.report_id AND fact.grain = 'month'
       AND fact.period_start >= share.date_from
       AND (fact.period_start < share.date_to) IS NOT FALSE
     WHERE fact.period_start > baseline.baseline_date
       AND fact.period_start <= benefit.date_to
"""
TABLE = """
    CREATE TABLE bench_month (LIKE kpi_benefit_period INCLUDING INDEXES);
    CREATE SEQUENCE bench_month_id_seq;
    ALTER TABLE bench_month ALTER id SET DEFAULT nextval('bench_month_id_seq')
"""
SUMS = """
    SELECT count(realized), sum(realized), sum(realized * mod(benefit_id, 97))
      FROM {table}
"""


@case("benefits")
def benefits_portfolio(bench: Bench) -> Iterator[Figure]:
    """As an officer, who sees all of it."""
    env = bench.env(user=bench.env.ref("base.user_admin"))

    def show() -> dict:
        """As a request does, which knows no record yet."""
        env.invalidate_all(flush=False)
        return env["kpi.benefit.portfolio"].get_portfolio({})

    count = count_statements(env, show)
    yield Figure("portfolio_statements", count, "statements", MOST_STATEMENTS, "<= 1")
    yield bench.compare(
        "portfolio_vs_sql",
        ours=show,
        reference=lambda: _show_by_hand(env),
        same=_check_same,
        target="<= 0.25",
    )


def _show_by_hand(env: Any) -> dict:
    """What the dashboard says, by the names that it uses."""
    month = date.today().replace(day=1)
    recent = month - relativedelta(months=2)
    values = {"company": env.company.id, "month": month, "recent": recent}
    months = env.execute_query(SQL(MONTHS_BY_HAND, **values))
    rows = env.execute_query(SQL(INITIATIVES_BY_HAND, **values))
    begun = [row for row in rows if (row[4] or 0) > 0 < row[5]]
    begun.sort(key=lambda row: (-row[5] / row[4], -row[5], row[0]))
    return {
        "months": months,
        "statuses": Counter(row[1] for row in rows),
        "benefit_statuses": dict(env.execute_query(SQL(BENEFITS_BY_HAND, **values))),
        "planned_cost": round(sum(row[2] or 0 for row in rows), 2),
        "forecast_cost": round(sum(row[3] or 0 for row in rows), 2),
        "top": [row[0] for row in begun[:5]],
        "at_risk_count": sum(bool(row[6]) for row in rows),
    }


def _check_same(ours: dict, by_hand: dict) -> None:
    """:raises DifferentResults: a number of the dashboard is another one by hand"""
    found = {
        "months": [(m["start"], m["planned"], m["realized"]) for m in ours["months"]],
        "top": [one["id"] for one in ours["top"]],
        "at_risk_count": ours["at_risk_count"],
    }
    for name in ("statuses", "benefit_statuses"):
        counts = {one["status"]: one["count"] for one in ours[name] if one["count"]}
        found[name] = counts
    for name in ("planned_cost", "forecast_cost"):
        found[name] = round(ours[name], 2)
    for name, number in by_hand.items():
        if name != "months" and (not number or number != found[name]):
            raise DifferentResults(f"{name}: {found[name]}, by hand {number}")
    for one, other in zip(found["months"], by_hand["months"], strict=True):
        amounts = zip(one[1:], other[1:], strict=True)
        is_same = all(abs((a or 0) - (b or 0)) < CENT for a, b in amounts)
        if one[0] != other[0] or not is_same:
            raise DifferentResults(f"{one}, by hand {other}")


@case("benefits")
def benefits_measured(bench: Bench) -> Iterator[Figure]:
    """All months of 20,000 benefits from nothing, then those of one value in a
    hundred."""
    env = bench.env
    env.cr.execute("UPDATE kpi_benefit_period SET realized = NULL, is_measured = FALSE")
    env.cr.commit()

    def start_anew() -> None:
        """What was rolled back takes no room in the next run."""
        env.cr.rollback()
        vacuum(env, WRITTEN)

    def rebuild() -> list[tuple]:
        env["kpi.baseline"]._rebuild_measured()
        return env.execute_query(SQL(SUMS.format(table="kpi_benefit_period")))

    def rebuild_by_hand() -> list[tuple]:
        """Into a table with the columns and indexes of the months."""
        env.cr.execute(SQL(TABLE))
        env.cr.execute(SQL(REALISED_BY_HAND))
        return env.execute_query(SQL(SUMS.format(table="bench_month")))

    whole = bench.compare(
        "rebuild_vs_sql",
        ours=rebuild,
        reference=rebuild_by_hand,
        before=start_anew,
        target="<= 1.5",
    )
    yield whole
    start_anew()
    rebuild()
    env.cr.execute(
        "UPDATE kpi_measurement SET value = value + 1 WHERE id %% %s = 0", [CHANGED]
    )
    env.cr.commit()
    start_anew()
    if _update(env) < 1 or env["kpi.baseline"]._rebuild_measured():
        raise DifferentResults("the change leaves months that a rebuild finds")
    (seconds,) = bench.measure(lambda: _update(env), before=start_anew)
    yield Figure("changed_vs_rebuild", seconds, "s", whole.value, "<= 0.15")


def _update(env: Any) -> int:
    """Months that changed."""
    # Odoo's addons are there only now.
    from odoo.addons.kpi_tracking.models.fact.kpi_measurement import FactChanges

    query = "SELECT id, report_id FROM kpi_measurement WHERE id %% %s = 0"
    rows = env.execute_query(SQL(query, CHANGED))
    changes = FactChanges(
        env=env,
        grain="month",
        source="manual",
        cause="entered",
        reason=None,
        report_ids=sorted({report_id for _id, report_id in rows}),
        first_period=date.min,
        added_ids=[],
        changed_ids=[fact_id for fact_id, _report_id in rows],
        revision_ids=[],
    )
    return env["kpi.baseline"]._update_measured(changes)
