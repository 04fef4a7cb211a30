"""Calls of a running server, timed over the whole way: request to last byte."""

import http.client
import json
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from _harness import DifferentResults
from screenshots import session

CALLS, WARM_CALLS = 40, 5
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
