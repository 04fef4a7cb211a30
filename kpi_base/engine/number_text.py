"""Numbers as a language writes them, quickly, and as a heading shows them."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import repeat

EXACT = 2.0**48  # beyond, the slack would be seen
SLACK = 2.0**-50


def round_half(number: float, digits: int) -> float:
    """Round half away from zero, never to −0, as ``roundDecimals`` of the browser does.

    What is less than a half by the last bits of binary numbers only, as 1.005 is, is
    one: screens, files and mails show the same.
    """
    scaled = abs(number) * 10**digits
    if not scaled < EXACT:  # has no more decimals; or is no number
        return number
    rounded = math.floor(scaled * (1 + SLACK) + 0.5) / 10**digits
    return math.copysign(rounded, number) + 0.0


def group_digits(digits: str, separator: str, grouping: Sequence[int]) -> str:
    """Part a whole number into groups, from its end: 1,234,567 or 12,34,567.

    :param grouping: sizes of the groups; 0 repeats the one before, −1 ends it
    """
    sign = "-" if digits.startswith("-") else ""
    rest = digits.removeprefix("-")
    groups = []
    size = 0
    places = iter(grouping)
    while rest and separator:
        given = next(places, -1)
        if given == -1:
            break
        if given == 0:
            if not size:
                break
            places = repeat(0)
        else:
            size = given
        groups.append(rest[-size:])
        rest = rest[:-size]
    groups += [rest] if rest else []
    return sign + separator.join(reversed(groups))


STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
SIGNIFICANT = 3
THREE = Context(SIGNIFICANT, ROUND_HALF_UP)  # as ``toPrecision`` of the browser


def compact(value: float, most_decimals: int) -> tuple[float, int, str]:
    """``(number, decimals, letter)``: 82,437.2 → (82.4, 1, "k").

    Cards in the browser show the same (``formatting.js``).

    :param most_decimals: decimals of the KPI, for numbers below a thousand
    """
    rounded = float(THREE.create_decimal(Decimal(value)))
    size, letter = next((s for s in STEPS if abs(rounded) >= s[0]), (1.0, ""))
    scaled = rounded / size
    magnitude = math.floor(math.log10(abs(scaled))) if scaled else 0
    decimals = max(0, SIGNIFICANT - 1 - magnitude)
    if not letter:
        return value, min(decimals, most_decimals), ""
    while decimals and round(scaled, decimals - 1) == round(scaled, decimals):
        decimals -= 1  # no zero says more
    return scaled, decimals, letter
