"""One call to an address that somebody typed, within one span of time."""

import http.client
import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from ..fault import _lt
from .address import Address, OutgoingFailed, OutgoingRefused, is_public

SECONDS = 15.0  # for all of a call
CONNECT_SECONDS = 5.0  # for one of the addresses that a name stands for
MOST_ADDRESSES = 4
MOST_BYTES = 64 * 1024  # of a body, unless a call asks for more
LARGEST_ANSWER = 16 * 1024**2  # bytes of a body that may be asked for
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STORED_HEADERS = ("content-type", "retry-after")
_TOKEN = frozenset(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
LONGEST_TEXT = 1024
LONGEST_RETRY_AFTER = 6 * 3600.0
GONE = 410
WORTH_ANOTHER_TRY = {408, 425, 429}  # time-out, too early, too many
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Answer:
    """A status with some of what came with it.

    :ivar headers: the few that matter, names in lower case
    :ivar body: at most as many bytes as were asked for; empty where it came compressed
    :ivar is_whole: whether nothing of the body was left out
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True

    @property
    def text(self) -> str:
        """What is kept of the body."""
        text = self.body[: 4 * LONGEST_TEXT].decode(errors="replace")
        return _CONTROL.sub("", text)[:LONGEST_TEXT].strip()


def post(
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    allowed: Collection[str] = (),
    *,
    seconds: float = SECONDS,
) -> Answer:
    """Post ``body``; as ``call``."""
    return call("POST", address, body, headers, allowed, seconds=seconds)


def call(
    method: str,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    allowed: Collection[str] = (),
    *,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    stored_headers: Collection[str] = STORED_HEADERS,
) -> Answer:
    """Ask once, and return what was answered, whatever its status.

    No redirect is followed, no proxy asked, and nothing compressed is asked for.

    :param method: one of ``METHODS``
    :param allowed: hosts that need not have a public address
    :param seconds: for all of it
    :param most_bytes: of the answer's body, at most ``LARGEST_ANSWER``
    :param stored_headers: names of headers of the answer, in lower case
    :raises OutgoingRefused: the address is not public, a header would be two
    :raises OutgoingFailed: no complete answer in time
    """
    if method not in METHODS or not 0 < most_bytes <= LARGEST_ANSWER:
        raise ValueError(f"no such call: {method}, {most_bytes} bytes")
    for name, value in headers.items():
        is_sound = name and set(name) <= _TOKEN and value.isascii()
        if not is_sound or not value.isprintable():
            raise OutgoingRefused(
                _lt("The header %(name)s contains invalid characters."),
                name=ascii(name),
            )
    deadline = Deadline(seconds)
    try:
        places = _find_places(address, allowed, deadline)
        with ExitStack() as stack:
            # with its headers, and what parts its chunks
            wire = Wire(
                _open(address, places, deadline, stack), deadline, 2 * most_bytes
            )
            response = _ask(method, address, body, headers, wire)
            return _read(
                address, stack.enter_context(response), wire, most_bytes, stored_headers
            )
    except (OutgoingRefused, OutgoingFailed):
        raise
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise OutgoingFailed(f"{address.origin} {_what_happened(error)}") from error


def connect(
    address: Address, allowed: Collection[str] = (), *, seconds: float = SECONDS
) -> socket.socket:
    """Connect for a protocol other than HTTP; whoever asked closes the connection.

    :raises OutgoingRefused: the address is not public
    :raises OutgoingFailed: nobody answers there in time
    """
    deadline = Deadline(seconds)
    try:
        return _connect(_find_places(address, allowed, deadline), deadline)
    except OutgoingFailed:
        raise
    except OSError as error:
        raise OutgoingFailed(f"{address.origin} {_what_happened(error)}") from error


def check_public(
    address: Address, allowed: Collection[str] = (), *, seconds: float = SECONDS
) -> None:
    """Look an address up, without calling it.

    :raises OutgoingRefused: it is not public, nor allowed; a name that is not found
        within ``seconds`` may be both
    """
    with suppress(OSError):
        _find_places(address, allowed, Deadline(seconds))


def _find_places(
    address: Address, allowed: Collection[str], deadline: "Deadline"
) -> list[tuple[int, tuple]]:
    """Family and socket address of all that the host stands for, if all are public."""
    places = resolve(address, deadline)
    if not address.is_in(allowed) and not all(is_public(p[1][0]) for p in places):
        raise OutgoingRefused(
            _lt(
                "%(host)s is not on the public internet. Administrators can allow "
                "it under Settings, KPIs, Internal Hosts."
            ),
            host=address.host,
        )
    return places


def _what_happened(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time."
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or error.reason
        return f"has no safe connection: {reason}."
    if isinstance(error, OSError):
        return f"did not answer: {error.strerror or type(error).__name__}."
    return "did not answer in HTTP."


class Deadline:
    """The end of a span that all steps of a call share."""

    def __init__(self, seconds: float) -> None:
        self.moment = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left.

        :raises TimeoutError: none
        """
        left = self.moment - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def resolve(address: Address, deadline: Deadline) -> list[tuple[int, tuple]]:
    """Family and socket address of all that the host stands for.

    On a thread of its own, as the system's resolver takes as long as it likes.
    """
    found: list = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend(
                socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True, name="kpi-resolve")
    thread.start()
    thread.join(deadline.left())
    if thread.is_alive():
        raise TimeoutError
    if failed or not found:
        raise OutgoingFailed(f"The host {address.host} was not found.")
    return [(family, place) for family, _type, _protocol, _name, place in found]


def _open(
    address: Address,
    places: list[tuple[int, tuple]],
    deadline: Deadline,
    stack: ExitStack,
) -> socket.socket:
    line = stack.enter_context(closing(_connect(places, deadline)))
    if address.scheme == "https":
        line.settimeout(deadline.left())
        line = _context().wrap_socket(line, server_hostname=address.host)
        stack.enter_context(closing(line))
    return line


def _ask(
    method: str,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    wire: "Wire",
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(address.host)
    connection.sock = wire  # type: ignore[assignment]  # has all that is used
    connection.putrequest(
        method, address.target, skip_host=True, skip_accept_encoding=True
    )
    fixed = {"Host": address.place}
    if body or method != "GET":
        fixed["Content-Length"] = str(len(body))
    fixed |= {"Accept-Encoding": "identity", "Connection": "close"}
    for name, value in {"User-Agent": "kpi-tracking", **headers, **fixed}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection.getresponse()


def _read(
    address: Address,
    response: http.client.HTTPResponse,
    wire: "Wire",
    most_bytes: int,
    stored_headers: Collection[str],
) -> Answer:
    content, headers = response.read(most_bytes), response.headers
    is_whole = len(content) < most_bytes and not wire.is_full
    if response.length and is_whole:
        raise OutgoingFailed(f"{address.origin} ended in the middle of its answer.")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        # nobody asked for it: what it would unpack to is anyone's guess
        content, is_whole = b"", False
    stored = {name: headers[name] for name in stored_headers if name in headers}
    return Answer(response.status, stored, content, is_whole)


def _connect(places: list[tuple[int, tuple]], deadline: Deadline) -> socket.socket:
    """The first connection that one of the addresses takes."""
    failure: OSError = OSError("no address")
    for family, place in places[:MOST_ADDRESSES]:
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(min(deadline.left(), CONNECT_SECONDS))
            plain.connect(place)
            return plain
        except OSError as error:
            plain.close()
            failure = error
    raise failure


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Wire(io.RawIOBase):
    """What ``http.client`` takes for a socket: its every step ends at the deadline.

    A limit per step would let a server drip for ever. No more than so much is read, and
    whoever opened the connection closes it.
    """

    def __init__(
        self, line: socket.socket, deadline: Deadline, most_bytes: int
    ) -> None:
        super().__init__()
        self.line = line
        self.deadline = deadline
        self.most_bytes = most_bytes
        self.count = 0  # of bytes that came in

    def sendall(self, message: bytes) -> None:
        rest = memoryview(message)
        while rest:
            self.line.settimeout(self.deadline.left())
            rest = rest[self.line.send(rest) :]

    def makefile(self, *_mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        """Leave the connection open: its answer may still be read."""

    @property
    def is_full(self) -> bool:
        """Whether no more is read, though there may be more."""
        return self.count >= self.most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        if self.is_full:
            return 0
        self.line.settimeout(self.deadline.left())
        view = memoryview(buffer)[: self.most_bytes - self.count]
        count = self.line.recv_into(view)
        self.count += count
        return count


def meaning_of(status: int) -> Literal["sent", "gone", "refused", "later"]:
    """Tell what a status of HTTP means for a message (RFC 9110, 15).

    :return: ``gone`` is refused, and whatever is sent there later will be, too
    """
    if 200 <= status < 300:
        return "sent"
    if status == GONE:
        return "gone"
    is_final = 400 <= status < 500 and status not in WORTH_ANOTHER_TRY
    return "refused" if is_final else "later"


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait, of the header ``Retry-After`` (RFC 9110, 10.2.3).

    :param text: a number of seconds or a date of HTTP; None = no header
    :param now: with its time zone
    :return: 0 to ``LONGEST_RETRY_AFTER``; None where the text says nothing
    """
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        # more digits than any number of seconds that matters
        return min(float(text[:12]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000", or the old form of C
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
