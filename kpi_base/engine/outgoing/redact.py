"""Secrets, taken out of what is stored and logged."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlsplit

HIDDEN = "•••"
SHORTEST = 6  # shorter ones would take words out of the text
_KNOWN = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack
    r"|whsec_[\w+/=-]+"  # Standard Webhooks
    r"|(?<=Bearer )[\w.~+/=-]{6,}"
    r"|(?<=hooks\.slack\.com/)\S+"
    r"|(?<=[?&]sig=)[^&\s\"']+"  # Power Automate
)


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
