"""The table of 200 KPIs by 12 periods: its statements, and its time KPI by KPI."""

from collections.abc import Iterator
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _kpis import track

KPIS, PERIODS, MOST_STATEMENTS = 200, 12, 10
FIGURES = ["target", "variance", "variance_percent", "previous", "last_year", "ytd"]

Cells = dict[tuple[int, str], tuple[float, float]]


@case("engine")
def period_report(bench: Bench) -> Iterator[Figure]:
    """All figures of every cell; the reference reads each KPI with Odoo's ORM."""
    from odoo.tools.misc import get_lang

    env = bench.env
    more = {"months": 2 * PERIODS + 1, "target": 50.0, "aggregation_time": "sum"}
    kpis = track(env, KPIS, "Table", **more)
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
