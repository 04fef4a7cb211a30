"""Parts of a formula as texts: the KPIs in them by name, and the unit they are in."""

import re
from collections.abc import Container, Mapping

CODE = re.compile(r"\b[A-Za-z_]\w*")
# Functions whose result is in the unit of the KPI that they are asked about.
SAME_UNIT = re.compile(
    r"(?:abs|baseline|prev|rolling|round|target|ytd)\(\s*(\w+)\s*(?:,[^()]*)?\)\Z"
)


def name_codes(text: str, names: Mapping[str, str]) -> str:
    """Put the names of KPIs, in quotes, for their codes in a part of a formula.

    :param names: code → name; other words of ``text`` stay
    """

    def word(match: re.Match[str]) -> str:
        code = match[0]
        return f"“{names[code]}”" if code in names else code

    return CODE.sub(word, text)


def find_unit_code(text: str, codes: Container[str]) -> str | None:
    """Code of the KPI in whose unit a part of a formula is; None where there is none.

    :param codes: those of the formula's KPIs
    """
    code = text if text in codes else SAME_UNIT.sub(r"\1", text)
    return code if code in codes else None
