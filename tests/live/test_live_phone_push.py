"""Notifications of the phone app, shown and answered by its worker."""

import json
import time
from pathlib import Path
from urllib.request import urlopen

import websocket
from test_live_phone import APP, installed, phone, proxy, wait

GONE = 99_999_999  # an alert that was deleted
DISPLAYED = 5  # seconds
SHOWN = f"""
navigator.serviceWorker.getRegistration("{APP}")
    .then((registration) => registration.getNotifications())
    .then((all) => all.map(({{ title, actions }}) => [title, actions.length]))
"""
CLICK = """
self.registration.getNotifications({ tag: "alert" }).then(([notification]) => {
    const options = { notification, action: "acknowledge" };
    self.dispatchEvent(new NotificationEvent("notificationclick", options));
})
"""
MESSAGE = {
    "title": "Parcels",
    "navigate": f"{APP}/alerts#{GONE}",
    "tag": "alert",
    "data": {
        "event_id": GONE,
        "words": {"acknowledge": "Acknowledge", "snooze": "In 1 h"},
    },
}
__all__ = ["proxy"]  # a fixture


def find_registration(browser):
    """The worker of the app, as DevTools name it."""
    found, read = [], browser._read_event

    def listen(event):
        if event.get("method") == "ServiceWorker.workerRegistrationUpdated":
            found.extend(event["params"]["registrations"])
        read(event)

    browser._read_event = listen
    browser.call("ServiceWorker.enable")
    wait(lambda: browser.evaluate("1") and any(APP in r["scopeURL"] for r in found))
    return next(r["registrationId"] for r in found if APP in r["scopeURL"])


def run_in_worker(browser, expression):
    port = Path(browser._profile, "DevToolsActivePort").read_text().split()[0]
    targets = json.load(urlopen(f"http://127.0.0.1:{port}/json/list"))
    (address,) = (
        each["webSocketDebuggerUrl"]
        for each in targets
        if each["type"] == "service_worker" and APP in each["url"]
    )
    worker = websocket.create_connection(address, suppress_origin=True, timeout=30)
    parameters = {"expression": expression, "awaitPromise": True}
    message = {"id": 1, "method": "Runtime.evaluate", "params": parameters}
    worker.send(json.dumps(message))
    while json.loads(worker.recv()).get("id") != 1:
        pass
    worker.close()


def shown(browser):
    """Actions by the title of what is displayed."""
    return dict(browser.evaluate(SHOWN))


def list_receipts(server):
    import psycopg2

    with psycopg2.connect(dbname=server.database) as connection:
        cr = connection.cursor()
        cr.execute("SELECT answer ->> 'message' FROM kpi_phone_receipt")
        return [row[0] for row in cr.fetchall()]


def test_a_notification_is_answered_once_there_is_reception(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        permissions = ["notifications", "backgroundSync"]
        options = {"permissions": permissions, "origin": proxy.url}
        browser.call("Browser.grantPermissions", **options)
        installed(browser)
        known = {"origin": proxy.url, "registrationId": find_registration(browser)}
        text = json.dumps({"web_push": 8030, "notification": MESSAGE})

        def arrived():
            for data in (text, "<html>no message</html>"):
                browser.call("ServiceWorker.deliverPushMessage", data=data, **known)
            # Asked for before it is displayed, Chromium takes it for closed:
            # on a slow machine they are sent again.
            time.sleep(DISPLAYED)
            return shown(browser) == {"Parcels": 2, "KPIs": 0}

        wait(arrived, 90)
        proxy.change("down")
        run_in_worker(browser, CLICK)
        wait(lambda: shown(browser) == {"KPIs": 0})
        assert list_receipts(server) == []
        proxy.change("through")
        browser.call("Page.reload")
        wait(lambda: list_receipts(server), 60)
        assert list_receipts(server) == ["This alert is gone."]
