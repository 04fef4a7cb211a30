"""Units as people type them in files."""

from typing import Any


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
