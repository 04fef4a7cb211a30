"""What more lanes, rows, facts and servers cost, beside one and few of them."""

import math
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from odoo.tools import config

import lake
from _beside import Child, run_all, update_values
from _harness import LEAST_REPEAT, Bench, DifferentResults, Figure, case, check_equal
from _kpis import (
    TARGET,
    fill_months,
    forget,
    make_model,
    make_people,
    stored_facts,
    track,
    vacuum,
)
from _rows import insert
from _server import running
from replicated import Server, replicated

SOURCES, KPIS, PEOPLE, ROWS, FORMULAS = 8, 10, 24, 100_000, 10
FEW, MANY = 20_000, 2_000_000
CHANGED, DAYS, TURNS = 5_000, (1_000, 10_000), 9  # facts of 1,000 KPIs
FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2026, 1, 1)
JOBS, WAIT = 20, 0.02
TRANSACTIONS = """
    SELECT xact_commit + xact_rollback FROM pg_stat_database
     WHERE datname = current_database()
"""
CHANNELS = {"ODOO_QUEUE_JOB_CHANNELS": "root:4,root.kpi:1"}
SEEN, VIEWERS = 200, 8  # KPIs, people
FRESH, MINUTE, PAUSE = 5.0, 60.0, 0.5  # seconds, the first as in fresh.js
MONTHLY = {"coarsest_grain": "month", "history_start": FIRST_DAY}
FILLED = """
    SELECT %(first)s + i * 79 %% (current_date - %(first)s + 1) AS x_day,
           (%(people)s::int[])[1 + i / 7 %% cardinality(%(people)s)] AS x_user_id,
           i %% %(kinds)s AS x_kind, (i * 79 %% 1000)::float8 AS x_amount
      FROM generate_series(%(start)s, %(rows)s) AS i
  ORDER BY x_day  -- as records come
"""
FACTS = """
    SELECT report.id AS report_id, 'day' AS grain, current_date - n AS period_start,
           n::float8 AS value, 'external' AS source, now() AS recorded_at
      FROM kpi_report AS report
CROSS JOIN generate_series(%(start)s, %(stop)s) AS n
     WHERE report.id = ANY(%(kpis)s)
"""


@case("engine")
def lanes_2_vs_1(bench: Bench) -> Iterator[Figure]:
    """A first computation of eight tables of one size in two lanes and in one: 2,000
    KPIs, formulas over all tables, and a scorecard."""
    env, left = bench.env, []
    env["kpi.definition"].search([]).active = False
    people = make_people(env, PEOPLE)
    tables = [_make_table(env, f"lane{n}", people) for n in range(SOURCES)]
    total = {"computation": "formula", "formula": "_0 + ".join(tables) + "_0"}
    track(env, FORMULAS, "Total", target=TARGET, **total, **MONTHLY)
    kpis = env["kpi.report"].search([("scope_type", "=", "company")])
    lines = [(0, 0, {"report_id": kpi.id}) for kpi in kpis]
    env["kpi.report.group"].create({"name": "All", "line_ids": lines})
    vacuum(env)

    def start_anew() -> None:
        env["kpi.job"].search([]).unlink()
        env["kpi.job"]._enqueue_regular()
        forget(env)

    with ExitStack() as stack:
        children = [Child("update", bench.database) for _lane in range(2)]
        lanes = [stack.enter_context(child) for child in children]
        runs = partial(run_all, lanes), partial(run_all, lanes[:1])
        for run in runs:
            start_anew()
            run()
            left.append(stored_facts(env))
        check_equal(*left)
        two, one = bench.measure(*runs, before=start_anew)
    yield Figure("lanes_2_vs_1", two, "s", one, "<= 0.65")


@case("engine")
def refresh_rows(bench: Bench) -> Iterator[Figure]:
    """A regular update over 2,000,000 rows and over 20,000: nothing has changed, and
    one row is new."""
    env, seconds = bench.env, []
    env["kpi.definition"].search([]).active = False
    people = make_people(env, PEOPLE)
    _make_table(env, "rows", people, 0)
    env.cr.execute("CREATE INDEX ON x_rows (x_day)")

    def update() -> None:
        env["kpi.job"]._enqueue_regular()
        update_values(env)

    add_rows = partial(_add_rows, env, "x_rows", people)
    add_one = partial(add_rows, first=env.cr.now().date(), rows=1)
    for start, rows in ((1, FEW), (FEW + 1, MANY)):
        add_rows(start=start, rows=rows)
        update()
        vacuum(env)
        update()
        seconds += [*bench.measure(update), *bench.measure(update, before=add_one)]
    yield Figure("idle_refresh_rows", seconds[2], "s", seconds[0], "<= 1.2")
    yield Figure("hot_refresh_rows", seconds[3], "s", seconds[1], "<= 1.5")


@case("engine")
def facts_growth(bench: Bench) -> Iterator[Figure]:
    """5,000 facts that change among ten million, and among one million."""
    env, seconds, start, values = bench.env, [], 0, count()
    kpis = track(env, 1_000, "Daily", frequency="day", history_start="1990-01-01")
    days = [env.cr.now().date() - timedelta(n) for n in range(CHANGED // len(kpis))]

    def upsert() -> None:
        value = next(values)
        rows = [(kpi_id, day, value) for kpi_id in kpis.ids for day in days]
        env["kpi.measurement"]._upsert("day", rows, source="external", refresh=False)

    for stop in DAYS:
        insert(env, "kpi_measurement", FACTS, kpis=kpis.ids, start=start, stop=stop)
        start = stop + 1
        vacuum(env)
        seconds += bench.measure(upsert, before=env.cr.commit, turns=TURNS)
    yield Figure("facts_growth", seconds[1], "s", seconds[0], "<= 1.3")


@case("warehouse")
def warehouse_vs_bare(bench: Bench) -> Iterator[Figure]:
    """20,000,000 rows of Parquet become 9,600 facts: by *Read Now*, and by DuckDB's
    query and ``_upsert``."""
    env, jobs = bench.env, bench.env["kpi.job"]
    jobs.search([]).unlink()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="kpi-lake-")))
        folder.chmod(0o755)
        lake.write_orders(folder)
        stack.enter_context(
            patch.dict(config.options, {"kpi_warehouse_path": str(folder)})
        )
        dataset = lake.track_departments(env, "*.parquet", path="orders")
        kpis = env["kpi.definition"].search([("code", "in", ["revenue", "average"])])
        measured = {
            (kpi.code, report.department_id.name): report.id
            for kpi in kpis
            for report in kpi.report_ids
        }

        def start_anew() -> None:
            env.cr.execute("DELETE FROM kpi_warehouse_period")
            jobs.search([]).unlink()
            forget(env)

        def read() -> list[tuple]:
            dataset.action_read()
            jobs._cron_run("warehouse")
            jobs.search([("kind", "=", "change")])._run()
            return stored_facts(env)

        def read_bare() -> list[tuple]:
            rows = []
            for name, month, revenue, average in lake.ask_bare(folder):
                rows.append((measured["revenue", name], month, float(revenue)))
                rows.append((measured["average", name], month, average))
            env["kpi.measurement"]._upsert("month", rows, source="external")
            env.cr.commit()
            return stored_facts(env)

        def same(*both: list[tuple]) -> None:
            ids = set(measured.values())
            check_equal(
                *(
                    [
                        (kpi_id, day, round(value, 2))
                        for kpi_id, day, value, _weight in facts
                        if kpi_id in ids and day < LAST_DAY
                    ]
                    for facts in both
                )
            )

        yield bench.compare(
            "warehouse_vs_bare",
            ours=read,
            reference=read_bare,
            same=same,
            before=start_anew,
            target="<= 1.3",
        )


@case("queue")
def queue_job_vs_cron(bench: Bench) -> Iterator[Figure]:
    """20 recalculations of 10 KPIs, one by one: by OCA's Job Queue, and by a cron."""
    env, seconds = bench.env, []
    people = make_people(env, PEOPLE)
    _make_table(env, "queued", people)
    jobs, modules = env["kpi.job"], config["server_wide_modules"]
    env.cr.commit()
    jobs._cron_run(1)

    def run() -> None:
        jobs.search([]).unlink()
        for number in range(JOBS):
            day = FIRST_DAY + timedelta(number)  # of other days it is another job
            jobs._enqueue("Recompute", "recompute", date_from=day)
        env.cr.commit()
        while jobs.search_count([("state", "!=", "done")]):
            time.sleep(WAIT)
            env.cr.rollback()

    queued = [*modules, "queue_job"]
    sides = (queued, f"--load={','.join(queued)}"), (modules, "--max-cron-threads=1")
    for names, option in sides:
        with (
            patch.dict("os.environ", CHANNELS),
            patch.dict(config.options, {"server_wide_modules": names}),
            running(bench.database, option),
        ):
            seconds += bench.measure(run, turns=LEAST_REPEAT)
    yield Figure("queue_job_vs_cron", seconds[0], "s", seconds[1], "<= 1.5")


@case("engine")
def replica(bench: Bench) -> Iterator[Figure]:
    """The overview of 200 KPIs on a streaming replica and on its primary; and a minute
    of eight people who look at it twice a second, while every other one changes
    something once, which the next one is told of."""
    env, summary = bench.env, ("kpi.home", "get_summary")
    kpis = track(env, SEEN, "Seen", target=TARGET, history_start="2025-01-01")
    fill_months(env, kpis.definition_id, 12)
    team = env["kpi.team"].create({"name": "Before"})
    env.cr.commit()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        name, follower = stack.enter_context(replicated(bench.database))
        far = Server(name, follower, folder / "a")
        near = Server(name, None, folder / "b")
        for server in (far, near):
            server.start()
            stack.callback(server.stop)
            server.log_in()
        yield bench.compare(
            "replica_vs_primary",
            ours=lambda: far.call(*summary),
            reference=lambda: near.call(*summary),
            same=lambda one, other: check_equal(one["cards"], other["cards"]),
            target="<= 1.15",
        )
        moments = [math.inf] * VIEWERS
        for n in range(0, VIEWERS, 2):
            moments[n] = random.Random(n).uniform(0, MINUTE)
        start, before = time.monotonic(), int(follower.execute(TRANSACTIONS))

        def use(person: int) -> list[bool]:
            """Of each look of a minute, whether the primary answered."""
            own, others, wrote = moments[person], moments[person - 1], -math.inf
            looks: list[bool] = []
            while (now := time.monotonic() - start) < MINUTE:
                if own <= now:
                    far.call("kpi.team", "write", [team.id], {"name": f"By {person}"})
                    own, wrote = math.inf, now
                looks.append(any(0 <= now - at < FRESH for at in (wrote, others)))
                far.call(*summary, context={"kpi_fresh": looks[-1]})
                time.sleep(PAUSE)
            return looks

        with ThreadPoolExecutor(VIEWERS) as people:
            looks = [each for used in people.map(use, range(VIEWERS)) for each in used]
        if int(follower.execute(TRANSACTIONS)) - before < looks.count(False):
            raise DifferentResults("The replica did not answer what it could.")
    yield Figure("fresh_share", looks.count(True), "reads", len(looks), "<= 0.1")


def _make_table(env: Any, name: str, people: Any, rows: int = ROWS) -> str:
    """A table of so many rows, and KPIs over it for the company and these people.

    :return: what the codes of the KPIs begin with
    """
    model = f"x_{name}"
    columns = {"x_day": "date", "x_kind": "integer", "x_amount": "float"}
    make_model(env, model, **columns, x_user_id="many2one res.users")
    _add_rows(env, model, people, rows=rows)
    read = {"model_name": model, "date_field": "x_day", "user_field": "x_user_id"}
    summed = {"measure": "sum", "measure_field": "x_amount", "target": TARGET}
    kpis = track(env, KPIS, name, computation="records", **read, **summed, **MONTHLY)
    for n, definition in enumerate(kpis.definition_id):
        definition.domain = f"[('x_kind', '=', {n})]"
    kpis.definition_id._track_for("user", people)
    return name


def _add_rows(env: Any, model: str, people: Any, **values: Any) -> None:
    values = {"first": FIRST_DAY, "start": 1, "kinds": KPIS, **values}
    insert(env, model, FILLED, people=people.ids, **values)
    env.cr.commit()
