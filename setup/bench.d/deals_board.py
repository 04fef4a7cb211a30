"""The board of all deals in a browser, beside that of Odoo's CRM.

As many opportunities in as many stages, of which the same are folded, and as many cards
painted. Loading goes from the click to the frame in which the last card is painted.
"""

import json
from collections.abc import Iterator
from typing import Any

from _calls import awaited, in_turns, log_in, open_window, server
from _harness import Bench, DifferentResults, Figure, case, count_statements
from devtools import Browser
from screenshots import DESKTOP

CARDS = 20  # a column
COLUMNS, FOLDED = 10, 2
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
    env, calls = bench.env, {}
    actions = {
        model: open_window(env, model, "kanban", view_id=env.ref(view).id, limit=CARDS)
        for model, view in VIEWS.items()
    }
    env.cr.commit()

    def load(model: str) -> tuple[float]:
        opened = _opened(browser, actions[model])
        calls[model] = json.loads(opened["calls"])
        return (opened["milliseconds"],)

    with server(bench.database) as url, Browser(*DESKTOP) as browser:
        log_in(browser, url)
        (ours,), (theirs,) = in_turns(bench, browser, actions, load).values()
    yield Figure("kanban_vs_crm", ours, "ms", theirs, "<= 0.8")
    everything, few = (
        _statements(env, calls["kpi.deal"], domain)
        for domain in ([], [("id", "<=", FEW)])
    )
    yield Figure("kanban_statements", everything, "statements", few, "<= 1")


def _opened(browser: Browser, action: int) -> dict:
    cards = CARDS * (COLUMNS - FOLDED)
    opened = awaited(browser, OPEN % {"action": action, "cards": cards})
    if (opened["columns"], opened["cards"]) != (COLUMNS, cards):
        raise DifferentResults(
            f"{opened['columns']} columns, {opened['cards']} cards are painted."
        )
    return opened


def _statements(env: Any, calls: list[dict], domain: list) -> float:
    """Statements of what the board asks for, of the deals in ``domain``."""
    asked = [call for call in calls if call.get("model") == "kpi.deal"]
    if not any("domain" in call["kwargs"] for call in asked):
        raise DifferentResults("The board does not ask for deals.")
    deals = env["kpi.deal"].with_user(env.ref("base.user_admin"))

    def ask() -> None:
        for call in asked:
            values = dict(call["kwargs"])
            own = deals.with_context(**values.pop("context", {}))
            if "domain" in values:
                values["domain"] = [*domain, *values["domain"]]
            getattr(own, call["method"])(*call["args"], **values)

    return count_statements(env, ask)
