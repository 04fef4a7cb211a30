"""A headless Chromium, driven through its DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import websocket

# the names that Odoo looks for
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


class BrowserError(Exception):
    """A sentence for the person at the terminal."""


class Browser:
    """One tab; a context manager that ends the browser."""

    def __init__(
        self,
        width: int,
        height: int,
        *,
        is_phone: bool = False,
        profile: Path | None = None,
    ) -> None:
        """:param profile: folder of what it knows, which stays when the browser ends"""
        self._is_kept = bool(profile)
        self._profile = str(profile or tempfile.mkdtemp(prefix="kpi-chromium-"))
        # a browser that was here before left its own
        Path(self._profile, "DevToolsActivePort").unlink(missing_ok=True)
        self._process = self._start()
        self._socket = websocket.create_connection(
            self._tab_address(), suppress_origin=True, timeout=60
        )
        self._sent = 0
        self._last_request = time.monotonic()
        self._open_requests: dict[str, float] = {}  # since when
        self._registrations: dict[str, str] = {}  # of workers, by their scope
        self.errors: list[str] = []
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=is_phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=is_phone)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._is_kept:
            self.call("Browser.close")  # writes its cookies
            self._process.wait()
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        if not self._is_kept:
            shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method: str, **parameters: Any) -> dict:
        """Sends a command and returns its result, reading events meanwhile."""
        self._sent += 1
        number = self._sent
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                break
            self._read_event(answer)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, or what it promises."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"].get("exception")))
        return answer["result"].get("value")

    def wait_for(self, css: str, seconds: float = 60) -> None:
        """Until ``css`` matches and the page has been quiet for half a second."""
        found = f"!!document.querySelector({json.dumps(css)})"
        self._wait(lambda: self.evaluate(found), seconds, f"nothing matches {css}")
        self._wait(self._is_quiet, seconds, "the page keeps loading")

    def find_worker(self, scope: str) -> str:
        """The number of a service worker's registration; ``scope`` ends its scope."""
        self.call("ServiceWorker.enable")

        def find() -> str:
            self.evaluate("1")  # reads the events that have come
            urls = self._registrations
            return next((urls[url] for url in urls if url.endswith(scope)), "")

        self._wait(lambda: bool(find()), 30, f"there is no worker of {scope}")
        return find()

    def run_in_worker(self, scope: str, expression: str) -> Any:
        """As ``evaluate``, in the service worker of ``scope``, which runs."""
        port = Path(self._profile, "DevToolsActivePort").read_text().split()[0]
        with urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            targets = json.load(answer)
        address = next(
            each["webSocketDebuggerUrl"]
            for each in targets
            if each["type"] == "service_worker" and scope in each["url"]
        )
        parameters = {
            "expression": expression,
            "awaitPromise": True,
            "returnByValue": True,
        }
        message = {"id": 1, "method": "Runtime.evaluate", "params": parameters}
        worker = websocket.create_connection(address, suppress_origin=True, timeout=30)
        worker.send(json.dumps(message))
        while (answer := json.loads(worker.recv())).get("id") != 1:
            pass
        worker.close()
        return answer["result"]["result"].get("value")

    def picture(self, file: Path) -> None:
        """Saves what is seen as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        answer = self.call("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(answer["data"]))

    def _start(self) -> subprocess.Popen:
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if not program:
            raise BrowserError(
                "there is no Chromium: install it (apt-get install chromium)."
            )
        options = ["--headless=new", "--remote-debugging-port=0", "--hide-scrollbars"]
        options += [
            "--no-first-run",
            "--disable-gpu",
            f"--user-data-dir={self._profile}",
        ]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        return subprocess.Popen(
            [program, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _tab_address(self) -> str:
        file = Path(self._profile, "DevToolsActivePort")
        deadline = time.monotonic() + 30
        while not file.exists() or len(file.read_text().splitlines()) < 2:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise BrowserError("Chromium did not start.")
            time.sleep(0.1)
        port, browser_path = file.read_text().splitlines()
        address = f"ws://127.0.0.1:{port}{browser_path}"
        browser = websocket.create_connection(address, suppress_origin=True)
        browser.send(json.dumps({"id": 1, "method": "Target.getTargets", "params": {}}))
        targets = json.loads(browser.recv())["result"]["targetInfos"]
        browser.close()
        tab = next(t["targetId"] for t in targets if t["type"] == "page")
        return f"ws://127.0.0.1:{port}/devtools/page/{tab}"

    def _read_event(self, event: dict) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        request = parameters.get("requestId")
        if method == "Network.requestWillBeSent":
            self._open_requests[request] = self._last_request = time.monotonic()
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self._open_requests.pop(request, None)
            self._last_request = time.monotonic()
        elif method == "ServiceWorker.workerRegistrationUpdated":
            for each in parameters["registrations"]:
                self._registrations[each["scopeURL"]] = each["registrationId"]
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
            self.errors.append(text)
        elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            values = [
                a.get("value") or a.get("description") for a in parameters["args"]
            ]
            self.errors.append(" ".join(map(str, values)))

    def _is_quiet(self) -> bool:
        self.evaluate("document.readyState")  # reads the events that have come
        now = time.monotonic()
        # What stays open longer is waited for by the page itself, such as news.
        is_loading = any(now - start < 3 for start in self._open_requests.values())
        return not is_loading and now - self._last_request > 0.7

    def _wait(self, is_true: Callable[[], bool], seconds: float, problem: str) -> None:
        deadline = time.monotonic() + seconds
        while not is_true():
            if time.monotonic() > deadline:
                raise BrowserError(f"{problem} after {seconds:g} seconds.")
            time.sleep(0.1)
