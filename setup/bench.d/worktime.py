"""Working time between two instants: our engine, and Odoo's calendar one by one."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from _harness import Bench, DifferentResults, Figure, case

PAIRS = 100_000
ODOO_PAIRS = 2_000  # three seconds; the first of ours
HOLIDAYS = ((1, 1), (4, 21), (5, 1), (5, 29), (7, 21), (8, 15), (11, 11), (12, 25))


@case("engine", group="engine")
def worktime_vs_odoo(bench: Bench) -> Iterator[Figure]:
    """Pairs a second: 40 h a week in Brussels, 8 holidays, windows up to 21 days."""
    from odoo.addons.kpi_base.engine.worktime import Timeline, to_instants, work_seconds

    calendar = _calendar(bench.env)
    pairs = _pairs()
    starts, stops = zip(*pairs, strict=True)

    def ours() -> np.ndarray:
        timeline = Timeline(calendar._kpi_work_calendar())
        return work_seconds(timeline, to_instants(starts), to_instants(stops))

    def reference() -> np.ndarray:
        return np.array(
            [
                calendar.get_work_duration_data(start, stop)["hours"] * 3600
                for start, stop in pairs[:ODOO_PAIRS]
            ]
        )

    def in_sql() -> np.ndarray:
        bench.env.cr.execute(statement)
        return np.array([seconds for (seconds,) in bench.env.cr.fetchall()])

    statement = _statement(bench.env, calendar, pairs)
    numbers = ours()
    _check_same(numbers[:ODOO_PAIRS], reference(), "Odoo")
    _check_same(numbers, in_sql(), "SQL")
    seconds = bench.measure(ours, in_sql, reference)
    odoo = ODOO_PAIRS / seconds[2]
    yield Figure("worktime_vs_odoo", PAIRS / seconds[0], "pairs/s", odoo, ">= 500")
    yield Figure("worktime_sql_vs_odoo", PAIRS / seconds[1], "pairs/s", odoo, ">= 500")


def _calendar(env):
    calendar = env["resource.calendar"].create(
        {"name": "Benchmark", "tz": "Europe/Brussels", "company_id": env.company.id}
    )
    env["resource.calendar.leaves"].create(
        [
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": datetime(2025, month, day),
                "date_to": datetime(2025, month, day, 23, 59, 59),
            }
            for month, day in HOLIDAYS
        ]
    )
    env.flush_all()
    return calendar


def _pairs() -> list[tuple[datetime, datetime]]:
    rng = random.Random(7)
    pairs = []
    for _pair in range(PAIRS):
        start = datetime(2025, 1, 2) + timedelta(seconds=rng.randrange(300 * 86_400))
        pairs.append((start, start + timedelta(seconds=rng.randrange(60, 21 * 86_400))))
    return pairs


def _statement(env, calendar, pairs: list[tuple[datetime, datetime]]) -> str:
    """One SELECT over a table of the pairs, and the working days that it joins."""
    from odoo.addons.kpi_base.engine.working_days import worked_seconds_sql

    days = env["kpi.working.day"]
    days._refresh(calendar, date(2025, 1, 1), date(2025, 12, 31))
    env.flush_all()
    env.cr.execute(
        "CREATE TEMPORARY TABLE pair (id serial, low timestamp, high timestamp)"
        " ON COMMIT DROP"
    )
    starts, stops = map(list, zip(*pairs, strict=True))
    env.cr.execute(
        "INSERT INTO pair (low, high)"
        " SELECT * FROM unnest(%s::timestamp[], %s::timestamp[])",
        (starts, stops),
    )
    env.cr.execute("ANALYZE pair")
    joins = [
        f"LEFT JOIN kpi_working_day AS {alias} ON {alias}.calendar_id = {calendar.id}"
        f" AND {alias}.day = (pair.{column} AT TIME ZONE 'UTC'"
        f" AT TIME ZONE '{calendar.tz}')::date"
        for alias, column in (("start_day", "low"), ("stop_day", "high"))
    ]
    worked = worked_seconds_sql("pair.low", "pair.high")
    return "\n".join([f"SELECT {worked} FROM pair", *joins, "ORDER BY pair.id"])


def _check_same(ours: np.ndarray, theirs: np.ndarray, whose: str) -> None:
    worst = np.abs(ours - theirs).max()
    if worst > 1:
        raise DifferentResults(f"Working time differs from {whose} by {worst:.0f} s")
