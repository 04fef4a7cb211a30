"""An Odoo of its own on a database, what it is asked, and a browser at it."""

import http.client
import json
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from _harness import Bench, DifferentResults
from devtools import Browser
from odoo_server import SECONDS as START_SECONDS
from odoo_server import OdooServer
from screenshots import session

CALLS, WARM_CALLS = 40, 5
LEAST_TURNS = 5  # of a browser
# What the web client sends with each call.
CONTEXT = {"lang": "en_US", "tz": "UTC", "uid": 2, "allowed_company_ids": [1]}


def caller(url: str) -> Callable[[str, str, list], bytes]:
    """Calls a method as the administrator, on a connection of its own each time."""
    host = urlsplit(url).netloc
    cookie = f"session_id={session(url, 'admin', 'admin')}"
    headers = {"Content-Type": "application/json", "Cookie": cookie}

    def call(model: str, method: str, args: list) -> bytes:
        kwargs = {"context": CONTEXT}
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        with closing(http.client.HTTPConnection(host)) as connection:
            path = f"/web/dataset/call_kw/{model}/{method}"
            connection.request("POST", path, body, headers)
            answer = connection.getresponse().read()
        if b'"error":' in answer[:200]:
            raise DifferentResults(answer[:500].decode())
        return answer

    return call


def medians(*functions: Callable[[], Any]) -> list[float]:
    """Median seconds of calls that take turns, after some that warm up."""
    seconds: list[list[float]] = [[] for _function in functions]
    for turn in range(WARM_CALLS + CALLS):
        for function, runs in zip(functions, seconds, strict=True):
            start = time.perf_counter()
            function()
            if turn >= WARM_CALLS:
                runs.append(time.perf_counter() - start)
    return [statistics.median(runs) for runs in seconds]


@contextmanager
def server(database: str) -> Iterator[str]:
    """The address of an Odoo of its own on a database, in one process."""
    log = Path(os.environ["KPI_STATE"], "logs", "bench-server.log")
    process = OdooServer(database, log, ["--workers=0"], "/web/login")
    process.start()
    try:
        yield f"http://localhost:{process.port}"
    finally:
        process.stop()


def forget_first_visit(env: Any) -> None:
    """No greetings of a first visit: OdooBot's window covers a phone and has the styles
    of the whole page computed at each scroll, the tour walks through all that is drawn.
    """
    admin = env.ref("base.user_admin")
    admin.write({"odoobot_state": "disabled", "tour_enabled": False})


def log_in(browser: Browser, url: str) -> None:
    """As an administrator, at the web client."""
    cookie = {"value": session(url, "admin", "admin"), "path": "/"}
    domain = urlsplit(url).hostname
    browser.call("Network.setCookie", name="session_id", domain=domain, **cookie)
    browser.call("Page.navigate", url=f"{url}/odoo")
    browser.wait_for(".o_action_manager > *", START_SECONDS)
    browser.call("Performance.enable")


def awaited(browser: Browser, expression: str) -> Any:
    """What a promise comes to in the browser."""
    answer = browser.call(
        "Runtime.evaluate",
        expression=expression,
        awaitPromise=True,
        returnByValue=True,
    )
    if "exceptionDetails" in answer:
        raise DifferentResults(str(answer["exceptionDetails"].get("exception")))
    return answer["result"]["value"]


def open_window(env: Any, model: str, mode: str, **values: Any) -> int:
    """The id of an action that opens one kind of view of a model and nothing else."""
    windows = env["ir.actions.act_window"]
    shown = {"name": "Bench", "res_model": model, "view_mode": mode}
    return windows.create({**shown, **values}).id


def in_turns(
    bench: Bench,
    browser: Browser,
    names: Iterable[str],
    act: Callable[[str], tuple[float, ...]],
) -> dict[str, list[float]]:
    """Medians of the numbers of each act in a browser; the first turn fetches views."""
    runs: dict[str, list] = {name: [] for name in names}
    for turn in range(max(bench.repeat, LEAST_TURNS) + 1):
        for name, found in runs.items():
            numbers = act(name)
            if turn:
                found.append(numbers)
    if browser.errors:
        raise DifferentResults(f"The browser says: {browser.errors[0]}")
    return {
        name: [statistics.median(column) for column in zip(*found, strict=True)]
        for name, found in runs.items()
    }
