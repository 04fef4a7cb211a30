"""Lists of internet addresses and networks, as people type them."""

import ipaddress
import re

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressError(ValueError):
    """A text of the list that is no address and no network."""


def networks(text: str) -> list[Network]:
    """Networks of ``text``, parted by commas, blanks or lines.

    :raises AddressError: names the first part that is none
    """
    found = []
    for part in re.split(r"[\s,;]+", text.strip()):
        try:
            found += [ipaddress.ip_network(part, strict=False)] if part else []
        except ValueError:
            raise AddressError(part) from None
    return found


def is_within(address: str, text: str) -> bool:
    """Check whether ``address`` is in one of the networks; an empty list allows all."""
    allowed = networks(text)
    if not allowed:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    known = getattr(found, "ipv4_mapped", None) or found
    return any(known in network for network in allowed)
