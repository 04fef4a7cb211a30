"""Our longest lists in a browser, beside Odoo's own list of as many sale orders.

From the click to the frame in which the last row is painted, Chromium at a quarter of
the machine's speed, as in ``dashboard_gauges``.
"""

from collections.abc import Iterator
from typing import Any

from _calls import (
    awaited,
    forget_first_visit,
    in_turns,
    log_in,
    open_window,
    server,
)
from _harness import Bench, Figure, case, find_worst
from dashboard_gauges import OPEN, ROWS, SLOWDOWN
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

    def load(name: str) -> tuple[float]:
        values = {"action": actions[name], "rows": ROWS["list"], "records": RECORDS}
        return (awaited(browser, OPEN % values),)

    with server(bench.database) as url, Browser(*DESKTOP) as browser:
        log_in(browser, url)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        loads = in_turns(bench, browser, actions, load)
    (plain,) = loads.pop("plain")
    figures = [
        Figure(f"list_{name}_vs_plain", milliseconds, "ms", plain, "<= 1.3")
        for name, (milliseconds,) in loads.items()
    ]
    yield from figures
    yield find_worst("list_vs_plain", figures)


def _fill(env: Any) -> None:
    """A page of KPIs with targets and values, and of sale orders."""
    forget_first_visit(env)
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
    view_id = next(view_id for view_id, mode in shown["views"] if mode == "list")
    values = {"view_id": view_id, "limit": RECORDS}
    return open_window(env, shown["res_model"], "list", **values)
