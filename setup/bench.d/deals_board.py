"""The board of all deals in a browser, beside that of Odoo's CRM.

As many opportunities in as many stages, of which the same are folded, and as many cards
painted. Loading goes from the click to the frame in which the last card is painted.
"""

import json
import statistics
from collections.abc import Iterator
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _server import server
from dashboard_gauges import awaited, log_in
from devtools import Browser
from screenshots import DESKTOP

CARDS = 20  # a column
COLUMNS, FOLDED = 10, 2
LEAST_TURNS = 7
FEW = 4_000  # deals, beside all of them
VIEWS = {
    "kpi.deal": "kpi_deal_pipeline.kpi_deal_view_kanban",
    "crm.lead": "crm.crm_case_kanban_view_leads",
}
# Resolves with milliseconds, painted columns and cards, and what the server was asked.
OPEN = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await action.doAction("base.action_partner_form", { clearBreadcrumbs: true,
        additionalContext: { search_default_name: "nobody is called so" } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const calls = [];
    const note = ({ detail }) => calls.push(detail.data.params);
    rpcBus.addEventListener("RPC:REQUEST", note);
    const count = (css) => document.querySelectorAll(css).length;
    const cards = ".o_kanban_group .o_kanban_record:not(.o_kanban_ghost)";
    const start = performance.now();
    await action.doAction(%(action)s, { clearBreadcrumbs: true });
    while (count(cards) < %(cards)s) await frame();
    await frame(); await frame();
    const milliseconds = performance.now() - start;
    rpcBus.removeEventListener("RPC:REQUEST", note);
    return { milliseconds, cards: count(cards), columns: count(".o_kanban_group"),
        calls: JSON.stringify(calls) };
})()
"""


@case("deals")
def deals_board(bench: Bench) -> Iterator[Figure]:
    """Milliseconds to load beside the CRM's, and statements beside those of a few."""
    actions = {model: _action(bench.env, model) for model in VIEWS}
    bench.env.cr.commit()
    loads: dict[str, list[float]] = {model: [] for model in VIEWS}
    with server(bench.database) as url, Browser(*DESKTOP) as browser:
        log_in(browser, url)
        for turn in range(max(bench.repeat, LEAST_TURNS) + 1):
            for model, action in actions.items():
                opened = _opened(browser, action)
                if turn:  # the first one fetches views and code
                    loads[model].append(opened["milliseconds"])
                if model == "kpi.deal":
                    calls = json.loads(opened["calls"])
    ours, theirs = (statistics.median(loads[model]) for model in VIEWS)
    yield Figure("kanban_vs_crm", ours, "ms", theirs, "<= 0.8")
    everything, few = (
        _statements(bench.env, calls, domain) for domain in ([], [("id", "<=", FEW)])
    )
    yield Figure("kanban_statements", everything, "statements", few, "<= 1")


def _action(env: Any, model: str) -> int:
    action = env["ir.actions.act_window"].create(
        {
            "name": "Board",
            "res_model": model,
            "view_mode": "kanban",
            "view_id": env.ref(VIEWS[model]).id,
            "limit": CARDS,
        }
    )
    return action.id


def _opened(browser: Browser, action: int) -> dict:
    cards = CARDS * (COLUMNS - FOLDED)
    opened = awaited(browser, OPEN % {"action": action, "cards": cards})
    if (opened["columns"], opened["cards"]) != (COLUMNS, cards):
        raise DifferentResults(
            f"{opened['columns']} columns, {opened['cards']} cards are painted."
        )
    if browser.errors:
        raise DifferentResults(f"The browser says: {browser.errors[0]}")
    return opened


def _statements(env: Any, calls: list[dict], domain: list) -> int:
    """Statements of what the board asks for, of the deals in ``domain``."""
    admin = env.ref("base.user_admin")
    asked = [call for call in calls if call.get("model") == "kpi.deal"]
    if not any("domain" in call["kwargs"] for call in asked):
        raise DifferentResults("The board does not ask for deals.")
    counts = []
    for _turn in range(2):  # the first one fills Odoo's caches
        env.invalidate_all()
        before = env.cr.sql_log_count
        for call in asked:
            values = dict(call["kwargs"])
            deals = env["kpi.deal"].with_user(admin)
            deals = deals.with_context(**values.pop("context", {}))
            if "domain" in values:
                values["domain"] = [*domain, *values["domain"]]
            getattr(deals, call["method"])(*call["args"], **values)
        counts.append(env.cr.sql_log_count - before)
    return counts[-1]
