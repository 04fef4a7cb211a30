"""Gauges in a browser: 200 records with them, and the same with plain numbers.

Chromium at a quarter of the machine's speed, as a phone is: a list on a desktop and
cards on a phone. Loading goes from the click to the frame in which the last record is
painted; scrolling is the browser's work for each frame.
"""

from collections.abc import Iterator

from _calls import (
    awaited,
    forget_first_visit,
    in_turns,
    log_in,
    open_window,
    server,
)
from _harness import Bench, DifferentResults, Figure, case, find_worst
from devtools import Browser
from screenshots import DESKTOP, PHONE

RECORDS = 200
SLOWDOWN = 4
FRAMES = 120
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


@case("engine", group="dashboard")
def gauges_vs_plain(bench: Bench) -> Iterator[Figure]:
    """Milliseconds to load and per frame of scrolling, beside a plain number."""
    forget_first_visit(bench.env)
    bench.env["res.partner"].create(
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
    screens = {
        kind: {
            name: _open_partners(bench.env, ARCHS[kind] % field)
            for name, field in (("plain", PLAIN), ("gauges", GAUGE))
        }
        for kind in ARCHS
    }
    bench.env.cr.commit()
    figures = {"load": [], "scroll": []}
    with server(bench.database) as url:
        for kind, size in (("list", DESKTOP), ("kanban", PHONE)):
            found = _measure(bench, url, kind, screens[kind], size)
            pairs = zip(found["gauges"], found["plain"], strict=True)
            for (what, known), pair in zip(figures.items(), pairs, strict=True):
                target = "<= 1.3" if what == "load" else "<= 1.5"
                name = f"gauges_{kind}_{what}"
                known.append(Figure(name, pair[0], "ms", pair[1], target))
    yield from sum(figures.values(), [])
    yield find_worst("gauges_vs_plain_load", figures["load"])
    yield find_worst("gauges_scroll_task_vs_plain", figures["scroll"])


def _open_partners(env, arch: str) -> int:
    view = env["ir.ui.view"].create(
        {"name": "bench", "model": "res.partner", "arch": arch}
    )
    shown = {"view_id": view.id, "domain": "[('ref', '=', 'bench')]"}
    return open_window(env, "res.partner", view.type, limit=RECORDS, **shown)


def _measure(bench: Bench, url: str, kind: str, actions: dict, size: tuple[int, int]):
    """Milliseconds of loading, and of a frame of scrolling, by kind of number."""

    def act(name: str) -> tuple[float, float]:
        numbers = _load(browser, kind, actions[name]), _scroll(browser, kind)
        if name == "gauges":
            _check_drawn(browser)
        return numbers

    with Browser(*size, is_phone=size == PHONE) as browser:
        log_in(browser, url)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        return in_turns(bench, browser, actions, act)


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
