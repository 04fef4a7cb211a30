"""Addresses as people type them, and what of them is not taken."""

import ipaddress
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..fault import _lt
from .errors import OutgoingRefused

PORTS = {"https": 443, "http": 80}
LONGEST = 2048
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


@dataclass(frozen=True)
class Address:
    """Where a call goes.

    :ivar host: in ASCII and lower case, IPv6 without brackets
    :ivar target: path and query
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def place(self) -> str:
        """Host, with the port where it is not the usual one; the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """All that a log may have of an address; the rest may be a secret."""
        return f"{self.scheme}://{self.place}"

    def is_in(self, allowed: Collection[str]) -> bool:
        """Check whether an administrator allows the host, on all ports or this one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return bool({self.host, host, f"{host}:{self.port}"} & set(allowed))


def parse_address(text: str, allowed: Collection[str] = ()) -> Address:
    """Take an address apart, without asking anybody what its name stands for.

    :param allowed: hosts, ``host:port`` and addresses that plain http may go to
    :raises OutgoingRefused: says what is wrong with it
    """
    if not text.strip():
        raise OutgoingRefused(_lt("The address is missing."))
    if len(text) > LONGEST or _UNSENDABLE.search(text):
        raise OutgoingRefused(
            _lt("The address is too long, or has blanks or other signs that none has.")
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise OutgoingRefused(_lt("This is no address.")) from None
    if parts.scheme not in PORTS:
        raise OutgoingRefused(_lt("The address must begin with https://."))
    if "@" in parts.netloc:
        raise OutgoingRefused(
            _lt("The address must not hold a user name or a password.")
        )
    if port == 0 or "%" in parts.netloc:  # a zone of IPv6
        raise OutgoingRefused(_lt("This is no address."))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise OutgoingRefused(
            _lt("Write special signs of the address percent-encoded.")
        )
    address = Address(
        parts.scheme, _host(parts.hostname), port or PORTS[parts.scheme], target
    )
    if parts.scheme == "http" and not address.is_in(allowed):
        raise OutgoingRefused(_lt("The address must begin with https://."))
    return address


def _host(text: str | None) -> str:
    """Host in ASCII and lower case, without the dot that may end it."""
    with suppress(ValueError):  # a name, then
        return str(ipaddress.ip_address(text or ""))
    try:
        name = (text or "").encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        raise OutgoingRefused(_lt("This is no address.")) from None
    # 2130706433, 0x7f.1 and 0177.0.0.1 all are ways of writing 127.0.0.1.
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise OutgoingRefused(_lt("This is no address."))
    return name
