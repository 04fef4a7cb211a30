"""The metric engine: a whole recompute and parts of one, against SQL by hand; and what
it costs that definitions have versions, and that settled values are watched."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from statistics import median
from typing import Any

from dateutil.relativedelta import relativedelta

from _company import PERIODS, Company, check_same, prepare, recompute, write_by_hand
from _harness import Bench, DifferentResults, Figure, case
from _kpis import forget, stored_facts, track, vacuum

CHANGED = 100  # records
TENTH = 10
FACTS, SETTLED_DAYS, FIRST_DAY = 100_000, 500, date(2023, 1, 1)
# One that is deleted, one that moves to another month, the others become dearer.
CHOSEN = """
    SELECT id
      FROM (
        SELECT id, row_number() OVER (
                 PARTITION BY date_trunc('month', create_date) ORDER BY id) AS place
          FROM crm_lead
         WHERE create_date >= %s AND create_date < %s AND active
      ) AS lead
  ORDER BY place
     LIMIT %s
"""


@case("leads")
def recompute_vs_sql(bench: Bench) -> Iterator[Figure]:
    """10,000 reports over 12 months, 200 KPIs on two tables of 200,000 records: the
    first run, nothing changed (all looked at again), everything changed; and 100
    changed records in the last month, the last two, all twelve."""
    env, company = bench.env, prepare(bench.env)
    recompute(company)
    _compare(company)
    for state, force, before, target in (
        ("fresh", False, lambda: forget(env), "<= 1.3"),
        ("same", True, env.cr.commit, "<= 1.3"),
        ("changed", False, lambda: _disturb(env), "<= 1.7"),
    ):
        ours, by_hand = bench.measure(
            lambda force=force: recompute(company, force=force),
            lambda: write_by_hand(company),
            before=before,
        )
        yield Figure(f"recompute_vs_sql_{state}", ours, "s", by_hand, target)
        forget(env)
        recompute(company)
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
        _compare(company)
        vacuum(env, "kpi_measurement")
        (seconds,) = bench.measure(
            lambda: recompute(company),
            before=lambda months=months: _change_records(company, months),
        )
        yield Figure(name, seconds, "s", whole, target)


def _compare(company: Company) -> None:
    """:raises DifferentResults: the facts are not those that are written by hand"""
    ours = stored_facts(company.env)
    forget(company.env)
    write_by_hand(company)
    check_same(ours, stored_facts(company.env))
    forget(company.env)
    recompute(company)


def _disturb(env: Any) -> None:
    """Give every fact another value, so that all have to be written."""
    env.cr.execute("UPDATE kpi_measurement SET value = value + 1")
    env["kpi.source"].search([])._forget_fingerprints()
    vacuum(env, "kpi_measurement")


def _change_records(company: Company, months: int) -> None:
    """By SQL, which leaves no trace."""
    start = company.stop - relativedelta(months=months)
    cr = company.env.cr
    cr.execute(CHOSEN, (start, company.stop, CHANGED))
    deleted, moved, *dearer = [lead_id for (lead_id,) in cr.fetchall()]
    cr.execute("DELETE FROM crm_lead WHERE id = %s", (deleted,))
    cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", (start, moved))
    cr.execute(
        "UPDATE crm_lead SET expected_revenue = expected_revenue + 1"
        " WHERE id = ANY(%s)",
        (dearer,),
    )
    cr.commit()


@case("leads")
def versions_vs_plain(bench: Bench) -> Iterator[Figure]:
    """Computing twelve months by two versions, against the mean of either alone."""
    company = prepare(bench.env)
    kpis = company.definitions.sorted("id")
    old, old_facts = _time(bench, company)
    former = {kpi: kpi.domain for kpi in kpis}
    _change(dict.fromkeys(kpis))
    new, new_facts = _time(bench, company)
    plain = (old + new) / 2
    months = [company.first + relativedelta(months=n) for n in range(1, PERIODS)]
    for name, changed, days, target in (
        ("versions_vs_plain_tenth", kpis[::TENTH], months, "<= 1.15"),
        ("versions_vs_plain_one_seam", kpis, months[5:6], "<= 1.25"),
        ("versions_vs_plain_all", kpis, months, "<= 1.75"),
    ):
        for kpi, domain in former.items():
            kpi._change({"domain": domain}, None)
        first_days = dict(zip(changed, cycle(days), strict=False))
        _change(first_days)
        seconds, facts = _time(bench, company)
        _check_versions(company, first_days, facts, old_facts, new_facts)
        yield Figure(name, seconds, "s", plain, target)


def _change(first_days: dict[Any, date | None]) -> None:
    """Another filter of some KPIs, each from its day on, or from ever."""
    for kpi, day in first_days.items():
        kpi._change({"domain": f"{kpi.domain[:-1]}, ('id', '>', 1000)]"}, day)


def _time(bench: Bench, company: Company) -> tuple[float, list[tuple]]:
    """Seconds of a first run, and its facts."""
    vacuum(bench.env)
    (seconds,) = bench.measure(
        lambda: recompute(company), before=lambda: forget(bench.env)
    )
    return seconds, stored_facts(bench.env)


def _check_versions(company, first_days, facts, old_facts, new_facts) -> None:
    """Each value is that of the way that holds in its month."""
    reports = company.definitions.report_ids
    kpi_of = {report.id: report.definition_id for report in reports}

    def is_new(fact: tuple) -> bool:
        return fact[1] >= first_days.get(kpi_of[fact[0]], company.stop)

    expected = [fact for fact in old_facts if not is_new(fact)]
    expected += [fact for fact in new_facts if is_new(fact)]
    check_same(facts, sorted(expected, key=lambda fact: fact[:2]))
    if facts == old_facts:
        raise DifferentResults("no version holds anywhere")


@case("engine")
def restatement_share(bench: Bench) -> Iterator[Figure]:
    """Finding restated periods, as a share of an upsert that changes 1 %."""
    env = bench.env
    daily = {"frequency": "day", "company_id": env.company.id}
    count = FACTS // SETTLED_DAYS
    kpis = track(env, count, "Settled", history_start=FIRST_DAY, **daily)
    days = [FIRST_DAY + timedelta(days=n) for n in range(SETTLED_DAYS)]
    facts = env["kpi.measurement"]
    rows = [(kpi.id, day, 100.0) for kpi in kpis for day in days]
    facts._upsert("day", rows, source="external")
    env.cr.execute("UPDATE kpi_measurement SET recorded_at = '2024-12-31'")
    vacuum(env)
    values, spent = cycle([50.0, 60.0]), []

    def watched(restatements: Any, changes: Any) -> None:
        started = time.perf_counter()
        watch(restatements, changes)
        spent.append(time.perf_counter() - started)

    def upsert() -> None:
        value = next(values)
        changed = [
            (*row[:2], value) if number % 100 == 0 else row
            for number, row in enumerate(rows)
        ]
        facts._upsert("day", changed, source="external", refresh=False)

    cls = env.registry["kpi.restatement"]
    watch = cls._watch_changes
    cls._watch_changes = watched
    try:
        (whole,) = bench.measure(upsert, before=env.cr.commit)
    finally:
        cls._watch_changes = watch
    found = env["kpi.restatement"].search_count([("report_id", "in", kpis.ids)])
    if found != len(rows) // 100:
        raise DifferentResults(f"{found} restatements, not {len(rows) // 100}")
    yield Figure("restatement_share", median(spent), "s", whole, "<= 0.1")
