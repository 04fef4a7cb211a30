"""What a dashboard costs: 50 tiles over 10,000 KPIs with 36 months each.

The time of a call is that of the whole way, from the request to the last byte of the
answer, beside an authenticated call that returns True on the same server.
"""

import gzip
from collections.abc import Iterator
from typing import Any

from odoo.fields import Command
from odoo.tools import SQL

from _calls import caller, medians, server
from _harness import Bench, DifferentResults, Figure, case, count_statements
from _kpis import MONTHS, TARGET, fill_months, track

KPIS, DEPARTMENTS, TEAMS = 50, 9, 190  # (1 + 9 + 190) * 50 = 10,000
TILES = (5, 50, 200)
MOST_STATEMENTS, MOST_KB = 12, 40
PARTS = ("Website", "Referral", "Trade fair", "Newsletter")
# What a dashboard of 50 tiles is made of; each shows another KPI.
KINDS = (
    ["gauge"] * 12
    + ["trend"] * 14
    + ["line", "bar", "area"] * 5
    + ["table", "heatmap", "radar", "waterfall", "pie", "doughnut", "stacked"]
    + ["ranking", "each"]
)
FEW = ["gauge", "trend", "line", "pie", "ranking"]


@case("engine", group="dashboard")
def dashboard_data(bench: Bench) -> Iterator[Figure]:
    """Statements, time and size of the answer, at 5, 50 and 200 tiles."""
    kpis = _kpis(bench.env)
    boards = {count: _dashboard(bench.env, kpis, count) for count in TILES}
    bench.env.cr.commit()
    _check(boards[50], kpis)
    statements = {count: _statements(board) for count, board in boards.items()}
    if len(set(statements.values())) > 1:
        raise DifferentResults(f"Statements by number of tiles: {statements}")
    limit = float(MOST_STATEMENTS)
    yield Figure("dashboard_statements", statements[50], "queries", limit, "<= 1")
    with server(bench.database) as url:
        call = caller(url)
        for count, target in ((50, "<= 6"), (200, "<= 15")):
            name = "" if count == 50 else f"_{count}"
            seconds = medians(
                lambda: call("res.users", "has_group", [[2], "base.group_user"]),
                lambda board=boards[count]: call("kpi.dashboard", "data", [board.ids]),
            )
            yield Figure(
                f"dashboard{name}_vs_trivial",
                1000 * seconds[1],
                "ms",
                1000 * seconds[0],
                target,
            )
        body = call("kpi.dashboard", "data", [boards[50].ids])
    size = len(gzip.compress(body)) / 1024
    yield Figure("dashboard_payload_kb_gzip", size, "KB", float(MOST_KB), "<= 1")


def _kpis(env: Any) -> Any:
    """KPIs of the company, with a target; each also of its departments and teams."""
    departments = env["hr.department"].create(
        [
            {"name": f"Department {place}", "company_id": env.company.id}
            for place in range(DEPARTMENTS)
        ]
    )
    teams = env["kpi.team"].create([{"name": f"Team {n}"} for n in range(TEAMS)])
    summed = {"aggregation_time": "sum", "aggregation_scope": "sum"}
    kpis = track(env, KPIS, "Bench", target=TARGET, **summed)
    for scope_type, records in (("department", departments), ("team", teams)):
        kpis.definition_id._track_for(scope_type, records, env.company.id)
    env.flush_all()
    fill_months(env, kpis.definition_id, MONTHS)
    _split(env, kpis)
    env.cr.execute("ANALYZE")
    return kpis


def _split(env: Any, kpis: Any) -> None:
    """Parts of the company's values by where customers come from."""
    sources = env["utm.source"].create([{"name": name} for name in PARTS])
    kpis.definition_id.write({"model_name": "crm.lead"})
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO kpi_measurement_breakdown
                   (report_id, grain, period_start, field_path, key, value)
            SELECT fact.report_id, fact.grain, fact.period_start, 'source_id',
                   origin::text, fact.value / %s
              FROM kpi_measurement AS fact
        CROSS JOIN unnest(%s::int[]) AS origin
             WHERE fact.report_id = ANY(%s)
            """,
            len(sources),
            sources.ids,
            kpis.ids,
        )
    )


def _dashboard(env: Any, kpis: Any, count: int) -> Any:
    kinds = FEW if count == len(FEW) else KINDS * (count // len(KINDS))
    tiles = [
        Command.create(_tile(env, place, kind, kpis[place % KPIS]))
        for place, kind in enumerate(kinds)
    ]
    return env["kpi.dashboard"].create({"name": f"Bench {count}", "tile_ids": tiles})


def _tile(env: Any, place: int, kind: str, kpi: Any) -> dict[str, Any]:
    values = {"kind": kind, "sequence": place, "definition_ids": kpi.definition_id.ids}
    if kind in ("trend", "ranking"):
        style = "comparison" if kind == "ranking" else kind
        card = env.ref(f"kpi_tracking_dashboard.kpi_dashboard_card_{style}")
        values |= {"kind": "card", "card_id": card.id}
    if kind in ("pie", "doughnut", "stacked"):
        values["breakdown"] = "source_id"
    if kind == "each":
        values["kind"] = "bar"
    if kind in ("ranking", "each"):
        values["scope_mode"] = "each"
    return values


def _check(board: Any, kpis: Any) -> None:
    """Each card shows the value that its KPI keeps, and each tile something."""
    known = {kpi.id: kpi.current_value for kpi in kpis}
    tiles = _as_admin(board).data()["tiles"]
    odd = [
        tile["title"]
        for tile in tiles
        if tile["state"] != "ok"
        or tile.get("kpi")
        and tile["kpi"]["value"] != known[tile["kpi"]["report_id"]]
    ]
    if odd:
        raise DifferentResults(f"Tiles that do not show their KPI: {odd}")


def _as_admin(board: Any) -> Any:
    admin = board.env.ref("base.user_admin")
    context = {"allowed_company_ids": board.env.company.ids, "lang": "en_US"}
    return board.with_user(admin).with_context(context)


def _statements(board: Any) -> int:
    own = _as_admin(board)
    return count_statements(own.env, own.data)
