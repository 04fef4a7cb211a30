"""Requests to the server of these tests."""

import json
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def ask(server, path, method="GET", body=None, key=0, **headers):
    """(status, headers, text) of an answer; key None: without any."""
    if key is not None:
        headers["Authorization"] = f"Bearer {server.keys[key]}"
    content = None if body is None else json.dumps(body).encode()
    if content:
        headers["Content-Type"] = "application/json"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(server.url + path, content, headers, method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers, error.read().decode()


def operations(server):
    """(method, path) of all that the description names, with 1 for each parameter."""
    document = json.loads(ask(server, "/api/kpi/openapi.json")[2])
    for path, found in document["paths"].items():
        for method in found:
            yield method.upper(), re.sub(r"{\w+}", "1", path)
