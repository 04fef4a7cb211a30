"""The phone app in a real browser: its worker, no reception, and two users.

The browser speaks to the server through a proxy, which cuts connections as a phone's
network does.
"""

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

APP = "/scoped_app/kpi"
ROW = ".o_kpi_phone_row"
READY = "navigator.serviceWorker.controller !== null"
CACHED = "caches.keys().then((names) => names.length)"
ITEMS = """
(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    let count = 0;
    for (const name of names.filter((each) => each.startsWith("kpi_phone/"))) {
        const opened = await new Promise((done) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => done(asked.result);
        });
        count += await new Promise((done) => {
            const asked = opened.transaction("%s").objectStore("%s").count();
            asked.onsuccess = () => done(asked.result);
        });
        opened.close();
    }
    return count;
})()
"""
PORTAL = b"<html><body>Accept the terms of this hotel</body></html>"
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(PORTAL), PORTAL)
)


class Proxy:
    """Between browser and server; ``mode``: through, down, portal, or deaf (the request
    arrives, its answer does not)."""

    def __init__(self, port):
        from ports import free_port

        self.target, self.port, self.mode = port, free_port(), "through"
        self.url = f"http://localhost:{self.port}"
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def change(self, mode):
        """Connections that are open follow at once."""
        self.mode = mode
        for each in self.open:
            hang_up(each)
        self.open.clear()

    def _accept(self):
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        if self.mode == "down":
            client.close()
        elif self.mode == "portal":
            client.recv(65536)
            client.sendall(PORTAL)
            client.close()
        else:
            server = socket.create_connection(("127.0.0.1", self.target))
            self.open += [client, server]
            threading.Thread(
                target=self._pass, args=(client, server), daemon=True
            ).start()
            self._pass(server, client, is_answer=True)

    def _pass(self, source, target, is_answer=False):
        try:
            while data := source.recv(65536):
                if is_answer and self.mode == "deaf":
                    break
                target.sendall(data)
        except OSError:
            pass
        finally:
            hang_up(source)
            hang_up(target)


def hang_up(connection):
    """At once, also where somebody waits for what it says."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@pytest.fixture
def proxy(server):
    found = Proxy(server.port)
    yield found
    found.change("down")
    found.listener.close()


@contextmanager
def phone(proxy, profile, server, login="reader"):
    """The app as somebody has it open; None = whoever was signed in."""
    from conftest import PASSWORD
    from devtools import Browser
    from screenshots import session

    with Browser(390, 844, is_phone=True, profile=profile) as browser:
        if login:
            value = session(server.url, login, PASSWORD)
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
            # As signing in does: the next page names the user.
            browser.call("Page.navigate", url=f"{server.url}/web/login")
            wait(lambda: browser.evaluate("document.cookie.includes('kpi_phone_user')"))
        browser.call("Page.navigate", url=f"{proxy.url}{APP}")
        yield browser


def wait(is_true, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def installed(browser):
    """With what it needs without reception."""
    browser.wait_for(ROW)
    wait(lambda: browser.evaluate(READY) and browser.evaluate(CACHED))
    wait(lambda: count(browser, "rows"))


def count(browser, store):
    return browser.evaluate(ITEMS % (store, store))


def text(browser):
    return browser.evaluate("document.body?.innerText || ''")


def go(browser, proxy, path=""):
    browser.call("Page.navigate", url=f"{proxy.url}{APP}{path}")


def click(browser, css, word):
    """On the first thing that has a word."""
    browser.evaluate(
        f"[...document.querySelectorAll({json.dumps(css)})]"
        f".find((each) => each.textContent.includes({json.dumps(word)})).click()"
    )


def enter(browser, name, value):
    """This month's value of a KPI, by the pad."""
    click(browser, ".o_kpi_phone_bar button", "Enter")
    browser.wait_for(ROW)
    click(browser, ROW, name)
    browser.wait_for(".o_kpi_phone_pad")
    for digit in str(value):
        click(browser, ".o_kpi_phone_pad button", digit)
    click(browser, ".o_kpi_phone_entry button", "Done")


def stored(server, values):
    """How often each of these values was handed in, by the database."""
    import psycopg2

    with psycopg2.connect(dbname=server.database) as connection:
        cr = connection.cursor()
        cr.execute("SELECT value FROM kpi_submission")
        found = [row[0] for row in cr.fetchall()]
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


def test_another_user_sees_nothing_of_the_one_before(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("down")
        enter(browser, "Crates 3", 4734)
        wait(lambda: count(browser, "outbox") == 1)
    proxy.change("through")
    with phone(proxy, tmp_path, server, login="stranger") as browser:
        proxy.change("down")
        go(browser, proxy)
        browser.wait_for(".o_kpi_phone_app")
        assert "Parcels" not in text(browser)
        assert count(browser, "rows") == 0
        proxy.change("through")
        browser.evaluate("window.dispatchEvent(new Event('online'))")
        wait(lambda: count(browser, "rows"))
        assert count(browser, "outbox") == 1 and stored(server, [4734]) == [0]
    with phone(proxy, tmp_path, server) as browser:
        wait(lambda: stored(server, [4734]) == [1])
        wait(lambda: count(browser, "outbox") == 0)


def test_a_newer_shell_is_offered_and_what_waits_stays(server, proxy, tmp_path):
    from test_live_dashboard import call

    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        proxy.change("down")
        enter(browser, "Crates 4", 4735)
        wait(lambda: count(browser, "outbox") == 1)
        with server.browser("admin", "admin") as admin:
            found = call(
                admin,
                "ir.ui.view",
                "search_read",
                [["key", "=", "kpi_tracking_phone.app_page"]],
                ["arch_db"],
            )
            arch = found[0]["arch_db"].replace("<noscript>", "<noscript>Newer. ")
            call(admin, "ir.ui.view", "write", [found[0]["id"]], {"arch_db": arch})
        # The old shell still speaks to the newer server.
        proxy.change("through")
        go(browser, proxy)
        wait(lambda: "New version" in text(browser))
        click(browser, "button", "reload")
        newer = "document.body?.innerHTML.includes('Newer')"
        wait(lambda: browser.evaluate(newer))
        wait(lambda: stored(server, [4735]) == [1])


def test_signing_out_leaves_nothing(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        installed(browser)
        go(browser, proxy, "/more")
        browser.wait_for(".o_kpi_phone_more")
        click(browser, "button", "Sign out")
        wait(lambda: "Sign in" in text(browser))
        assert count(browser, "rows") == 0
