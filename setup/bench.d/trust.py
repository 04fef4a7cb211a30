"""What it costs that definitions have versions."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from statistics import median
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import Bench, DifferentResults, Figure, case
from _kpis import forget, track, vacuum
from engine_company import (
    PERIODS,
    Company,
    all_facts,
    check_same,
    prepare,
    recompute,
)

FACTS, SETTLED_DAYS = 100_000, 500
FIRST_DAY = date(2023, 1, 1)
TENTH = 10


@case("rows")
def versions_vs_plain(bench: Bench) -> Iterator[Figure]:
    """Computing twelve months by two versions, against the mean of either alone."""
    company = prepare(bench.env)
    kpis = company.definitions.sorted("id")
    old, old_facts = _time(bench, company)
    former = {kpi: kpi.domain for kpi in kpis}
    _change(kpis, None)
    new, new_facts = _time(bench, company)
    plain = (old + new) / 2
    months = [company.first + relativedelta(months=n) for n in range(1, PERIODS)]
    for name, changed, days, target in (
        ("versions_vs_plain_tenth", kpis[::TENTH], months, "<= 1.15"),
        ("versions_vs_plain_one_seam", kpis, months[5:6], "<= 1.25"),
        ("versions_vs_plain_all", kpis, months, "<= 1.75"),
    ):
        for kpi, domain in former.items():
            _write(kpi, domain, None)
        first_days = dict(zip(changed, cycle(days), strict=False))
        for kpi, day in first_days.items():
            _change(kpi, day)
        seconds, facts = _time(bench, company)
        _check(company, first_days, facts, old_facts, new_facts)
        yield Figure(name, seconds, "s", plain, target)


def _time(bench: Bench, company: Company) -> tuple[float, list[tuple]]:
    """Seconds of a first run, and its facts."""
    vacuum(bench.env)
    (seconds,) = bench.measure(
        lambda: recompute(company), before=lambda: forget(bench.env)
    )
    return seconds, all_facts(bench.env)


def _change(kpis: Any, day: Any) -> None:
    for kpi in kpis:
        _write(kpi, f"{kpi.domain[:-1]}, ('id', '>', 1000)]", day)


def _write(kpi: Any, domain: str, day: Any) -> None:
    kpi._change({"domain": domain}, day)


def _check(company, first_days, facts, old_facts, new_facts) -> None:
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
    daily = {
        "frequency": "day",
        "company_id": env.company.id,
        "history_start": FIRST_DAY,
    }
    kpis = track(env, FACTS // SETTLED_DAYS, "Settled", **daily)
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
