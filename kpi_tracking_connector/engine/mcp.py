"""One message of the Model Context Protocol, and answers that are never cut in silence.

Revision 2026-07-28, where each request says its version, and those before it that begin
with a handshake; no session is kept in either.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from odoo.addons.kpi_base.engine import nesting

MODERN = "2026-07-28"
HANDSHAKES = ("2025-11-25", "2025-06-18")
VERSIONS = (MODERN, *HANDSHAKES)
VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
SERVER = "io.modelcontextprotocol/serverInfo"
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
UNKNOWN_METHOD = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022
MOST_CHARACTERS = 25_000
CURSOR_CHARACTERS = 2_000  # at most, with the numbers beside it
MOST_DEPTH = 2  # in which lists are looked for

Json = dict[str, Any]


class McpError(ValueError):
    """A refusal as JSON-RPC says it.

    :param status: of the HTTP answer
    """

    loglevel = logging.DEBUG  # for Odoo's server, which has done nothing wrong

    def __init__(
        self,
        code: int,
        message: str,
        data: Any = None,
        status: int = HTTPStatus.BAD_REQUEST,
    ):
        super().__init__(message)
        self.code, self.data, self.status = code, data, status
        self.id: int | str | None = None  # of the message, where it is known
        self.is_said_by_200 = False


@dataclass(frozen=True)
class Message:
    """A request, or a notification, which has no id and gets no answer."""

    id: int | str | None
    method: str
    params: Json
    is_modern: bool


def read_message(content: bytes, headers: Mapping[str, str]) -> Message:
    """The message that a body holds, after all that can be wrong with it.

    :param headers: of the request, found by any case
    :raises McpError: it is none, contradicts its headers, or is of another version
    """
    try:
        given = nesting.parse(content)
    except nesting.JsonError as error:
        raise McpError(PARSE_ERROR, str(error)) from None
    if isinstance(given, list):
        raise McpError(INVALID_REQUEST, "Send each message by itself, not in a list.")
    if not isinstance(given, dict) or given.get("jsonrpc") != "2.0":
        raise McpError(INVALID_REQUEST, "This is no message of JSON-RPC 2.0.")
    method, params = given.get("method"), given.get("params", {})
    number = given.get("id")
    is_named = type(number) in (int, str) or "id" not in given
    if not isinstance(method, str) or not is_named:
        raise McpError(INVALID_REQUEST, "A message has a method, and a number or text.")
    if not isinstance(params, dict):
        raise McpError(INVALID_PARAMS, "“params” has to be an object.")
    try:
        is_modern = _check_version(
            method, params, headers, is_asking=number is not None
        )
    except McpError as error:
        error.id = number
        raise
    return Message(number, method, params, is_modern)


def _check_version(
    method: str, params: Json, headers: Mapping[str, str], *, is_asking: bool
) -> bool:
    """Whether a message is of the revision without a handshake.

    :raises McpError: it is of none that is served, or not as its headers say
    """
    meta = params.get("_meta")
    meta = meta if isinstance(meta, dict) else {}
    said, version = headers.get("MCP-Protocol-Version"), meta.get(VERSION)
    if version is None and said != MODERN:
        if said in (None, *HANDSHAKES):
            return False
        raise _unsupported(said)
    if not is_asking:
        return True
    names = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    if method == "tools/call":
        names["Mcp-Name"] = params.get("name")
    wrong = [name for name, value in names.items() if headers.get(name) != value]
    if wrong:
        text = f"The header {wrong[0]} does not say what the message says."
        raise McpError(HEADER_MISMATCH, text)
    if version != MODERN:
        raise _unsupported(version)
    if CAPABILITIES not in meta:
        raise McpError(INVALID_PARAMS, f"_meta has to say {CAPABILITIES}.")
    return True


def _unsupported(version: str | None) -> McpError:
    data = {"supported": list(VERSIONS), "requested": version}
    return McpError(UNSUPPORTED_VERSION, "Unsupported protocol version", data)


@dataclass(frozen=True)
class Part:
    """As much of an answer as fits.

    :param path: of the list that was too long, or began before
    :param stop: number of the first item that is not in it
    :param count: of items
    """

    answer: Json
    path: tuple[str, ...]
    stop: int
    count: int

    @property
    def is_whole(self) -> bool:
        return self.stop == self.count


def fit(
    answer: Json,
    start: int = 0,
    path: tuple[str, ...] = (),
    most: int = MOST_CHARACTERS,
) -> Part:
    """An answer with as many items of its longest list as fit, none of them cut.

    :param start: number of the item that comes first
    :param path: of the list, where it is known from the part before
    :raises McpError: not even one fits
    """
    if not path and len(dump(answer)) <= most - CURSOR_CHARACTERS:
        return Part(answer, (), 0, 0)
    lists = dict(_find_lists(answer))
    if not path or path not in lists:
        path = max(lists, key=lambda each: len(dump(lists[each])), default=())
    items = lists.get(path, [])
    start = min(start, len(items))
    left = most - CURSOR_CHARACTERS - len(dump(_with(answer, path, [])))
    stop = start
    for item in items[start:]:
        left -= len(dump(item)) + 1
        if left < 0:
            break
        stop += 1
    if left < 0 and stop == start:
        raise McpError(
            INVALID_PARAMS,
            f"The answer is longer than {most} characters and cannot be split. Ask for"
            " fewer fields, or a shorter time.",
        )
    return Part(_with(answer, path, items[start:stop]), path, stop, len(items))


def _find_lists(
    answer: Json, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    for name, value in answer.items():
        if isinstance(value, list):
            yield (*path, name), value
        elif isinstance(value, dict) and len(path) + 1 < MOST_DEPTH:
            yield from _find_lists(value, (*path, name))


def _with(answer: Json, path: tuple[str, ...], items: list[Any]) -> Json:
    """The answer with other items in one of its lists."""
    if not path:
        return answer
    name, *rest = path
    inner = _with(answer[name], tuple(rest), items) if rest else items
    return {**answer, name: inner}


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
