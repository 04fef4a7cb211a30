"""One Chromium for all pages that tests of a process open.

Odoo starts one for each, with a profile of its own. That takes seconds, as does reading
the scripts of the web client, which a Chromium keeps as it has compiled them. Here each
page gets a tab, without cookies and what those before it have stored.
"""

import atexit
import shutil
import signal
import time
from concurrent.futures import wait
from subprocess import Popen

import requests
import websocket

from odoo.tests import common

WORKERS = "service_workers"
STORED = f"{WORKERS},cache_storage,file_systems,indexeddb,local_storage"


class KeptBrowser(common.ChromeBrowser):
    """A tab; Chromium stays when it is closed."""

    _kept: dict[tuple, tuple[Popen, int]] = {}  # process and port, by the options

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self._websocket_request("Network.clearBrowserCookies")
        self._forget(STORED)

    def stop(self) -> None:
        """Close the tab, after which nothing of it asks the server any more."""
        self.screencaster.stop()
        wait(self._responses.values(), 10)
        self._result.cancel()
        # the page first, which may still ask, or be about to start a worker
        self._websocket_request("Page.navigate", params={"url": "about:blank"})
        self._forget(WORKERS)
        requests.get(f"{self._address}/close/{self._tab['id']}", timeout=60)
        self._receiver.join(10)
        if hasattr(self, "ws"):  # it goes when the page crashes
            self.ws.close()
        if self.sigxcpu_handler:
            signal.signal(signal.SIGXCPU, self.sigxcpu_handler)

    def _forget(self, stored: str) -> None:
        params = {"origin": self.test_case.base_url(), "storageTypes": stored}
        self._websocket_request("Storage.clearDataForOrigin", params=params)

    def _chrome_start(self, user_data_dir, **options):
        key = tuple(sorted(options.items()))
        if key in self._kept and self._kept[key][0].poll() is None:
            shutil.rmtree(user_data_dir)
        else:
            self._kept[key] = super()._chrome_start(user_data_dir, **options)
            atexit.register(_end, self._kept[key][0], user_data_dir)
        return self._kept[key]

    def _open_websocket(self):
        self._address = f"http://{common.HOST}:{self.devtools_port}/json"
        tab = requests.put(f"{self._address}/new?about:blank", timeout=60)
        self._tab = tab.json()
        address = self._tab["webSocketDebuggerUrl"]
        options = {"enable_multithread": True, "suppress_origin": True}
        socket = websocket.create_connection(address, **options)
        socket.settimeout(0.01)
        return socket

    def _websocket_request(self, method, *, params=None, timeout=10.0):
        # whether a page is ready would be asked without end, while it has to load
        if method == "Runtime.evaluate" and params["expression"].startswith("try { "):
            time.sleep(0.05)
        return super()._websocket_request(method, params=params, timeout=timeout)


def _end(process: Popen, profile: str) -> None:
    process.terminate()
    process.wait()
    shutil.rmtree(profile, ignore_errors=True)
