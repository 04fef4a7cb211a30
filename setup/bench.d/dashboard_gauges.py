"""Gauges in a browser: 200 records with them, and the same with plain numbers.

Chromium at a quarter of the machine's speed, as a phone is: a list on a desktop and
cards on a phone. Loading goes from the click to the frame in which the last record is
painted; scrolling is the browser's work for each frame.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from _harness import Bench, DifferentResults, Figure, case
from _server import START_SECONDS, server
from devtools import Browser
from screenshots import DESKTOP, PHONE, session

RECORDS = 200
SLOWDOWN = 4
FRAMES = 120
LEAST_TURNS = 5
PLAIN = '<field name="partner_latitude"/>'
GAUGE = (
    '<field name="partner_latitude" widget="kpi_gauge"'
    " options=\"{'max': 90, 'target': 60}\"/>"
)
FIELDS = "".join(f'<field name="{n}"/>' for n in ("name", "email", "phone", "city"))
ARCHS = {
    "list": f"<list limit='{RECORDS}'>{FIELDS}%s</list>",
    "kanban": (
        f"<kanban limit='{RECORDS}'><templates><t t-name='card'>{FIELDS}%s</t>"
        "</templates></kanban>"
    ),
}
ROWS = {"list": ".o_data_row", "kanban": ".o_kanban_record:not(.o_kanban_ghost)"}
# Resolves with milliseconds when all records are there and a frame has been painted.
OPEN = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await action.doAction("base.action_partner_form", { clearBreadcrumbs: true,
        additionalContext: { search_default_name: "nobody is called so" } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const start = performance.now();
    await action.doAction(%(action)s, { clearBreadcrumbs: true });
    while (document.querySelectorAll("%(rows)s").length < %(records)s) await frame();
    await frame(); await frame();
    return performance.now() - start;
})()
"""
# What loading has left behind is not scrolling's.
SETTLED = """
new Promise((resolve) => requestIdleCallback(() => requestIdleCallback(resolve)))
    .then(() => true)
"""
SCROLL = """
(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    let box = document.querySelector("%(rows)s");
    while (box.scrollHeight <= box.clientHeight + 50
        || getComputedStyle(box).overflowY === "visible") {
        if (!box.parentElement) break;
        box = box.parentElement;
    }
    for (let i = 0; i < %(frames)s; i++) { box.scrollTop += 40; await frame(); }
    return box.scrollTop;
})()
"""


@dataclass(frozen=True)
class _Screen:
    """A view with plain numbers and the same with gauges, as ids of actions."""

    kind: str
    plain: int
    gauges: int


@case("engine", group="dashboard")
def gauges_vs_plain(bench: Bench) -> Iterator[Figure]:
    """Milliseconds to load and per frame of scrolling, beside a plain number."""
    _has_been_here(bench.env)
    screens = {kind: _screen(bench.env, kind) for kind in ARCHS}
    bench.env.cr.commit()
    loads, scrolls = [], []
    with server(bench.database) as url:
        for kind, size in (("list", DESKTOP), ("kanban", PHONE)):
            load, scroll = _measured(bench, url, screens[kind], size)
            loads.append(Figure(f"gauges_{kind}_load", *load, "<= 1.3"))
            scrolls.append(Figure(f"gauges_{kind}_scroll", *scroll, "<= 1.5"))
    yield from (*loads, *scrolls)
    yield _worst("gauges_vs_plain_load", loads)
    yield _worst("gauges_scroll_task_vs_plain", scrolls)


def _worst(metric: str, figures: list[Figure]) -> Figure:
    worst = max(figures, key=lambda figure: figure.ratio)
    return Figure(metric, worst.value, worst.unit, worst.reference, worst.target)


def _has_been_here(env) -> None:
    """No greetings of a first visit: OdooBot's window covers a phone and has the styles
    of the whole page computed at each scroll, the tour walks through all that is drawn.
    """
    admin = env.ref("base.user_admin")
    admin.write({"odoobot_state": "disabled", "tour_enabled": False})


def _screen(env, kind: str) -> _Screen:
    partners = env["res.partner"].search([("ref", "=", "bench")])
    if not partners:
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
                for number in range(RECORDS)
            ]
        )
    return _Screen(kind, *(_action(env, kind, field) for field in (PLAIN, GAUGE)))


def _action(env, kind: str, field: str) -> int:
    view = env["ir.ui.view"].create(
        {"name": "bench", "model": "res.partner", "arch": ARCHS[kind] % field}
    )
    action = env["ir.actions.act_window"].create(
        {
            "name": "Bench",
            "res_model": "res.partner",
            "view_mode": kind,
            "view_id": view.id,
            "domain": "[('ref', '=', 'bench')]",
            "limit": RECORDS,
        }
    )
    return action.id


def _measured(bench: Bench, url: str, screen: _Screen, size: tuple[int, int]):
    """(gauges, unit, plain) of loading, and of a frame of scrolling."""
    actions = {"plain": screen.plain, "gauges": screen.gauges}
    loads: dict[str, list[float]] = {name: [] for name in actions}
    frames: dict[str, list[float]] = {name: [] for name in actions}
    with Browser(*size, is_phone=size == PHONE) as browser:
        log_in(browser, url)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        for turn in range(max(bench.repeat, LEAST_TURNS) + 1):
            for name, action in actions.items():
                load = _load(browser, screen.kind, action)
                frame = _scroll(browser, screen.kind)
                if turn:  # the first one fetches views and fonts
                    loads[name].append(load)
                    frames[name].append(frame)
            _check_drawn(browser)
        if browser.errors:
            raise DifferentResults(f"The browser says: {browser.errors[0]}")
    return (_figures(loads), _figures(frames))


def _figures(runs: dict[str, list[float]]) -> tuple[float, str, float]:
    middle = {name: statistics.median(numbers) for name, numbers in runs.items()}
    return middle["gauges"], "ms", middle["plain"]


def log_in(browser: Browser, url: str) -> None:
    """As an administrator, at the web client."""
    cookie = {"value": session(url, "admin", "admin"), "path": "/"}
    domain = urlsplit(url).hostname
    browser.call("Network.setCookie", name="session_id", domain=domain, **cookie)
    browser.call("Page.navigate", url=f"{url}/odoo")
    browser.wait_for(".o_action_manager > *", START_SECONDS)
    browser.call("Performance.enable")


def _load(browser: Browser, kind: str, action: int) -> float:
    values = {"action": action, "rows": ROWS[kind], "records": RECORDS}
    return awaited(browser, OPEN % values)


def _scroll(browser: Browser, kind: str) -> float:
    """Milliseconds of the browser's work per frame."""
    awaited(browser, SETTLED)
    before = _task_seconds(browser)
    reached = awaited(browser, SCROLL % {"rows": ROWS[kind], "frames": FRAMES})
    if not reached:
        raise DifferentResults(f"The {kind} does not scroll.")
    return 1000 * (_task_seconds(browser) - before) / FRAMES


def _check_drawn(browser: Browser) -> None:
    meters = browser.evaluate("document.querySelectorAll('[role=meter]').length")
    seen = browser.evaluate("document.querySelectorAll('.o_kpi_gauge_bar').length")
    if meters != RECORDS or seen != RECORDS:
        raise DifferentResults(f"{meters} gauges for {RECORDS} records, {seen} bars.")


def _task_seconds(browser: Browser) -> float:
    metrics = browser.call("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def awaited(browser: Browser, expression: str) -> Any:
    """What a promise comes to in the browser."""
    answer = browser.call(
        "Runtime.evaluate",
        expression=expression,
        awaitPromise=True,
        returnByValue=True,
    )
    if "exceptionDetails" in answer:
        raise DifferentResults(str(answer["exceptionDetails"].get("exception")))
    return answer["result"]["value"]
