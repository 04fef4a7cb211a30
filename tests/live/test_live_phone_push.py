"""Notifications of the phone app, shown and answered by its worker."""

import json
import time

from test_live_phone import (
    APP,
    click,
    grant,
    installed,
    phone,
    proxy,
    select,
    text,
    wait,
)

GONE = 99_999_999  # an alert that was deleted
DISPLAYED = 5  # seconds
SHOWN = f"""
navigator.serviceWorker.getRegistration("{APP}")
    .then((registration) => registration.getNotifications())
    .then((all) => all.map(({{ title, actions }}) => [title, actions.length]))
"""
CLICK = """
self.registration.getNotifications({ tag: "alert" }).then(([notification]) => {
    const options = { notification, action: "%s" };
    self.dispatchEvent(new NotificationEvent("notificationclick", options));
})
"""
MESSAGE = {
    "title": "Parcels",
    "navigate": f"{APP}/alerts#{GONE}",
    "tag": "alert",
    "data": {
        "event_id": GONE,
        "words": {"acknowledge": "Acknowledge", "snooze": "Snooze 1 h"},
    },
}
# The push service of a browser, which a test has none of.
SUBSCRIBE = """
(() => {
    const endpoint = "https://push.example.com/%s";
    const toJSON = () => ({ endpoint, keys: { auth: "y", p256dh: "x" } });
    const made = { endpoint, toJSON, unsubscribe: async () => true };
    let found = null;
    PushManager.prototype.subscribe = async () => (found = made);
    PushManager.prototype.getSubscription = async () => found;
})()
"""
CHANGE = "self.dispatchEvent(new ExtendableEvent('pushsubscriptionchange'))"
__all__ = ["proxy"]  # a fixture


def shown(browser):
    """Actions by the title of what is displayed."""
    return dict(browser.evaluate(SHOWN))


def find_last_receipt(server):
    (last,) = select(server, "SELECT coalesce(max(id), 0) FROM kpi_phone_receipt")
    return last


def list_receipts(server, since):
    query = "SELECT answer ->> 'message' FROM kpi_phone_receipt WHERE id > "
    return select(server, f"{query}{since:d}")


def list_devices(server):
    query = "SELECT endpoint FROM mail_push_device WHERE is_kpi_app ORDER BY id"
    return [endpoint.rpartition("/")[2] for endpoint in select(server, query)]


def test_a_notification_is_answered_once_there_is_reception(server, proxy, tmp_path):
    with phone(proxy, tmp_path, server) as browser:
        grant(browser, proxy, "notifications", "backgroundSync")
        installed(browser)
        known = {"origin": proxy.url, "registrationId": browser.find_worker(APP)}
        message = json.dumps({"web_push": 8030, "notification": MESSAGE})

        def arrived():
            for data in (message, "<html>no message</html>"):
                browser.call("ServiceWorker.deliverPushMessage", data=data, **known)
            # Asked for before it is displayed, Chromium takes it for closed:
            # on a slow machine they are sent again.
            time.sleep(DISPLAYED)
            return shown(browser) == {"Parcels": 2, "KPIs": 0}

        wait(arrived)
        browser.run_in_worker(APP, CLICK % "")
        wait(lambda: "This alert is no longer open" in text(browser))
        wait(arrived)
        proxy.change("down")
        last = find_last_receipt(server)
        browser.run_in_worker(APP, CLICK % "acknowledge")
        wait(lambda: shown(browser) == {"KPIs": 0})
        assert list_receipts(server, last) == []
        proxy.change("through")
        browser.call("Page.reload")
        wait(lambda: list_receipts(server, last))
        assert list_receipts(server, last) == ["This alert no longer exists."]


def test_a_browser_is_registered_and_again_once_its_subscription_changes(
    server, proxy, tmp_path
):
    with phone(proxy, tmp_path, server) as browser:
        grant(browser, proxy, "notifications")
        installed(browser)
        browser.evaluate(SUBSCRIBE % "first")
        click(browser, ".o_kpi_phone_bar button", "More")
        browser.wait_for("[role=switch]")
        click(browser, ".o_kpi_phone_switch", "Notifications on this phone")
        wait(lambda: list_devices(server) == ["first"])
        browser.run_in_worker(APP, SUBSCRIBE % "second")
        browser.run_in_worker(APP, CHANGE)
        wait(lambda: list_devices(server) == ["first", "second"])
        click(browser, ".o_kpi_phone_switch", "Notifications on this phone")
        wait(lambda: list_devices(server) == ["second"])
