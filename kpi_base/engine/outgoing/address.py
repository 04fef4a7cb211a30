"""Addresses as people type them: what of them is not taken, and what is a secret.

Which ones anybody may reach is said by the registries of special addresses, not by
``ipaddress.is_global``: that takes NAT64, 6to4, IPv4 in IPv6 and multicast for global,
and differs from one Python to the next.
"""

import ipaddress
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from ..fault import Fault, _lt

PORTS = {"https": 443, "http": 80, "sftp": 22}
WEB = ("https", "http")
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


# All other IPv6 is loopback, private, link-local, multicast, mapped or translated IPv4.
_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
HIDDEN = "•••"
SHORTEST = 6  # shorter ones would take words out of the text
_KNOWN = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack
    r"|whsec_[\w+/=-]+"  # Standard Webhooks
    r"|(?<=Bearer )[\w.~+/=-]{6,}"
    r"|(?<=hooks\.slack\.com/)\S+"
    r"|(?<=[?&]sig=)[^&\s\"']+"  # Power Automate
)


def parse_address(
    text: str, allowed: Collection[str] = (), schemes: Collection[str] = WEB
) -> Address:
    """Take an address apart, without asking anybody what its name stands for.

    :param allowed: hosts, ``host:port`` and addresses that plain http and calls to
        other ports than the usual ones may go to
    :param schemes: what it may begin with, each one of ``PORTS``
    :raises OutgoingRefused: says what is wrong with it
    """
    if not text.strip():
        raise OutgoingRefused(_lt("The address is missing."))
    if len(text) > LONGEST or _UNSENDABLE.search(text):
        raise OutgoingRefused(
            _lt("The address is too long or contains spaces or invalid characters.")
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise OutgoingRefused(_lt("This is not a valid address.")) from None
    if parts.scheme not in schemes:
        raise OutgoingRefused(_lt("The address must begin with https://."))
    if "@" in parts.netloc:
        raise OutgoingRefused(
            _lt("The address must not contain a user name or password.")
        )
    if port == 0 or "%" in parts.netloc:  # a zone of IPv6
        raise OutgoingRefused(_lt("This is not a valid address."))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise OutgoingRefused(_lt("Percent-encode special characters in the address."))
    address = Address(
        parts.scheme, _host(parts.hostname), port or PORTS[parts.scheme], target
    )
    if parts.scheme == "http" and not address.is_in(allowed):
        raise OutgoingRefused(_lt("The address must begin with https://."))
    # 22, 25 and 5432 are no web servers: nobody is to have us knock at them
    usual = {PORTS[scheme] for scheme in schemes}
    if address.port not in usual and not address.is_in(allowed):
        raise OutgoingRefused(
            _lt(
                "Port %(port)s is not allowed. Use the default port, or ask an "
                "administrator to add %(place)s to Internal Hosts."
            ),
            port=address.port,
            place=address.place,
        )
    return address


def _host(text: str | None) -> str:
    """Host in ASCII and lower case, without the dot that may end it."""
    with suppress(ValueError):  # a name, then
        return str(ipaddress.ip_address(text or ""))
    try:
        name = (text or "").encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        raise OutgoingRefused(_lt("This is not a valid address.")) from None
    # 2130706433, 0x7f.1 and 0177.0.0.1 all are ways of writing 127.0.0.1.
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise OutgoingRefused(_lt("This is not a valid address."))
    return name


class OutgoingError(Exception):
    """A call that did not come to an answer."""


class OutgoingRefused(OutgoingError, Fault):
    """The address or the message is not allowed: another attempt is of no use."""


class OutgoingFailed(OutgoingError, OSError):
    """No answer: the network, the far server, or our patience; later it may work."""


# IANA IPv4 Special-Purpose Address Registry, 224.0.0.0/4 (multicast) beside it
_IPV4 = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # between providers and their customers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]


# IANA IPv6 Special-Purpose Address Registry, as far as it lies in there
_IPV6 = [
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in other clothes
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]


def is_public(text: str) -> bool:
    """Check whether anybody may reach an address.

    :param text: as ``getaddrinfo`` gives it, with the zone of a link-local one
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _IPV4)
    if address not in _IPV6_UNICAST:
        return False
    return not any(address in network for network in _IPV6)


def address_secrets(text: str) -> tuple[str, ...]:
    """What of an address whoever has it could use: its path, and parts of its query."""
    parts = urlsplit(text)
    values = [value for _name, value in parse_qsl(parts.query)]
    target = f"{parts.path}?{parts.query}".strip("/?")
    return (text, target, parts.path, parts.path.rpartition("/")[2], *values)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with ``•••`` in place of each secret, as it is or as in an address.

    Those that give themselves away by their form are found unasked.
    """
    # The longest first: one may be a part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            for form in (secret, quote(secret, safe=""), secret.replace("/", "\\/")):
                text = text.replace(form, HIDDEN)
    return _KNOWN.sub(HIDDEN, text)
