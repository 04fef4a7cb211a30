"""The phone app in a real browser: its worker, no reception, and two users.

The browser speaks to the server through a proxy, which cuts connections as a phone's
network does.
"""

import json
import time
from contextlib import contextmanager

import pytest

APP = "/scoped_app/kpi"
ROW = ".o_kpi_phone_row"
READY = "navigator.serviceWorker.controller !== null"
CACHED = "caches.keys().then((names) => names.length)"
# Does something with a store of each database of what is kept.
EACH = """
(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    const answers = [];
    for (const name of names.filter((each) => each.startsWith("kpi_phone/"))) {
        const opened = await new Promise((done) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => done(asked.result);
        });
        answers.push(await new Promise((done, fail) => {
            const transaction = opened.transaction("%(store)s", "readwrite");
            const asked = transaction.objectStore("%(store)s").%(act)s();
            asked.onsuccess = () => done(asked.result);
            asked.onerror = fail;
        }));
        opened.close();
    }
    return answers;
})()
"""
# A quota of the browser itself is asked for every 30 seconds only.
FULL = """
window.put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = () => {
    throw new DOMException("no room", "QuotaExceededError");
};
"""
DELETE_KEYS = EACH % {"store": "keys", "act": "clear"}


@pytest.fixture
def proxy(server):
    from cut_proxy import CutProxy

    found = CutProxy(server.port)
    yield found
    found.end()


@contextmanager
def phone(proxy, profile, server, login="reader"):
    """The app as somebody has it open; None = whoever was signed in."""
    from devtools import Browser

    with Browser(390, 844, is_phone=True, profile=profile) as browser:
        if login:
            sign_in(browser, server, login)
        browser.call("Page.navigate", url=f"{proxy.url}{APP}")
        yield browser


def sign_in(browser, server, login):
    """As a person does, on the page of the server itself: the next page names them."""
    from screenshots import session

    value = session(server.url, login, server.password)
    later = time.time() + 86400
    for name in ("session_id", "kpi_phone_user"):
        browser.call("Network.deleteCookies", name=name, domain="localhost")
    browser.call(
        "Network.setCookie",
        name="session_id",
        domain="localhost",
        path="/",
        value=value,
        expires=later,
    )
    browser.call("Page.navigate", url=f"{server.url}/web/login")
    wait(lambda: browser.evaluate("document.cookie.includes('kpi_phone_user')"))


def wait(is_true, seconds=120):
    """Until it is; while the page is loaded again, nothing is."""
    from devtools import BrowserError

    deadline = time.monotonic() + seconds
    while True:
        try:
            if is_true():
                return
        except BrowserError as error:
            if "navigated or closed" not in str(error):
                raise
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def installed(browser):
    """With what it needs without reception."""
    browser.wait_for(ROW)
    wait(lambda: browser.evaluate(READY) and browser.evaluate(CACHED))
    wait(lambda: count(browser, "rows"))


def count(browser, store):
    return sum(browser.evaluate(EACH % {"store": store, "act": "count"}))


def text(browser):
    return browser.evaluate("document.body?.innerText || ''")


def headings(browser):
    found = "[...document.querySelectorAll('main h2')].map((each) => each.innerText)"
    return " ".join(browser.evaluate(found))


def go(browser, proxy, path=""):
    browser.call("Page.navigate", url=f"{proxy.url}{APP}{path}")


def click(browser, css, word):
    """On the first thing that has a word."""
    browser.evaluate(
        f"[...document.querySelectorAll({json.dumps(css)})]"
        f".find((each) => each.textContent.includes({json.dumps(word)})).click()"
    )


def grant(browser, proxy, *permissions):
    options = {"permissions": permissions, "origin": proxy.url}
    browser.call("Browser.grantPermissions", **options)


def enter(browser, name, value):
    """This month's value of a KPI, by the pad."""
    click(browser, ".o_kpi_phone_bar button", "Enter")
    row = f"main > {ROW}"  # those of Today can be pulled aside
    browser.wait_for(row)
    click(browser, row, name)
    browser.wait_for(".o_kpi_phone_pad")
    for digit in str(value):
        click(browser, ".o_kpi_phone_pad button", digit)
    click(browser, ".o_kpi_phone_entry button", "Done")


def select(server, query):
    """The first column of what the database answers."""
    import psycopg2

    with psycopg2.connect(dbname=server.database) as connection:
        cr = connection.cursor()
        cr.execute(query)
        return [row[0] for row in cr.fetchall()]


def stored(server, values):
    """How often each of these values was handed in, by the database."""
    found = select(server, "SELECT value FROM kpi_submission")
    return [found.count(value) for value in values]


def test_it_opens_and_shows_its_kpis_after_a_restart_without_reception(
    server, proxy, tmp_path
):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        assert "Parcels" in text(browser)
        assert not browser.call("Page.getInstallabilityErrors")["installabilityErrors"]
    proxy.change("down")
    with phone(proxy, tmp_path, server, login=None) as browser:
        browser.wait_for(ROW)
        wait(lambda: "offline, as of" in text(browser))
        assert "Parcels" in text(browser)
        go(browser, proxy, "/kpis")
        browser.wait_for(ROW)
        assert "Parcels" in text(browser)


def test_what_is_entered_without_reception_arrives_once(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("down")
        enter(browser, "Crates 0", 4721)
        wait(lambda: count(browser, "outbox") == 1)
    # The server does it, its answer is lost; then once more.
    proxy.change("down")
    with phone(proxy, tmp_path, server, login=None) as browser:
        browser.wait_for(ROW)
        wait(lambda: "1 not sent" in text(browser))
        proxy.change("deaf")
        browser.evaluate("window.dispatchEvent(new Event('online'))")
        wait(lambda: stored(server, [4721]) == [1])
        assert count(browser, "outbox") == 1
        proxy.change("through")
        browser.evaluate("window.dispatchEvent(new Event('online'))")
        wait(lambda: count(browser, "outbox") == 0)
        assert stored(server, [4721]) == [1]


def test_the_page_of_a_hotel_changes_nothing(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("portal")
        enter(browser, "Crates 1", 4722)
        wait(lambda: count(browser, "outbox") == 1)
        browser.evaluate("window.dispatchEvent(new Event('online'))")
        wait(lambda: "offline" in text(browser))
        assert count(browser, "rows") and count(browser, "outbox") == 1
        go(browser, proxy)
        browser.wait_for(ROW)
        assert "Parcels" in text(browser) and "hotel" not in text(browser)


def test_two_tabs_and_the_worker_send_once(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("down")
        enter(browser, "Crates 2", 4723)
        wait(lambda: count(browser, "outbox") == 1)
        proxy.change("through")
        other = browser.evaluate(
            "(async () => { const frame = document.createElement('iframe');"
            f" frame.src = '{APP}'; document.body.append(frame); }})()"
        )
        assert other is None
        browser.evaluate(
            "navigator.serviceWorker.ready.then(() =>"
            " window.dispatchEvent(new Event('online')))"
        )
        wait(lambda: count(browser, "outbox") == 0)
        assert stored(server, [4723]) == [1]


def test_the_worker_sends_without_a_page(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        grant(browser, proxy, "backgroundSync")
        installed(browser)
        known = {"origin": proxy.url, "registrationId": browser.find_worker(APP)}
        proxy.change("down")
        enter(browser, "Crates 5", 4736)
        wait(lambda: count(browser, "outbox") == 1)
        browser.call("Page.navigate", url="about:blank")
        proxy.change("through")
        known |= {"tag": "kpi_phone", "lastChance": False}
        browser.call("ServiceWorker.dispatchSyncEvent", **known)
        wait(lambda: stored(server, [4736]) == [1])


def test_what_a_full_phone_cannot_store_is_said(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        browser.evaluate(FULL)
        enter(browser, "Crates 6", 4737)
        wait(lambda: "Free up space" in text(browser))
        typed = "document.querySelector('.o_kpi_phone_typed input').value"
        assert browser.evaluate(typed) == "4737"
        browser.evaluate("IDBObjectStore.prototype.put = window.put")
        click(browser, ".o_kpi_phone_entry button", "Done")
        wait(lambda: stored(server, [4737]) == [1])


def test_what_a_browser_has_deleted_comes_back(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        everything = {"origin": proxy.url, "storageTypes": "indexeddb"}
        browser.call("Storage.clearDataForOrigin", **everything)
        wait(lambda: not count(browser, "rows"))
        browser.evaluate("window.dispatchEvent(new Event('online'))")
        wait(lambda: count(browser, "rows"))
        browser.wait_for(ROW)
        # The key alone: what waits can be read by nobody, and is not sent.
        proxy.change("down")
        enter(browser, "Crates 3", 4738)
        wait(lambda: count(browser, "outbox") == 1)
        wait(lambda: "offline" in text(browser))
        browser.evaluate(DELETE_KEYS)
        proxy.change("through")
        go(browser, proxy, "/waiting")
        wait(lambda: "Unreadable" in text(browser))
        go(browser, proxy)
        browser.wait_for(ROW)
        assert "Parcels" in text(browser)
        assert count(browser, "outbox") == 1 and stored(server, [4738]) == [0]


def test_another_user_sees_nothing_of_the_one_before(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("down")
        enter(browser, "Crates 3", 4734)
        wait(lambda: count(browser, "outbox") == 1)
        # Without reception until the other is signed in: the app sends at once what
        # waits, for who was signed in last.
        sign_in(browser, server, "stranger")
        go(browser, proxy)
        browser.wait_for(".o_kpi_phone_app")
        assert "Parcels" not in text(browser)
        assert count(browser, "rows") == 0
        proxy.change("through")
        browser.evaluate("window.dispatchEvent(new Event('online'))")
        wait(lambda: count(browser, "rows"))
        assert count(browser, "outbox") == 1 and stored(server, [4734]) == [0]
        sign_in(browser, server, "reader")
        go(browser, proxy)
        wait(lambda: stored(server, [4734]) == [1])
        wait(lambda: count(browser, "outbox") == 0)


def test_a_newer_shell_is_offered_and_what_waits_stays(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("down")
        enter(browser, "Crates 4", 4735)
        wait(lambda: count(browser, "outbox") == 1)
        views = "ir.ui.view"
        asked = [["key", "=", "kpi_tracking_phone.app_page"]], ["arch_db"]
        (found,) = server.call(views, "search_read", *asked)
        arch = found["arch_db"].replace("<noscript>", "<noscript>Newer. ")
        server.call(views, "write", [found["id"]], {"arch_db": arch})
        # The old shell still speaks to the newer server.
        proxy.change("through")
        go(browser, proxy)
        wait(lambda: "New version" in text(browser))
        click(browser, "button", "Reload")
        newer = "document.body?.innerHTML.includes('Newer')"
        wait(lambda: browser.evaluate(newer))
        wait(lambda: stored(server, [4735]) == [1])


def test_a_deal_is_moved_to_another_stage(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        click(browser, ".o_kpi_phone_bar button", "More")
        browser.wait_for(".o_kpi_phone_more")
        click(browser, ".o_kpi_phone_more", "My pipeline")
        browser.wait_for(".o_kpi_phone_item select")
        assert "Lead Captured" in text(browser)
        browser.evaluate(
            "(() => { const select = document.querySelector('main select');"
            " select.value = 'proposal';"
            " select.dispatchEvent(new Event('change')); })()"
        )
        wait(lambda: "Proposal" in headings(browser))
        query = "SELECT pipeline_stage FROM agent_deals WHERE title = 'Harbour crane'"
        assert select(server, query) == ["proposal"]


def test_the_return_on_commission_is_shown_by_agent(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        click(browser, ".o_kpi_phone_bar button", "More")
        browser.wait_for(".o_kpi_phone_more")
        click(browser, ".o_kpi_phone_more", "Return on Commission")
        browser.wait_for(".o_kpi_phone_item")
        wait(lambda: "value won per commission" in text(browser))
        assert "$1k" in text(browser)  # a thousand, and no commission yet
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not browser.evaluate(wide)


def test_signing_out_leaves_nothing(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        go(browser, proxy, "/more")
        browser.wait_for(".o_kpi_phone_more")
        click(browser, "button", "Sign Out")
        wait(lambda: "Sign in" in text(browser))
        assert count(browser, "rows") == 0
