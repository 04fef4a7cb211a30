"""The phone app: what it sends and gets."""

import gzip
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from _harness import Bench, Figure, case, count_statements
from _kpis import MONTHS, TARGET, as_admin, fill_months, track
from _server import ask, server
from devtools import Browser
from screenshots import session

KPIS = (20, 400)
CHANGED = 5
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
        with Browser(*PHONE, is_phone=True, profile=profile) as browser:
            cookie = {"value": session(url, "admin", "admin"), "path": "/"}
            cookie |= {"domain": urlsplit(url).hostname, "expires": time.time() + 9e4}
            browser.call("Network.setCookie", name="session_id", **cookie)
            browser.call("Page.navigate", url=f"{url}{APP}")
            browser.wait_for(ROW)
            browser.evaluate("navigator.serviceWorker.ready.then(() => true)")
        online = [_time_paint(profile, f"{url}/odoo", ACTION) for _turn in range(turns)]
    offline = [_time_paint(profile, f"{url}{APP}", ROW) for _turn in range(turns)]
    shutil.rmtree(profile, ignore_errors=True)
    own, reference = statistics.median(offline), statistics.median(online)
    yield Figure("warm_offline_paint_vs_online", own, "ms", reference, "<= 0.3")


def _time_paint(profile: Path, url: str, css: str) -> float:
    """Milliseconds from the navigation to a frame with the first match."""
    with Browser(*PHONE, is_phone=True, profile=profile) as browser:
        script = PAINTED % json.dumps(css)
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=script)
        browser.call("Emulation.setCPUThrottlingRate", rate=SLOWDOWN)
        browser.call("Page.navigate", url=url)
        browser.wait_for(css)
        return browser.evaluate("window.paintedAt")
