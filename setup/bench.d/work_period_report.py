"""The table of 200 KPIs by 12 periods: its statements, and its time KPI by KPI."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from _harness import Bench, DifferentResults, Figure, case

KPIS, PERIODS, MOST_STATEMENTS = 200, 12, 10
FIGURES = ["target", "variance", "variance_percent", "previous", "last_year", "ytd"]

Cells = dict[tuple[int, str], tuple[float, float]]


@case("engine")
def period_report(bench: Bench) -> Iterator[Figure]:
    """All figures of every cell; the reference reads each KPI with Odoo's ORM."""
    from odoo.tools.misc import get_lang

    env = bench.env
    kpis = _kpis(env)
    options = {"report_ids": kpis.ids, "period_count": PERIODS, "figures": FIGURES}

    def ours() -> Cells:
        return _cells(env["kpi.period.report"].get_matrix(options))

    ours()
    env.invalidate_all()
    # What any page has read already: the language of the person or their company.
    get_lang(env)
    before = env.cr.sql_log_count
    ours()
    statements = env.cr.sql_log_count - before
    limit = float(MOST_STATEMENTS)
    yield Figure("period_report_statements", statements, "queries", limit, "<= 1")
    yield bench.compare(
        "period_report_vs_kpi_by_kpi",
        ours=ours,
        reference=lambda: _kpi_by_kpi(kpis),
        same=_same,
        before=env.invalidate_all,
        target="<= 1",
    )


def _kpis(env: Any) -> Any:
    """Monthly KPIs with two years of values and a target each."""
    definitions = env["kpi.definition"].create(
        [
            {
                "name": f"Table {number}",
                "code": f"table_{number}",
                "computation": "manual",
                "aggregation_time": "sum",
            }
            for number in range(KPIS)
        ]
    )
    kpis = definitions._track_for("company", env.company)
    month, months = env.cr.now().date().replace(day=1), []
    for _number in range(2 * PERIODS + 1):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    rows = [
        (kpi.id, month, float(kpi.id % 90 + month.month))
        for kpi in kpis
        for month in months
    ]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    env["kpi.target"].create(
        [
            {"report_id": kpi.id, "date_from": date(2020, 1, 1), "value": 50.0}
            for kpi in kpis
        ]
    )
    env.flush_all()
    return kpis


def _cells(matrix: dict[str, Any]) -> Cells:
    """(KPI, first day) → value and target of the closed periods."""
    return {
        (row["id"], column["start"]): (
            cell["numbers"]["actual"],
            cell["numbers"]["target"],
        )
        for section in matrix["sections"]
        for row in section["rows"]
        for column, cell in zip(section["columns"], row["cells"], strict=True)
        if not column["is_running"]
    }


def _kpi_by_kpi(kpis: Any) -> Cells:
    """As a first version would have it: three searches for each KPI."""
    found = {}
    for kpi in kpis:
        calendar = kpi.definition_id.calendar_id
        running = calendar._period("month", calendar._today())
        own = [("report_id", "=", kpi.id)]
        facts = kpi.env["kpi.measurement"].search(
            [*own, ("grain", "=", "month")], order="period_start"
        )
        targets = kpi.env["kpi.target"].search(own, order="date_from")
        closed = facts.filtered(lambda fact, end=running: fact.period_start < end.start)
        for fact in closed[-(PERIODS - 1) :]:
            held = targets.filtered(lambda t, f=fact: t.date_from <= f.period_start)
            key = (kpi.id, fact.period_start.isoformat())
            found[key] = (fact.value, held[-1:].value)
    return found


def _same(ours: Cells, reference: Cells) -> None:
    if ours != reference:
        odd = {key for key in ours | reference if ours.get(key) != reference.get(key)}
        raise DifferentResults(f"{len(odd)} of {len(reference)} cells")
