"""Our longest lists in a browser, beside Odoo's own list of as many sale orders.

From the click to the frame in which the last row is painted, Chromium at a quarter of
the machine's speed, as in ``dashboard_gauges``.
"""

import statistics
from collections.abc import Iterator
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _server import server
from dashboard_gauges import LEAST_TURNS, OPEN, ROWS, SLOWDOWN, awaited, log_in
from devtools import Browser
from home import make_kpis
from screenshots import DESKTOP

RECORDS = 80  # rows of a page of a list
PLAIN = "sale.action_orders"
LISTS = {
    "judgements": "kpi_tracking.kpi_target_value_action",
    "values": "kpi_tracking.kpi_measurement_action",
    "kpis": "kpi_tracking.kpi_report_action",
}


@case("engine", group="home")
def list_vs_plain(bench: Bench) -> Iterator[Figure]:
    """Milliseconds until a page of judgements, values or KPIs is drawn."""
    _fill(bench.env)
    actions = {
        name: _action(bench.env, xml_id)
        for name, xml_id in {"plain": PLAIN, **LISTS}.items()
    }
    bench.env.cr.commit()
    with server(bench.database) as url:
        loads = _measure(bench, url, actions)
    plain = loads.pop("plain")
    figures = [
        Figure(f"list_{name}_vs_plain", seconds, "ms", plain, "<= 1.3")
        for name, seconds in loads.items()
    ]
    yield from figures
    worst = max(figures, key=lambda figure: figure.ratio)
    yield Figure("list_vs_plain", worst.value, "ms", plain, "<= 1.3")


def _fill(env: Any) -> None:
    """A page of KPIs with targets and values, and of sale orders."""
    env.ref("base.user_admin").write(
        {"odoobot_state": "disabled", "tour_enabled": False}
    )
    env.ref("base.user_admin").group_ids |= env.ref("sales_team.group_sale_manager")
    make_kpis(env, 0, RECORDS)
    partners = env["res.partner"].create(
        [{"name": f"Customer {number}"} for number in range(RECORDS)]
    )
    env["sale.order"].create(
        [
            {"partner_id": partner.id, "order_line": [(0, 0, {"name": "Line"})]}
            for partner in partners
        ]
    )


def _action(env: Any, xml_id: str) -> int:
    """A window with the list of an action and nothing else, not narrowed."""
    shown = env["ir.actions.act_window"]._for_xml_id(xml_id)
    lists = [view for view in shown["views"] if view[1] == "list"]
    values = {
        "name": "Bench",
        "res_model": shown["res_model"],
        "view_mode": "list",
        "view_id": lists[0][0],
        "limit": RECORDS,
    }
    return env["ir.actions.act_window"].create(values).id


def _measure(bench: Bench, url: str, actions: dict[str, int]) -> dict[str, float]:
    runs: dict[str, list[float]] = {name: [] for name in actions}
    with Browser(*DESKTOP) as browser:
        log_in(browser, url)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        for turn in range(max(bench.repeat, LEAST_TURNS) + 1):
            for name, action in actions.items():
                values = {"action": action, "rows": ROWS["list"], "records": RECORDS}
                load = awaited(browser, OPEN % values)
                if turn:  # the first one fetches views and fonts
                    runs[name].append(load)
        if browser.errors:
            raise DifferentResults(f"The browser says: {browser.errors[0]}")
    return {name: statistics.median(numbers) for name, numbers in runs.items()}
