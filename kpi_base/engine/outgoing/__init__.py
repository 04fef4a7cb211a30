"""Calls to addresses that people type, which must not reach what only we can reach.

::

    address = parse_address(text, allowed)
    answer = post(address, body, {"Content-Type": "application/json"}, allowed)

Names are resolved once, every address they stand for is checked, and the connection
goes to one of those. What is let through beyond that is for administrators to say: the
hosts of ``allowed``, with or without a port.
"""

from .address import (
    WEB,
    Address,
    OutgoingError,
    OutgoingFailed,
    OutgoingRefused,
    address_secrets,
    parse_address,
    redact,
)
from .client import (
    Answer,
    call,
    check_public,
    connect,
    meaning_of,
    parse_retry_after,
    post,
)
