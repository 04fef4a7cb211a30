"""Numbers, units and names as people type and paste them."""

import re
from collections.abc import Sequence
from math import isclose
from typing import Any

from odoo.addons.kpi_base.engine.nearest_names import NearestNames
from odoo.addons.kpi_base.engine.written_number import (
    convert_number,
    find_marks,
    normalize_number,
)

LENGTH = 40  # more than any number that people write
ALIKE = 0.8  # of 1; “cust complaints” and “customer complaints” have 0.88
SHOWN_DECIMALS = 2  # of KPIs whose decimals nobody chose


def parse_number(text: str, decimal_point: str = ".") -> float | None:
    """The number that somebody typed; None where it is none.

    A comma or point before three digits groups thousands, unless it is the only one and
    the language's decimal separator: “1.500” is 1.5 in English and 1500 in German.
    """
    text = normalize_number(text)
    marks = find_marks(text)
    if not marks or len(text) > LENGTH or "e" in text.casefold():
        return None
    # The mark of the language if it fits, otherwise the one that the text needs.
    fitting = [mark for mark in marks if mark == decimal_point]
    mark = min(fitting or marks, key=text.count)
    return convert_number(text, mark)


def count_decimals(value: float) -> int:
    """Decimals that ``value`` is written with, at most ``SHOWN_DECIMALS``.

    Noise of binary fractions, as of 0.1 + 0.2, is none.
    """
    for count in range(SHOWN_DECIMALS):
        if isclose(value, round(value, count), rel_tol=1e-12, abs_tol=1e-9):
            return count
    return SHOWN_DECIMALS


def read_unit(text: str) -> dict[str, Any]:
    """Read the unit of a KPI, as values of its fields.

    :param text: empty and ``number`` have no unit; a word that is not known is a unit
        of its own
    """
    text = text.strip()
    plain = text.casefold()
    if plain in ("", "number", "#"):
        return {"unit": "number"}
    if plain in ("%", "percent", "percentage"):
        return {"unit": "percent", "decimals": 1}
    if plain in ("yes/no", "boolean", "score"):
        return {"unit": "score" if plain == "score" else "boolean"}
    return {"unit": "custom", "unit_symbol": text}


def find_close_name(name: str, known: Sequence[str]) -> str | None:
    """The name of ``known`` that ``name`` most likely stands for; None where none is.

    Names that differ in a number mean different things, however long they are.
    """
    numbers = re.findall(r"\d+", name)
    near = NearestNames(known).find(
        name, 1, ALIKE, lambda other: re.findall(r"\d+", other) == numbers
    )
    return next(iter(near), None)
