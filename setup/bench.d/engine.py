"""The metric engine: a whole recompute and parts of one, against SQL by hand."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import Bench, Figure, case, count_statements, find_worst
from _kpis import forget, vacuum
from engine_by_hand import hand_written
from engine_company import (
    PERIODS,
    Company,
    all_facts,
    check_same,
    disturb,
    prepare,
    recompute,
)

MIB_ALLOWED = 500
CHANGED = 100  # records


@case("rows")
def recompute_vs_sql(bench: Bench) -> Iterator[Figure]:
    """10,000 reports over 12 months, 200 KPIs on two tables of 200,000 records."""
    company = prepare(bench.env)
    yield from _against_sql(bench, company)
    yield from _incremental(bench, company)
    forget(bench.env)
    _before, peak = bench.peak_memory(recompute_all)
    yield Figure("recompute_peak_rss_mb", peak, "MiB", MIB_ALLOWED, "<= 1")
    yield _statements(company)


def _against_sql(bench: Bench, company: Company) -> Iterator[Figure]:
    """First run, nothing changed (all looked at again), everything changed."""
    env = bench.env
    recompute(company)
    ours = all_facts(env)
    forget(env)
    hand_written(company)
    check_same(ours, all_facts(env))
    figures = []
    for state, force, before, target in (
        ("fresh", False, lambda: forget(env), "<= 1.3"),
        ("same", True, env.cr.commit, "<= 1.3"),
        ("changed", False, lambda: disturb(env), "<= 1.7"),
    ):
        seconds = bench.measure(
            lambda force=force: recompute(company, force=force),
            lambda: hand_written(company),
            before=before,
        )
        name = f"recompute_vs_sql_{state}"
        figures.append(Figure(name, seconds[0], "s", seconds[1], target))
        forget(env)
        recompute(company)
    yield from figures
    yield replace(find_worst("recompute_vs_sql", figures), target="")


def _incremental(bench: Bench, company: Company) -> Iterator[Figure]:
    """100 changed records in the last month, the last two, all twelve; as a share of
    computing all twelve months anew."""
    env = bench.env
    (whole,) = bench.measure(
        lambda: recompute(company, force=True), before=env.cr.commit
    )
    for name, months, target in (
        ("incremental_share", 1, "<= 0.12"),
        ("incremental_share_two_months", 2, "<= 0.2"),
        ("incremental_share_twelve_months", PERIODS, ""),
    ):
        _change_records(company, months)
        recompute(company)
        ours = all_facts(env)
        forget(env)
        hand_written(company)
        check_same(ours, all_facts(env))
        forget(env)
        recompute(company)
        vacuum(env, "kpi_measurement")
        (seconds,) = bench.measure(
            lambda: recompute(company),
            before=lambda months=months: _change_records(company, months),
        )
        yield Figure(name, seconds, "s", whole, target)


def _change_records(company: Company, months: int) -> None:
    """Raw SQL, which leaves no trace: one deleted, one moved, the others dearer."""
    start = company.stop - relativedelta(months=months)
    cr = company.env.cr
    cr.execute(
        """
        SELECT id
          FROM (
            SELECT id, row_number() OVER (
                     PARTITION BY date_trunc('month', create_date) ORDER BY id) AS place
              FROM crm_lead
             WHERE create_date >= %s
               AND create_date < %s
               AND active
          ) AS lead
      ORDER BY place
         LIMIT %s
        """,
        (start, company.stop, CHANGED),
    )
    deleted, moved, *dearer = [lead_id for (lead_id,) in cr.fetchall()]
    cr.execute("DELETE FROM crm_lead WHERE id = %s", (deleted,))
    cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", (start, moved))
    cr.execute(
        "UPDATE crm_lead SET expected_revenue = expected_revenue + 1"
        " WHERE id = ANY(%s)",
        (dearer,),
    )
    cr.commit()


def recompute_all(env: Any) -> None:
    """For a process of its own, whose memory is looked at."""
    env["kpi.source"]._recompute_all()


def _statements(company: Company) -> Figure:
    """As many for a tenth of the reports: a function of sources and chunks only."""
    env = company.env
    forget(env)
    many = count_statements(env, lambda: recompute(company), once=True)
    env.cr.execute("UPDATE kpi_report SET active = id % 10 = 0")
    forget(env)
    few = count_statements(env, lambda: recompute(company), once=True)
    return Figure("recompute_statements", many, "statements", few, "<= 1")
