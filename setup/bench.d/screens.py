"""What screens cost: the overview and dashboards on the wire, lists in a browser.

The time of a call is that of the whole way, from the request to the last byte of the
answer, beside an authenticated call that returns True on the same server. A list goes
from the click to the frame in which its last record is painted, in Chromium at a
quarter of the machine's speed, as a phone is.
"""

import gzip
import statistics
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from odoo.fields import Command

from _harness import Bench, DifferentResults, Figure, case, constant, count_statements
from _kpis import MONTHS, TARGET, as_admin, fill_months, track
from _rows import insert
from _server import caller, server
from devtools import Browser
from screenshots import DESKTOP, session

# KPIs → figure of the time, and its target
HOMES = {
    5: ("home_5_vs_trivial", ""),
    50: ("home_vs_trivial", "<= 6"),
    500: ("home_500_vs_trivial", ""),
}
MOST_HOME_STATEMENTS = 14
SUMMED = {"aggregation_time": "sum", "aggregation_scope": "sum", "target": TARGET}

# (1 + 9 + 190) * 50 = 10,000 KPIs with 36 months each
KPIS, DEPARTMENTS, TEAMS = 50, 9, 190
BOARDS = {
    5: ("dashboard_5_vs_trivial", ""),
    50: ("dashboard_vs_trivial", "<= 5"),
    200: ("dashboard_200_vs_trivial", "<= 15"),
}
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

ROWS, PARTNERS = 80, 200  # of a page of a list; with gauges
LEAST_TURNS = 5
CALLS = 60  # of the web client, of each kind
SLOWDOWN = 4
LISTS = {
    "plain": "sale.action_orders",
    "judgements": "kpi_tracking.kpi_target_value_action",
    "values": "kpi_tracking.kpi_measurement_action",
    "kpis": "kpi_tracking.kpi_report_action",
}
ARCH = (
    "<list><field name='name'/><field name='email'/><field name='phone'/>"
    "<field name='city'/><field name='partner_latitude' %s/></list>"
)
GAUGE = "widget='kpi_gauge' options=\"{'max': 90, 'target': 60}\""
# Resolves with milliseconds when all records are there and a frame has been painted.
OPEN = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await action.doAction("base.action_partner_form", { clearBreadcrumbs: true,
        additionalContext: { search_default_name: "nobody is called so" } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const start = performance.now();
    await action.doAction(%s, { clearBreadcrumbs: true });
    while (document.querySelectorAll(".o_data_row").length < %s) await frame();
    await frame(); await frame();
    return performance.now() - start;
})()
"""


@case("engine")
def home(bench: Bench) -> Iterator[Figure]:
    """The overview with stars, a dashboard and notes, at 5, 50 and 500 KPIs."""
    env, statements, made = bench.env, set(), 0
    own = as_admin(env["kpi.home"])
    board = env["kpi.dashboard"].create({"name": "Bench"})
    for count, named in HOMES.items():
        _fill_home(board, _make_kpis(env, made, count))
        made = count
        env.cr.commit()
        found = own.get_summary()
        cards = {card["report_id"]: card["value"] for card in found["cards"]}
        if sum(found["counts"].values()) != count or None in cards.values():
            raise DifferentResults(f"Of {count} KPIs: {found['counts']}, {cards}")
        statements.add(count_statements(own.env, own.get_summary))
        with server(bench.database, "--workers=0") as url:
            yield _time_call(bench, caller(url), named, "kpi.home", "get_summary")
    yield constant("home_statements", statements, MOST_HOME_STATEMENTS)


@case("engine")
def dashboard_data(bench: Bench) -> Iterator[Figure]:
    """50 tiles over 10,000 KPIs with 36 months each; also 5 and 200 tiles."""
    kpis = _make_dashboard_kpis(bench.env)
    boards = {count: _make_dashboard(bench.env, kpis, count) for count in BOARDS}
    bench.env.cr.commit()
    values = {kpi.id: kpi.current_value for kpi in kpis}
    for tile in boards[50].data()["tiles"]:
        kpi = tile.get("kpi")
        if tile["state"] != "ok" or kpi and kpi["value"] != values[kpi["report_id"]]:
            raise DifferentResults(f"{tile['title']} does not show its KPI")
    counted = {count_statements(board.env, board.data) for board in boards.values()}
    yield constant("dashboard_statements", counted, MOST_STATEMENTS)
    with server(bench.database, "--workers=0") as url:
        call = caller(url)
        for count, named in BOARDS.items():
            asked = ("kpi.dashboard", "data", boards[count].ids)
            yield _time_call(bench, call, named, *asked)
        body = call("kpi.dashboard", "data", boards[50].ids)
    size = len(gzip.compress(body)) / 1024
    yield Figure("dashboard_payload_kb_gzip", size, "KB", MOST_KB, "<= 1")


@case("engine")
def list_vs_plain(bench: Bench) -> Iterator[Figure]:
    """A page of our longest lists, beside Odoo's own of as many sale orders."""
    env = bench.env
    env.ref("base.user_admin").group_ids |= env.ref("sales_team.group_sale_manager")
    _make_kpis(env, 0, ROWS)
    partners = env["res.partner"].create(
        [{"name": f"Customer {n}"} for n in range(ROWS)]
    )
    line = [Command.create({"name": "Line"})]
    orders = [{"partner_id": partner.id, "order_line": line} for partner in partners]
    env["sale.order"].create(orders)
    windows = {}
    for name, xml_id in LISTS.items():
        shown = env["ir.actions.act_window"]._for_xml_id(xml_id)
        views = {mode: view_id for view_id, mode in shown["views"]}
        windows[name] = _open_list(env, shown["res_model"], ROWS, view_id=views["list"])
    found = _load(bench, windows, ROWS)
    plain = found.pop("plain")
    for name, milliseconds in found.items():
        yield Figure(f"list_{name}_vs_plain", milliseconds, "ms", plain, "<= 1.3")


@case("engine")
def gauges_vs_plain(bench: Bench) -> Iterator[Figure]:
    """200 records with gauges, and the same with plain numbers."""
    env = bench.env
    env["res.partner"].create(
        [
            {
                "name": f"Partner {number}",
                "email": f"partner{number}@example.com",
                "phone": f"+32 2 290 {number:04}",
                "city": "Brussels",
                "ref": "bench",
                "partner_latitude": number * 0.45,
            }
            for number in range(PARTNERS)
        ]
    )
    windows = {}
    for name, options in (("plain", ""), ("gauges", GAUGE)):
        values = {"name": "bench", "model": "res.partner", "arch": ARCH % options}
        view = env["ir.ui.view"].create(values)
        own = {"view_id": view.id, "domain": "[('ref', '=', 'bench')]"}
        windows[name] = _open_list(env, "res.partner", PARTNERS, **own)

    def check(browser: Browser) -> None:
        drawn = browser.evaluate("document.querySelectorAll('[role=meter]').length")
        if drawn != PARTNERS:
            raise DifferentResults(f"{drawn} gauges for {PARTNERS} records")

    found = _load(bench, windows, PARTNERS, check)
    yield Figure("gauges_list_load", found["gauges"], "ms", found["plain"], "<= 1.25")


def _time_call(
    bench: Bench, call: Callable, named: tuple[str, str], *asked: Any
) -> Figure:
    """Milliseconds of a call, beside a trivial one."""
    own, trivial = bench.measure(
        lambda: call(*asked),
        lambda: call("res.users", "has_group", [2], "base.group_user"),
        turns=CALLS,
    )
    metric, target = named
    return Figure(metric, 1000 * own, "ms", 1000 * trivial, target)


def _make_kpis(env: Any, first: int, stop: int) -> Any:
    """More KPIs of the company, each with a target and values of three years."""
    kpis = track(env, stop - first, "Bench", first=first, **SUMMED)
    fill_months(env, kpis.definition_id, MONTHS)
    kpis._refresh_current()
    env.cr.execute("ANALYZE")
    return kpis


def _fill_home(board: Any, kpis: Any) -> None:
    """Tiles on the dashboard, stars and a note: all that the overview has."""
    card = board.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
    tile = {"dashboard_id": board.id, "kind": "card", "card_id": card.id}
    board.env["kpi.dashboard.tile"].create(
        [{**tile, "definition_ids": kpi.definition_id.ids} for kpi in kpis[:4]]
    )
    own = as_admin(kpis)
    own[:3].star()
    note = {"report_id": own[0].id, "date": "2026-01-01", "text": "A note"}
    own.env["kpi.annotation"].create(note)


def _make_dashboard_kpis(env: Any) -> Any:
    """KPIs of the company, with a target and parts by where customers come from; each
    also of its departments and teams."""
    company = {"company_id": env.company.id}
    departments = env["hr.department"].create(
        [{"name": f"Department {place}", **company} for place in range(DEPARTMENTS)]
    )
    teams = env["kpi.team"].create([{"name": f"Team {n}"} for n in range(TEAMS)])
    kpis = track(env, KPIS, "Bench", **SUMMED)
    definitions = kpis.definition_id
    for scope_type, records in (("department", departments), ("team", teams)):
        definitions._track_for(scope_type, records, env.company.id)
    env.flush_all()
    fill_months(env, definitions, MONTHS)
    sources = env["utm.source"].create([{"name": name} for name in PARTS])
    definitions.write({"model_name": "crm.lead"})
    env.flush_all()
    insert(
        env,
        "kpi_measurement_breakdown",
        """
        SELECT report_id, grain, period_start, 'source_id' AS field_path,
               origin::text AS key, value / %(count)s AS value
          FROM kpi_measurement
    CROSS JOIN unnest(%(sources)s::int[]) AS origin
         WHERE report_id = ANY(%(kpis)s)
        """,
        count=len(sources),
        sources=sources.ids,
        kpis=kpis.ids,
    )
    env.cr.execute("ANALYZE")
    return kpis


def _make_dashboard(env: Any, kpis: Any, count: int) -> Any:
    kinds = FEW if count == len(FEW) else KINDS * (count // len(KINDS))
    tiles = [
        Command.create(_make_tile(env, place, kind, kpis[place % KPIS]))
        for place, kind in enumerate(kinds)
    ]
    values = {"name": f"Bench {count}", "tile_ids": tiles}
    return as_admin(env["kpi.dashboard"].create(values))


def _make_tile(env: Any, place: int, kind: str, kpi: Any) -> dict[str, Any]:
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


def _open_list(env: Any, model: str, limit: int, **values: Any) -> int:
    """The id of an action that opens a list of a model and nothing else."""
    shown = {"name": "Bench", "res_model": model, "view_mode": "list", "limit": limit}
    return env["ir.actions.act_window"].create({**shown, **values}).id


def _load(
    bench: Bench,
    windows: dict[str, int],
    rows: int,
    check_last: Callable[[Browser], None] = lambda browser: None,
) -> dict[str, float]:
    """Median milliseconds until each window is painted; they take turns.

    :param check_last: looks at the last one
    """
    # The tour of a first visit walks through all that is drawn.
    bench.env.ref("base.user_admin").tour_enabled = False
    bench.env.cr.commit()
    runs: dict[str, list[float]] = {name: [] for name in windows}
    with (
        server(bench.database, "--workers=0") as url,
        Browser(*DESKTOP) as browser,
    ):
        cookie = {"value": session(url, "admin", "admin"), "path": "/"}
        domain = urlsplit(url).hostname
        browser.call("Network.setCookie", name="session_id", domain=domain, **cookie)
        browser.call("Page.navigate", url=f"{url}/odoo")
        browser.wait_for(".o_action_manager > *")
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        for _turn in range(max(bench.repeat, LEAST_TURNS) + 1):
            for name, window in windows.items():
                runs[name].append(browser.evaluate(OPEN % (window, rows)))
        check_last(browser)
        if browser.errors:
            raise DifferentResults(f"The browser says: {browser.errors[0]}")
    # The first turn fetches views.
    return {name: statistics.median(found[1:]) for name, found in runs.items()}
