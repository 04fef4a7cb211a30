"""Pages of tests have nothing in common but the Chromium that they are opened in."""

import os
import signal
import time
from unittest import skipUnless
from unittest.mock import patch

from werkzeug.http import parse_cookie

from odoo import http
from odoo.tests import HttpCase, common, tagged

PAGE = "/web/health"
IN_THE_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
LEAVE = """(async () => {
    document.cookie = "left=1; path=/; max-age=3600";
    localStorage.setItem("left", 1);
    await new Promise((resolve, reject) => {
        const opening = indexedDB.open("left");
        opening.onsuccess = resolve;
        opening.onerror = reject;
    });
    await (await caches.open("left")).add("/web/health");
    const options = { scope: "/odoo" };
    await navigator.serviceWorker.register("/web/service-worker.js", options);
    console.log("test successful");
})()"""
FIND = f"""(async () => {{
    const workers = await navigator.serviceWorker.getRegistrations();
    const left = {{
        cookie: document.cookie.includes("left"),
        localValues: localStorage.length,
        databases: (await indexedDB.databases()).length,
        caches: (await caches.keys()).length,
        serviceWorkers: workers.length,
        isDark: {IN_THE_DARK},
        isOffline: !navigator.onLine,
        touches: navigator.maxTouchPoints,
        width: innerWidth === 1366 ? 0 : innerWidth,
    }};
    if (Object.values(left).some(Boolean)) throw new Error(JSON.stringify(left));
    await fetch("/web/health");
    console.log("test successful");
}})()"""
ASK_ON = """
    setInterval(() => fetch("/web/health?left").catch(() => {}), 20);
    setTimeout(() => console.log("test successful"), 300);
"""
STAY = "setTimeout(() => console.log('test successful'), 300)"
# leaves the request time to reach the server
ASK_AND_LEAVE = """
    fetch("/web/health?slow");
    setTimeout(() => console.log("test successful"), 300);
"""


class SlowBrowser(common.ChromeBrowser):
    """Closes its page after the next one was open, too."""

    def stop(self):
        return None if self.test_case.http_request_key else super().stop()


class TimedBrowser(common.ChromeBrowser):
    """Notes when a page has been closed."""

    moments = []

    def stop(self):
        result = super().stop()
        self.moments.append("closed")
        return result


class EmulatingBrowser(common.ChromeBrowser):
    """Leaves a page as it was never found: dark, small, with touch, and offline."""

    def stop(self):
        dark = {"name": "prefers-color-scheme", "value": "dark"}
        size = {"width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": True}
        offline = {
            "offline": True,
            "latency": 100,
            "downloadThroughput": 1000,
            "uploadThroughput": 1000,
        }
        if self._context:
            ask = self._websocket_request
            ask("Emulation.setEmulatedMedia", params={"features": [dark]})
            ask("Emulation.setDeviceMetricsOverride", params=size)
            ask("Emulation.setTouchEmulationEnabled", params={"enabled": True})
            ask("Emulation.setCPUThrottlingRate", params={"rate": 4})
            ask("Network.emulateNetworkConditions", params=offline)
            is_dark = ask("Runtime.evaluate", params={"expression": IN_THE_DARK})
            assert is_dark["result"]["value"]
        return super().stop()


@tagged("post_install", "-at_install")
@skipUnless(
    hasattr(common.ChromeBrowser, "programs"),
    "Odoo's own runner starts a Chromium for each page",
)
class TestKeptBrowser(HttpCase):
    process = None  # of Chromium, where a page has left something

    def _open(self, code):
        self.browser_js(PAGE, code)
        return self._find_process()

    def _find_process(self):
        (process,) = [
            program.process
            for options, program in common.ChromeBrowser.programs.items()
            if ("touch_enabled", False) in options
        ]
        return process

    def _leave(self):
        with patch.object(common, "ChromeBrowser", EmulatingBrowser):
            self.browser_js(PAGE, LEAVE)
        type(self).process = self._find_process()

    def test_a_page_leaves_what_it_has_stored(self):
        self._leave()

    def test_b_the_next_finds_nothing_of_it(self):
        if not self.process:  # the test before was not chosen
            self._leave()
        self.assertEqual(self._open(FIND), self.process)
        self.assertIsNone(self.process.poll())

    def test_a_page_that_is_slow_to_close_has_never_the_key_of_the_next(self):
        """Without the key, no request gets the connection of the test."""
        keys = []
        answer = http.Application.__call__

        def read_key(application, environ, start_response):
            if environ["QUERY_STRING"] == "left":
                cookies = parse_cookie(environ)
                keys.append(cookies.get(common.TEST_CURSOR_COOKIE_NAME))
            return answer(application, environ, start_response)

        with patch.object(http.Application, "__call__", read_key):
            with patch.object(common, "ChromeBrowser", SlowBrowser):
                self._open(ASK_ON)
            asked = len(keys)
            self._open(STAY)
        self.assertGreater(len(keys), asked)
        self.assertEqual(len(set(keys)), 1)

    def test_a_page_is_closed_once_its_requests_are_answered(self):
        moments = []
        answer = http.Application.__call__

        def delay(application, environ, start_response):
            is_slow = environ["QUERY_STRING"] == "slow"
            if is_slow:
                moments.append("begins")
                time.sleep(1)
            body = answer(application, environ, start_response)
            if is_slow:
                moments.append("ends")
            return body

        with (
            patch.object(http.Application, "__call__", delay),
            patch.object(TimedBrowser, "moments", moments),
            patch.object(common, "ChromeBrowser", TimedBrowser),
        ):
            self._open(ASK_AND_LEAVE)
        self.assertEqual(moments, ["begins", "ends", "closed"])

    def test_a_chromium_that_has_ended_is_replaced(self):
        ended = self._open(FIND)
        os.kill(ended.pid, signal.SIGKILL)
        ended.wait()
        self.assertNotEqual(self._open(FIND).pid, ended.pid)

    def test_a_chromium_that_does_not_answer_is_replaced(self):
        stopped = self._open(FIND)
        os.kill(stopped.pid, signal.SIGSTOP)
        with patch.dict(
            common.ChromeBrowser.stop.__globals__, MAX_SECONDS_TO_ANSWER=0.5
        ):
            self.assertNotEqual(self._open(FIND).pid, stopped.pid)
        self.assertIsNotNone(stopped.poll())
