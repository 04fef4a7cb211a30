"""Texts that people write for their alerts, with names in braces for what changes.

Nothing in them is run: a name stands for one text, and ``{{`` for a brace.
"""

import re
from collections.abc import Mapping

_PIECES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class MessageTextError(ValueError):
    """A text that cannot be filled in.

    :ivar name: the name that is unknown; empty = a brace stands alone
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"unknown name {name!r}" if name else "a brace stands alone")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Write ``values`` in the place of their names: “{kpi} is at {value}”.

    :raises MessageTextError: a name without a value, or a brace that stands alone
    """

    def replace(match: re.Match) -> str:
        found = match.group(0)
        if found in ("{{", "}}"):
            return found[0]
        name = (match.group(1) or "").strip()
        if name not in values:
            raise MessageTextError(name)
        return values[name]

    return _PIECES.sub(replace, text)
