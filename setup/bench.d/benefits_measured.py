"""Realised months of 20,000 benefits, worked out from KPIs, beside SQL by hand."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

from odoo.tools import SQL

from _harness import Bench, DifferentResults, Figure, case, check_equal
from databases import connect

CHANGED = 100  # of so many values one changes
WRITTEN = ("kpi_benefit_period", "kpi_initiative_month", "benefit_realizations")
# What somebody would write for KPIs by the month that nothing else has a part in.
BY_HAND = """
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
    SELECT count(realized), sum(realized), sum(realized * (benefit_id %% 97))
      FROM {table}
"""


@case("benefits")
def benefits_measured(bench: Bench) -> Iterator[Figure]:
    """All months from nothing, then those of one value in a hundred."""
    env = bench.env
    _write(env, "UPDATE kpi_benefit_period SET realized = NULL, is_measured = FALSE")

    def start_anew() -> None:
        env.cr.rollback()
        _vacuum(bench.database)

    rebuild = bench.compare(
        "rebuild_vs_sql",
        ours=lambda: _rebuild(env),
        reference=lambda: _insert_by_hand(env),
        same=check_equal,
        before=start_anew,
        target="<= 1.5",
    )
    yield rebuild
    start_anew()
    _rebuild(env)
    _write(
        env,
        "UPDATE kpi_measurement SET value = value + 1 WHERE id %% %(every)s = 0",
        every=CHANGED,
    )
    start_anew()
    changed = _update(env)
    if env["kpi.baseline"]._rebuild_measured():
        raise DifferentResults("a rebuild finds months that the change left")
    if changed < 1:
        raise DifferentResults("no month changed")
    (seconds,) = bench.measure(lambda: _update(env), before=start_anew)
    yield Figure("changed_vs_rebuild", seconds, "s", rebuild.value, "<= 0.15")


def _write(env: Any, statement: str, **values: Any) -> None:
    env.cr.execute(SQL(statement, **values))
    env.cr.commit()


def _vacuum(database: str) -> None:
    """What was rolled back takes no room in the next run."""
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        for table in WRITTEN:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _rebuild(env: Any) -> tuple:
    env["kpi.baseline"]._rebuild_measured()
    return _add_up(env, "kpi_benefit_period")


def _insert_by_hand(env: Any) -> tuple:
    """Into a table with the columns and indexes of the months."""
    env.cr.execute(SQL(TABLE))
    env.cr.execute(SQL(BY_HAND))
    return _add_up(env, "bench_month")


def _update(env: Any) -> int:
    """Months that changed."""
    # Odoo's addons are there only now.
    from odoo.addons.kpi_tracking.models.fact.kpi_measurement import FactChanges

    rows = env.execute_query(
        SQL(
            "SELECT id, report_id FROM kpi_measurement WHERE id %% %s = 0",
            CHANGED,
        )
    )
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


def _add_up(env: Any, table: str) -> tuple:
    return env.execute_query(SQL(SUMS.format(table=table)))[0]
