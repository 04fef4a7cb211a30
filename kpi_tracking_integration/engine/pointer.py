"""JSON pointers (RFC 6901): where in a document something stands."""

import re
from functools import lru_cache
from typing import Any

from odoo.addons.kpi_base.engine.nesting import MOST_LEVELS

LONGEST = 1024  # characters
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_WRONG = re.compile(r"~(?![01])")


class PointerFault(ValueError):
    """A text that is no pointer."""


@lru_cache(1024)  # of each row of a message
def parse_pointer(text: str) -> tuple[str, ...]:
    """The names and numbers that lead there; empty = the whole document.

    :raises PointerFault: it does not begin with “/”, or leads too deep
    """
    if text and not text.startswith("/") or len(text) > LONGEST or _WRONG.search(text):
        raise PointerFault(text)
    steps = text.split("/")[1:]
    if len(steps) > MOST_LEVELS:
        raise PointerFault(text)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def find(document: Any, steps: tuple[str, ...]) -> Any:
    """What stands there.

    :raises LookupError: nothing
    """
    for step in steps:
        if isinstance(document, dict):
            document = document[step]
        elif isinstance(document, list) and _INDEX.fullmatch(step):
            document = document[int(step)]
        else:
            raise LookupError(step)
    return document
