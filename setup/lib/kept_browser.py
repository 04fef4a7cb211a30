"""One Chromium for all pages that the tests of a process open.

Odoo starts a Chromium for each page. Here each page gets a browser context in one that
stays: cookies, storage, caches, workers, connections and emulation are the context's
own, and end with it.

Nothing is cleared by hand, as what is shared until it is cleared comes too late: the
requests of a test use the database connection of the test, and nothing but a cookie
tells whose they are. A worker of a page that has been closed connects again once its
socket is closed; were cookies shared, it would do so with those of the next test, while
that logs in on the same connection.
"""

import ctypes
import json
import shutil
import signal
import threading
import time
from concurrent.futures import wait
from socket import SHUT_WR, create_connection
from subprocess import Popen, TimeoutExpired
from types import SimpleNamespace
from urllib.request import urlopen

import psutil
import websocket

from odoo.tests import common

# of a program that is alive
MAX_SECONDS_TO_ANSWER = 5
# of what a page has asked the server before it was closed
MAX_SECONDS_OF_REQUESTS = 60
READY_PAUSE = 0.05
PR_SET_PDEATHSIG = 1


class ProgramError(Exception):
    """A Chromium that has ended, does not answer, or refuses a command."""


class Program:
    """A Chromium, and the connection that makes and closes contexts in it."""

    def __init__(self, process: Popen, port: int, profile: str) -> None:
        self.process = process
        self.port = port
        self._profile = profile
        self._sent = 0
        self._socket = None

    def connect(self) -> None:
        """Begin to send commands.

        :raises ProgramError: if it does not answer
        """
        try:
            with urlopen(f"{self._address('http')}/json/version", timeout=60) as answer:
                address = json.load(answer)["webSocketDebuggerUrl"]
            self._socket = _connect(address)
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise ProgramError(f"no connection: {error}") from error

    def call(self, method: str, *, seconds: float = 60, **params: object) -> dict:
        """The result of a command.

        :raises ProgramError: if there is none after so many seconds
        """
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        try:
            self._socket.settimeout(seconds)
            self._socket.send(json.dumps(message))
            answer = {}
            while answer.get("id") != self._sent:
                answer = json.loads(self._socket.recv())
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise ProgramError(f"{method}: {error}") from error

        if "error" in answer:
            raise ProgramError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def is_answering(self) -> bool:
        """Whether it can be used for one more page."""
        if self._socket is None or self.process.poll() is not None:
            return False

        try:
            self.call("Browser.getVersion", seconds=MAX_SECONDS_TO_ANSWER)
        except ProgramError:
            return False
        return True

    def open_page(self) -> tuple[str, websocket.WebSocket]:
        """A context of its own with an empty page, and the connection to the page."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        page = self.call(
            "Target.createTarget", url="about:blank", browserContextId=context
        )
        address = f"{self._address('ws')}/devtools/page/{page['targetId']}"
        return context, _connect(address)

    def close(self, context: str) -> None:
        """Close the pages of a context, and forget it; end if that is not possible."""
        try:
            self.call("Target.disposeBrowserContext", browserContextId=context)
        except ProgramError:
            self.end()

    def end(self) -> None:
        """End the process, however it is."""
        if self._socket:
            self._socket.close(timeout=0)
        self.process.terminate()
        try:
            self.process.wait(MAX_SECONDS_TO_ANSWER)
        except TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _address(self, scheme: str) -> str:
        return f"{scheme}://{common.HOST}:{self.port}"


class KeptBrowser(common.ChromeBrowser):
    """A page; Chromium stays when the page is closed."""

    # by the options that it was started with
    programs: dict[tuple, Program] = {}
    _context = None

    def stop(self) -> None:
        """Close the page, and wait for what the server still does for it.

        The server's sockets are closed with the context, so that websockets end too.
        """
        context = self._context
        if not context:
            return

        self._context = None
        self.screencaster.stop()
        wait(self._responses.values(), 10)
        self._result.cancel()
        self._program.close(context)
        self._receiver.join()
        # a page that has crashed has no connection any more
        if hasattr(self, "ws"):
            self.ws.close()
        if self.sigxcpu_handler:
            signal.signal(signal.SIGXCPU, self.sigxcpu_handler)
        _wait_for_server()

    def _chrome_start(self, user_data_dir, **options):
        key = tuple(sorted(options.items()))
        program = self.programs.get(key)
        if program and program.is_answering():
            shutil.rmtree(user_data_dir)
        else:
            if program:
                program.end()
            process, port = super()._chrome_start(user_data_dir, **options)
            program = self.programs[key] = Program(process, port, user_data_dir)
            program.connect()
        self._program = program
        return program.process, program.port

    def _open_websocket(self):
        self._context, socket = self._program.open_page()
        # also where no page was reached, after which nobody else stops it
        self.test_case.addCleanup(self.stop)
        socket.settimeout(0.01)
        return socket

    def _websocket_request(self, method, *, params=None, timeout=10.0):
        # Odoo asks without a pause whether a page is ready, which delays it
        if method == "Runtime.evaluate" and params["expression"].startswith("try { "):
            time.sleep(READY_PAUSE)
        return super()._websocket_request(method, params=params, timeout=timeout)


def keep_browser() -> None:
    """Let tests use a Chromium that stays, which Odoo would end with each class."""
    common.ChromeBrowser = KeptBrowser
    common.psutil = SimpleNamespace(
        Process=_ProcessOfTests, wait_procs=psutil.wait_procs
    )
    prepare = common._preexec

    def prepare_and_end_with_tests():
        prepare()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    common._preexec = prepare_and_end_with_tests


def end_programs() -> None:
    """End each Chromium, after the last test."""
    for program in KeptBrowser.programs.values():
        program.end()


class _ProcessOfTests(psutil.Process):
    """A process whose Chromium is nothing that a class of tests has left."""

    def children(self, recursive=False):
        kept = {each.process.pid for each in KeptBrowser.programs.values()}
        found = super().children(recursive)
        return [process for process in found if process.pid not in kept]


def _connect(address: str) -> websocket.WebSocket:
    return websocket.create_connection(
        address, timeout=60, enable_multithread=True, suppress_origin=True
    )


def _wait_for_server() -> None:
    """Wait for the requests and websockets of a page that has been closed.

    :raises ChromeBrowserException: if one goes on, which would share its connection
        with what the test does next
    """
    _wait_for_accepted()
    last_moment = time.monotonic() + MAX_SECONDS_OF_REQUESTS
    for thread in threading.enumerate():
        # set before the thread begins, unlike the name that Odoo looks for
        if getattr(thread, "type", None) in ("http", "websocket"):
            thread.join(max(last_moment - time.monotonic(), 0))
            if thread.is_alive():
                url = getattr(thread, "url", "an unknown address")
                raise common.ChromeBrowserException(f"{url} is still being served")


def _wait_for_accepted() -> None:
    """Wait until each connection made so far has a thread.

    The server accepts them in the order in which they came: one that is served is the
    last. It asks for nothing, which ends it.
    """
    address = common.HOST, common.HttpCase.http_port()
    with create_connection(address, MAX_SECONDS_OF_REQUESTS) as connection:
        connection.shutdown(SHUT_WR)
        connection.recv(1)
