"""Names that are written almost as others."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

ALIKE = 0.8  # of 1; “cust complaints” and “customer complaints” have 0.88


def find_close_name(name: str, known: Sequence[str]) -> str | None:
    """The name of ``known`` that ``name`` most likely stands for; None where none is.

    Names that differ in a number mean different things, however long they are.
    """
    numbers = re.findall(r"\d+", name)
    alike = [other for other in known if re.findall(r"\d+", other) == numbers]
    return next(iter(get_close_matches(name, alike, 1, ALIKE)), None)
