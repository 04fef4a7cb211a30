"""Internet addresses that anybody may reach, and so may we for anybody.

The registries of special addresses, not ``ipaddress.is_global``: that takes NAT64,
6to4, IPv4 in IPv6 and multicast for global, and differs from one Python to the next.
"""

import ipaddress

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
# All other IPv6 is loopback, private, link-local, multicast, mapped or translated IPv4.
_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
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
