"""An Odoo of its own on a database, and what it is asked."""

import http.client
import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from _harness import DifferentResults
from odoo_server import OdooServer
from screenshots import session

# What the web client sends with each call.
CONTEXT = {"lang": "en_US", "tz": "UTC", "uid": 2, "allowed_company_ids": [1]}


@contextmanager
def running(database: str, *options: str) -> Iterator[OdooServer]:
    """An Odoo of its own on a database."""
    log = Path(os.environ["KPI_STATE"], "logs", "bench-server.log")
    process = OdooServer(database, log, options, "/web/login")
    process.start()
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def server(database: str, *options: str) -> Iterator[str]:
    """The address of an Odoo of its own on a database."""
    with running(database, *options) as process:
        yield process.url


def ask(url: str, method: str, path: str, body: Any = None, **headers: str) -> bytes:
    """The answer to a request, on a connection of its own.

    :param body: bytes, or a value to send as JSON
    :raises DifferentResults: it is an error
    """
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Connection": "close", **headers}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    if answer.status >= 300 or b'"error":' in text[:200]:
        raise DifferentResults(f"status {answer.status}: {text[:500].decode()}")
    return text


def caller(url: str) -> Callable[..., bytes]:
    """Calls a method as the administrator, as the web client does."""
    cookie = f"session_id={session(url, 'admin', 'admin')}"

    def call(model: str, method: str, *args: Any) -> bytes:
        kwargs = {"context": CONTEXT}
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        path = f"/web/dataset/call_kw/{model}/{method}"
        return ask(url, "POST", path, body, Cookie=cookie)

    return call
