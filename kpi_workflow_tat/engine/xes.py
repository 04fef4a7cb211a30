"""XES, the exchange format of event logs (IEEE Std 1849-2016), read and written.

Read as a stream by expat: an event is handed on when it ends, and nothing of it stays.
Documents with a DOCTYPE are refused, so that no entity is ever defined, expanded or
fetched: neither “billion laughs” nor files or addresses of others.
"""

import datetime as dt
import gzip
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from odoo.addons.kpi_base.engine.tabular import Row, Table, TabularError

from .event_log import _lt

NAME, TIME = "concept:name", "time:timestamp"
RESOURCE, LIFECYCLE = "org:resource", "lifecycle:transition"
LARGEST_LOG = 4 * 2**30  # bytes, unpacked
LONGEST_MARK = 2**20  # bytes of one tag with its attributes
DEEPEST = 50
GZIP = b"\x1f\x8b"
_CHUNK = 65_536
_SAMPLE = 65_536
_ROOT = re.compile(rb"<(?:\w+:)?log[\s>]")
_EVENT_END = re.compile(rb"</(?:\w+:)?event\s*>")
_VALUES = {"string", "date", "int", "float", "boolean", "id"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXTENSIONS = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Organizational", "org"),
    ("Lifecycle", "lifecycle"),
)
# title → key of the attribute, of the event or of its case
EVENT_KEYS = {
    "activity": NAME,
    "timestamp": TIME,
    "resource": RESOURCE,
    "lifecycle": LIFECYCLE,
}
CASE_KEYS = {
    name: name for name in ("subject", "department", "status", "approval_state")
}
KEYS = {*EVENT_KEYS.values(), *CASE_KEYS.values()}
TITLES = ("case", *EVENT_KEYS, *CASE_KEYS)


class XesError(TabularError):
    """A log that cannot be read."""


@dataclass
class Trace:
    """A case: its attributes, and those of its events in their order."""

    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)


def is_xes(content: bytes) -> bool:
    """Check whether ``content`` seems to be a log, packed by gzip or not."""
    try:
        return bool(_ROOT.search(_plain(_open(content).read(_SAMPLE))))
    except (OSError, EOFError, zlib.error):
        return False


def read_xes(
    content: bytes, keys: Collection[str] | None = None
) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Case, attributes of the case and of the event, event by event.

    The name of a case stands before its events; one without a name has its number.
    Nested attributes, lists and definitions of attributes are passed over.

    :param keys: attributes that are wanted, so that others take no memory; None = all
    :raises XesError: broken, too large or with a DOCTYPE, saying where
    """
    reader = _Reader(keys)
    size = 0
    for chunk in _chunks(content):
        size += len(chunk)
        if size > LARGEST_LOG:
            raise XesError(
                _lt("The log exceeds %(most)s GB. Split it into several files."),
                most=LARGEST_LOG // 2**30,
            )
        yield from reader.feed(chunk, size)
    yield from reader.feed(b"", size, is_last=True)


def count_events(content: bytes) -> int:
    """About how many events there are: a fast look that refuses nothing."""
    count, rest = 0, b""
    with suppress(XesError):  # said when the log is read for good
        for chunk in _chunks(content):
            marks = rest + _plain(chunk)
            end = max(marks.rfind(b"<"), 0)
            count += len(_EVENT_END.findall(marks[:end]))
            rest = marks[end:][:LONGEST_MARK]
    return count


def write_xes(traces: Iterable[Trace]) -> Iterator[bytes]:
    """The log of ``traces``, part by part."""
    head = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    head.append(
        '<log xes.version="1849-2016" xes.features="" '
        'xmlns="http://www.xes-standard.org/">\n'
    )
    for name, prefix in _EXTENSIONS:
        address = f"http://www.xes-standard.org/{prefix}.xesext"
        head.append(f'  <extension name="{name}" prefix="{prefix}" uri="{address}"/>\n')
    head.append(f'  <classifier name="Activity" keys="{NAME}"/>\n')
    yield "".join(head).encode()
    for trace in traces:
        parts = ["  <trace>\n", *_write_attributes(trace.attributes, "    ")]
        for event in trace.events:
            marks = _write_attributes(event, "      ")
            parts += ["    <event>\n", *marks, "    </event>\n"]
        yield "".join([*parts, "  </trace>\n"]).encode()
    yield b"</log>\n"


def _write_attributes(attributes: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in attributes.items():
        if value is None or value is False or value == "":
            continue
        kind, text = "string", str(value)
        if isinstance(value, dt.datetime):
            unit = "microseconds" if value.microsecond % 1000 else "milliseconds"
            kind, text = "date", value.isoformat(timespec=unit)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            kind = "int" if isinstance(value, int) else "float"
        text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
        yield f"{indent}<{kind} key={quoteattr(key)} value={quoteattr(text)}/>\n"


def _plain(sample: bytes) -> bytes:
    """ASCII of any encoding: enough to recognise the root."""
    return sample.replace(b"\0", b"")


def _open(content: bytes) -> BinaryIO:
    stream = BytesIO(content)
    return gzip.GzipFile(fileobj=stream) if content.startswith(GZIP) else stream


def _chunks(content: bytes) -> Iterator[bytes]:
    stream = _open(content)
    try:
        while chunk := stream.read(_CHUNK):
            yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise XesError(
            _lt("The compressed log is damaged. Export it again.")
        ) from error


class _Reader:
    """Reader of the marks of a log; hands on what is complete."""

    def __init__(self, keys: Collection[str] | None) -> None:
        self._keys = None if keys is None else {NAME, *keys}
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._start_doctype
        self._path: list[str] = []
        self._trace_count = 0
        self._case: dict[str, str] = {}
        self._event: dict[str, str] | None = None
        self._has_events = False
        self._done: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def feed(
        self, chunk: bytes, size: int, *, is_last: bool = False
    ) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        """Events that end with ``chunk``, after which ``size`` bytes were read."""
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise XesError(
                _lt(
                    "Line %(line)s is not valid XML (%(reason)s). Export the log again."
                ),
                line=error.lineno,
                reason=expat.ErrorString(error.code),
            ) from error
        if not is_last and size - self._parser.CurrentByteIndex > LONGEST_MARK:
            raise self._refuse(_lt("Line %(line)s: the text is too long. Shorten it."))
        done, self._done = self._done, []
        return done

    def _start(self, mark: str, given: dict[str, str]) -> None:
        mark = mark.rpartition(":")[2]
        if not self._path and mark != "log":
            raise self._refuse(_lt("This XML file is not an event log (XES)."))
        self._path.append(mark)
        if len(self._path) > DEEPEST:
            raise self._refuse(_lt("Line %(line)s is nested too deeply."))
        if self._path == ["log", "trace"]:
            self._trace_count += 1
            self._case, self._has_events = {}, False
        elif self._path == ["log", "trace", "event"]:
            self._event, self._has_events = {}, True
        elif mark in _VALUES:
            self._add(given.get("key"), given.get("value"))

    def _add(self, key: str | None, value: str | None) -> None:
        if key is None or value is None:
            return
        if self._keys is not None and key not in self._keys:
            return
        parent = self._path[:-1]
        if parent == ["log", "trace", "event"]:
            self._event[key] = value
        elif parent == ["log", "trace"]:
            if self._has_events and key == NAME:
                raise self._refuse(
                    _lt("Line %(line)s: the case name must precede its events.")
                )
            self._case[key] = value

    def _end(self, _mark: str) -> None:
        if self._path == ["log", "trace", "event"]:
            case = self._case.get(NAME) or str(self._trace_count)
            self._done.append((case, self._case, self._event))
            self._event = None
        self._path.pop()

    def _start_doctype(self, *_given: Any) -> None:
        raise self._refuse(_lt("Line %(line)s: DOCTYPE is not allowed. Remove it."))

    def _refuse(self, template: str) -> XesError:
        return XesError(template, line=self._parser.CurrentLineNumber)


@dataclass(frozen=True)
class XesTable(Table):
    """Events in the order of the log; the first one is row 2, below the titles.

    :ivar translate: says in the reader's language why the log cannot be read
    """

    translate: Callable[[str], str] = str

    def rows(self) -> Iterator[Row]:
        """All rows, read anew.

        :raises TabularError: the log cannot be read
        """
        yield Row(1, list(TITLES))
        try:
            events = read_xes(self.content, KEYS)
            for number, (case, of_case, event) in enumerate(events, 2):
                cells = [case, *map(event.get, EVENT_KEYS.values())]
                yield Row(number, [*cells, *map(of_case.get, CASE_KEYS.values())])
        except XesError as error:
            # Importing translates its own texts only.
            reason = error.translate_with(self.translate)
            raise TabularError("%(reason)s", reason=reason) from error

    def row_count_estimate(self) -> int:
        """Number of events, without reading them one by one."""
        return max(count_events(self.content), 1)


def open_xes(content: bytes, translate: Callable[[str], str] = str) -> XesTable:
    """The log in ``content``, which is read when its rows are."""
    return XesTable(content=content, kind="xes", translate=translate)
