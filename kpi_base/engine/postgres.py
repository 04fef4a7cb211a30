"""Values as PostgreSQL takes them: finite numbers, texts, lines of COPY, arrays.

::

    lines = "".join(copy_line(row) for row in rows if is_finite(row[2]))
    cr._obj.copy_expert("COPY staging FROM STDIN", StringIO(lines))
"""

import math
import re
from collections.abc import Iterable
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and halves of characters
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def is_finite(number: Any) -> bool:
    """Check whether ``number`` is, or as a text names, a finite number.

    Columns of the type ``float8`` hold those; an integer beyond all floats is none.
    """
    try:
        return math.isfinite(float(number))
    except (OverflowError, TypeError, ValueError):
        return False


def is_storable(value: object) -> bool:
    """Check whether texts and JSON can hold all of ``value``: no infinity, no NUL.

    Lists, tuples, sets and dicts are looked into.
    """
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    if isinstance(value, dict):
        return all(map(is_storable, value)) and all(map(is_storable, value.values()))
    if isinstance(value, list | tuple | set):
        return all(map(is_storable, value))
    return not isinstance(value, float) or math.isfinite(value)


def copy_line(cells: Iterable[object]) -> str:
    """One line of ``COPY … FROM STDIN`` in its text format; None is NULL."""
    texts = [
        "\\N"
        if cell is None
        else cell.translate(_ESCAPES)
        if isinstance(cell, str)
        else str(cell)
        for cell in cells
    ]
    return "\t".join(texts) + "\n"


def array_text(cells: Iterable[object]) -> str:
    """An array literal; None is NULL.

    :param cells: numbers, dates and plain words, which need no quotes
    """
    return "{" + ",".join(["NULL" if c is None else str(c) for c in cells]) + "}"
