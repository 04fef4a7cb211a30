"""What more lanes, rows and facts cost, beside one lane and few of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import Any

from _beside import Child, run_all
from _harness import Bench, Figure, case, check_equal
from _kpis import TARGET, forget, make_model, stored_facts, track, vacuum
from _rows import SILENT, insert

SOURCES, KPIS, PEOPLE, ROWS = 8, 10, 24, 100_000
FIRST_DAY = date(2023, 1, 1)
MONTHLY = {"coarsest_grain": "month", "history_start": FIRST_DAY}
FILLED = """
    SELECT %(first)s + i * 7919 %% (current_date - %(first)s) AS x_day,
           (%(people)s::int[])[1 + i / 7 %% cardinality(%(people)s)] AS x_user_id,
           i %% %(kinds)s AS x_kind, (i * 7919 %% 1000)::float8 AS x_amount
      FROM generate_series(1, %(rows)s) AS i
"""


@case("engine")
def lanes_2_vs_1(bench: Bench) -> Iterator[Figure]:
    """A first computation of eight tables of one size in two lanes and in one: 2,000
    KPIs, formulas over all tables, and a scorecard."""
    env, left = bench.env, []
    env["kpi.definition"].search([]).active = False
    people = _make_people(env)
    tables = [_make_table(env, f"lane{n}", people) for n in range(SOURCES)]
    made_of = {"computation": "formula", "formula": f"{tables[0]}_0", **MONTHLY}
    totals = track(env, KPIS, "Total", target=TARGET, **made_of)
    for n, total in enumerate(totals.definition_id):
        total.formula = " + ".join(f"{table}_{n}" for table in tables)
    totals.definition_id._track_for("user", people)
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


def _make_people(env: Any) -> Any:
    values = [{"name": f"P {n}", "login": f"p{n}@x.test"} for n in range(PEOPLE)]
    return env["res.users"].with_context(**SILENT).create(values)


def _make_table(env: Any, name: str, people: Any, rows: int = ROWS) -> str:
    """A table of so many rows, and KPIs over it for the company and these people.

    :return: what the codes of the KPIs begin with
    """
    model = f"x_{name}"
    columns = {"x_day": "date", "x_kind": "integer", "x_amount": "float"}
    make_model(env, model, **columns, x_user_id="many2one res.users")
    values = {"first": FIRST_DAY, "people": people.ids, "kinds": KPIS, "rows": rows}
    insert(env, model, FILLED, **values)
    kpis = track(
        env,
        KPIS,
        name,
        target=TARGET,
        computation="records",
        model_name=model,
        date_field="x_day",
        measure="sum",
        measure_field="x_amount",
        user_field="x_user_id",
        **MONTHLY,
    )
    for n, definition in enumerate(kpis.definition_id):
        definition.domain = f"[('x_kind', '=', {n})]"
    kpis.definition_id._track_for("user", people)
    return name
