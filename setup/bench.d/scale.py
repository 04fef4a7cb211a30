"""What more lanes, rows and facts cost, beside one lane and few of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any

from _beside import Child, run_all, update_values
from _harness import Bench, Figure, case, check_equal
from _kpis import TARGET, forget, make_model, make_people, stored_facts, track, vacuum
from _rows import insert

SOURCES, KPIS, PEOPLE, ROWS, FORMULAS = 8, 10, 24, 100_000, 10
FEW, MANY = 20_000, 2_000_000
CHANGED, DAYS, TURNS = 5_000, (1_000, 10_000), 9  # facts of 1,000 KPIs
FIRST_DAY = date(2023, 1, 1)
MONTHLY = {"coarsest_grain": "month", "history_start": FIRST_DAY}
FILLED = """
    SELECT %(first)s + i * 79 %% (current_date - %(first)s + 1) AS x_day,
           (%(people)s::int[])[1 + i / 7 %% cardinality(%(people)s)] AS x_user_id,
           i %% %(kinds)s AS x_kind, (i * 79 %% 1000)::float8 AS x_amount
      FROM generate_series(%(start)s, %(rows)s) AS i
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
