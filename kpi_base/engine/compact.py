"""Numbers as a heading shows them: three significant digits, thousands as a letter."""

import math

STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
SIGNIFICANT = 3


def compact(value: float, most_decimals: int) -> tuple[float, int, str]:
    """``(number, decimals, letter)``: 82,437.2 → (82.4, 1, "k").

    Cards in the browser show the same (``kpi_format.js``).

    :param most_decimals: decimals of the KPI, for numbers below a thousand
    """
    rounded = float(f"{value:.{SIGNIFICANT}g}")
    size, letter = next((s for s in STEPS if abs(rounded) >= s[0]), (1.0, ""))
    scaled = rounded / size
    magnitude = math.floor(math.log10(abs(scaled))) if scaled else 0
    decimals = max(0, SIGNIFICANT - 1 - magnitude)
    if not letter:
        return value, min(decimals, most_decimals), ""
    while decimals and round(scaled, decimals - 1) == round(scaled, decimals):
        decimals -= 1  # no zero says more
    return scaled, decimals, letter
