"""The phone app: what it sends and gets."""

import gzip
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from odoo.tools.js_transpiler import transpile_javascript
from odoo.tools.misc import file_path

from _harness import Bench, DifferentResults, Figure, case, count_statements
from _kpis import MONTHS, TARGET, as_admin, fill_months, track
from _server import ask, server
from cut_proxy import STAGES, CutProxy
from devtools import Browser
from screenshots import session

KPIS = (20, 400)
CHANGED = 5
ENTRIES, MOST_TURNS, SECONDS_BETWEEN = 200, 300, 0.3
PHONE = (390, 844)
SLOWDOWN = 4
APP, ROW, ACTION = "/scoped_app/kpi", ".o_kpi_phone_row", ".o_action_manager > *"
# Of the first match: when a frame with it has been painted.
PAINTED = """
new MutationObserver((_changes, observer) => {
    if (document.querySelector(%s)) {
        observer.disconnect();
        requestAnimationFrame(() =>
            requestAnimationFrame(() => (window.paintedAt = performance.now())));
    }
}).observe(document, { childList: true, subtree: true });
"""

PANEL = ".o_kpi_phone_panel"
# of a swipe, in pixels and seconds
FROM, HEIGHT, STEPS, STEP, REST = 340, 180, 20, 14, 2
ADD = """
(async () => {
    const { Keep } = odoo.loader.modules.get("@kpi_tracking_phone/stored/keep");
    const { Outbox } = odoo.loader.modules.get("@kpi_tracking_phone/stored/outbox");
    const keep = await Keep.openLast();
    const seen = { state: "empty", value: null };
    for (const report_id of %s) {
        const data = { report_id, period: %s, value: 7 };
        await new Outbox(keep).add({ kind: "entry", seen, data });
    }
    keep.close();
})()
"""
COUNT = """
(async () => {
    const { Keep } = odoo.loader.modules.get("@kpi_tracking_phone/stored/keep");
    const { Outbox } = odoo.loader.modules.get("@kpi_tracking_phone/stored/outbox");
    const keep = await Keep.openLast();
    const items = await new Outbox(keep).list();
    keep.close();
    return items.length;
})()
"""
OPEN_ALL = """
(() => {
    const [{ env: { phone } }] = owl.App.apps;
    return phone.open(...phone.cards.map(({ report_id }) => `history:${report_id}`));
})()
"""
NOTE_REST = """
addEventListener("scrollend", () => (window.restedAt = performance.now()), true)
"""
ACTION_SWIPER = """
(async () => {
    %(define)s
    const get = (name) => odoo.loader.modules.get(name);
    const { getTemplate, registerTemplate } = get("@web/core/templates");
    registerTemplate("web.ActionSwiper", "/action_swiper.xml", %(template)s);
    const { ActionSwiper } = get("@web/core/action_swiper/action_swiper");
    const { KpiPanel } = get("@kpi_tracking_phone/app/kpi/kpi_panel");
    const { App, Component, useState, xml } = owl;
    const [{ env }] = App.apps;
    class Root extends Component {
        static components = { ActionSwiper, KpiPanel };
        static props = {};
        static template = xml`
            <main><ActionSwiper onLeftSwipe="way(1)" onRightSwipe="way(-1)">
                <div><KpiPanel card="card" t-key="state.at" /></div>
            </ActionSwiper></main>`;
        setup() {
            this.cards = this.env.phone.cards;
            this.state = useState({ at: 0 });
        }
        get card() {
            return this.cards[this.state.at];
        }
        way(by) {
            const action = () => (this.state.at += by);
            return { action, bgColor: "bg-success", icon: "fa-check" };
        }
    }
    for (const app of [...App.apps]) {
        app.destroy();
    }
    await new App(Root, { env, getTemplate, translateFn: String }).mount(document.body);
})()
"""


@case("engine")
def phone(bench: Bench) -> Iterator[Figure]:
    """Kilobytes, compressed, both ways, where 5 of 200 cards have changed; statements
    of the largest phone, where 20 and 400 KPIs are tracked."""
    phones, made, counted = as_admin(bench.env["kpi.phone"]), 0, []
    for count in KPIS:
        kpis = track(bench.env, count - made, "Phone", first=made, target=TARGET)
        fill_months(bench.env, kpis.definition_id, MONTHS)
        kpis._refresh_current()
        made = count
        counted.append(count_statements(phones.env, lambda: phones.sync({})))
    known = {key: row["digest"] for key, row in phones.sync({})["rows"].items()}
    shown = [key for key in known if key.startswith("card:")][:CHANGED]
    wrong = dict.fromkeys(shown, "0" * 8)
    answer = phones.sync(known | wrong)
    sent = [json.dumps(each).encode() for each in (known, answer)]
    size = sum(len(gzip.compress(each)) for each in sent) / 1000
    yield Figure("sync_changed_kb", size, "kB", 4.0, "<= 1")
    yield Figure("sync_statements", counted[1], "queries", counted[0], "<= 1.1")


@case("engine")
def phone_shell(bench: Bench) -> Iterator[Figure]:
    """The app's files, compressed; milliseconds until its first card is painted in a
    browser that has just started, without a server, beside the web client's first
    action with one; both at a quarter of the machine's speed."""
    kpis = track(bench.env, KPIS[0], "Shell", target=TARGET)
    fill_months(bench.env, kpis.definition_id, MONTHS)
    kpis._refresh_current()
    bench.env.ref("base.user_admin").tour_enabled = False
    bench.env.cr.commit()
    turns, profile = max(bench.repeat, 3), Path(tempfile.mkdtemp(prefix="kpi-phone-"))
    with server(bench.database, "--workers=0") as url:
        links = re.findall(r'"(/web/assets/[^"]+)"', ask(url, "GET", APP).decode())
        sizes = [len(gzip.compress(ask(url, "GET", link))) for link in links]
        yield Figure("app_bundle_kb", sum(sizes) / 1000, "kB", 110.0, "<= 1")
        with _signed_in(profile, url, f"{url}{APP}"):
            pass
        online = [_time_paint(profile, f"{url}/odoo", ACTION) for _turn in range(turns)]
    offline = [_time_paint(profile, f"{url}{APP}", ROW) for _turn in range(turns)]
    shutil.rmtree(profile, ignore_errors=True)
    own, reference = statistics.median(offline), statistics.median(online)
    yield Figure("warm_offline_paint_vs_online", own, "ms", reference, "<= 0.3")


@case("engine")
def phone_outbox(bench: Bench) -> Iterator[Figure]:
    """Entries of a phone that were lost, or done twice, of 200: page and worker send at
    once, and each request is cut at every stage before one goes through."""
    kpis = track(bench.env, ENTRIES, "Outbox")
    kpis.owner_id = bench.env.ref("base.user_admin")
    period = str(bench.env.cr.now().date().replace(day=1))
    bench.env.cr.commit()
    profile = Path(tempfile.mkdtemp(prefix="kpi-phone-"))
    with server(bench.database, "--workers=0") as url:
        stages = cycle((*STAGES, "through"))
        proxy = CutProxy(urlsplit(url).port, b"/kpi.phone/flush", stages)
        with _signed_in(profile, url, f"{proxy.url}{APP}") as browser:
            origin = {"origin": proxy.url}
            browser.call(
                "Browser.grantPermissions", permissions=["backgroundSync"], **origin
            )
            event = {"registrationId": browser.find_worker(APP), "tag": "kpi_phone"}
            event |= {**origin, "lastChance": False}
            waiting, turn = list(kpis.ids), 0
            while turn < MOST_TURNS and (waiting or browser.evaluate(COUNT)):
                batch, waiting, turn = waiting[:20], waiting[20:], turn + 1
                browser.evaluate(ADD % (json.dumps(batch), json.dumps(period)))
                browser.call("ServiceWorker.dispatchSyncEvent", **event)
                browser.evaluate("window.dispatchEvent(new Event('online'))")
                time.sleep(SECONDS_BETWEEN)
            left = browser.evaluate(COUNT)
        proxy.end()
    shutil.rmtree(profile, ignore_errors=True)
    bench.env.cr.execute(
        "SELECT report_id, count(*) FROM kpi_submission"
        " WHERE report_id = ANY(%s) GROUP BY report_id",
        [kpis.ids],
    )
    counts = dict(bench.env.cr.fetchall())
    lost = ENTRIES - len(counts) - left
    twice = sum(count > 1 for count in counts.values())
    if left:
        raise DifferentResults(f"{left} of {ENTRIES} entries still wait")
    yield Figure("outbox_lost", lost, "entries", ENTRIES, "<= 0")
    yield Figure("outbox_doubled", twice, "entries", ENTRIES, "<= 0")


@case("engine")
def phone_swipe(bench: Bench) -> Iterator[Figure]:
    """Milliseconds of script while a finger swipes from one KPI to the next, beside
    Odoo's component for it around the same panels; at a quarter of the machine's
    speed. Theirs draws the next one then; here it is there, and the one after it is
    drawn once all is at rest: that is the second figure."""
    kpis = track(bench.env, KPIS[0], "Swipe", target=TARGET)
    fill_months(bench.env, kpis.definition_id, MONTHS)
    kpis._refresh_current()
    bench.env.cr.commit()
    profile, turns = Path(tempfile.mkdtemp(prefix="kpi-phone-")), max(bench.repeat, 3)
    with server(bench.database, "--workers=0") as url:
        with _signed_in(profile, url, f"{url}{APP}") as browser:
            browser.call("Performance.enable")
            browser.evaluate(OPEN_ALL)
            browser.evaluate(f"document.querySelector('{ROW}').click()")
            browser.wait_for(PANEL)
            browser.evaluate(NOTE_REST)
            own = [_time_swipe(browser) for _turn in range(turns)]
            if not browser.evaluate("window.restedAt"):
                raise DifferentResults("nothing was swiped: has the app its styles?")
            browser.evaluate(_mount_action_swiper())
            browser.wait_for(PANEL)
            reference = [_time_swipe(browser) for _turn in range(turns)]
    shutil.rmtree(profile, ignore_errors=True)
    (swipe, drawn), (_, theirs) = (
        map(statistics.median, zip(*runs, strict=True)) for runs in (own, reference)
    )
    yield Figure("swipe_script_vs_action_swiper", swipe, "ms", theirs, "<= 0.1")
    yield Figure("swipe_and_next_vs_action_swiper", drawn, "ms", theirs, "")


@contextmanager
def _signed_in(profile: Path, url: str, page: str) -> Iterator[Browser]:
    """The app of the administrator, with its worker."""
    with Browser(*PHONE, is_phone=True, profile=profile) as browser:
        cookie = {"value": session(url, "admin", "admin"), "path": "/"}
        cookie |= {"domain": urlsplit(page).hostname, "expires": time.time() + 9e4}
        browser.call("Network.setCookie", name="session_id", **cookie)
        browser.call("Page.navigate", url=page)
        browser.wait_for(ROW)
        browser.evaluate("navigator.serviceWorker.ready.then(() => true)")
        yield browser


def _mount_action_swiper() -> str:
    """Script that shows the panels of KPIs in Odoo's component instead."""
    folder = "web/static/src/core/action_swiper/action_swiper"
    module, template = (
        Path(file_path(f"{folder}.{kind}")).read_text() for kind in ("js", "xml")
    )
    define = transpile_javascript(f"/{folder}.js", module)
    (node,) = etree.fromstring(template.encode())
    written = etree.tostring(node, with_tail=False, encoding="unicode")
    return ACTION_SWIPER % {"define": define, "template": json.dumps(written)}


def _time_swipe(browser: Browser) -> tuple[float, float]:
    """Milliseconds of script from the touch until all is at rest, and in all."""
    browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
    browser.evaluate("window.restedAt = 0")
    start = _read_script(browser)[1]
    for at in range(STEPS + 1):
        kind = "touchMove" if at else "touchStart"
        points = [{"x": FROM - at * STEP, "y": HEIGHT}]
        browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
    browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    read, end = [], time.monotonic() + REST
    while time.monotonic() < end:
        read.append(_read_script(browser))
        time.sleep(0.01)
    rested = browser.evaluate("window.restedAt") or float("inf")  # theirs never is
    browser.call("Emulation.setCPUThrottlingRate", rate=1)
    before = [spent for moment, spent in read if moment < rested]
    return before[-1] - start, read[-1][1] - start


def _read_script(browser: Browser) -> tuple[float, float]:
    """Milliseconds since the page began, and those of script so far."""
    metrics = browser.call("Performance.getMetrics")["metrics"]
    read = {metric["name"]: 1000 * metric["value"] for metric in metrics}
    return read["Timestamp"] - read["NavigationStart"], read["ScriptDuration"]


def _time_paint(profile: Path, url: str, css: str) -> float:
    """Milliseconds from the navigation to a frame with the first match."""
    with Browser(*PHONE, is_phone=True, profile=profile) as browser:
        script = PAINTED % json.dumps(css)
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=script)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        browser.call("Page.navigate", url=url)
        browser.wait_for(css)
        return browser.evaluate("window.paintedAt")
