"""Units of numbers in the titles of their columns, or in a column of units.

A factor is never lost: “1.5” below “Value (TEUR)” is in TEUR, as “1.5 TEUR” is.
"""

import re
from collections.abc import Collection, Iterable

from .cells import split_units

_FACTORS = frozenset(
    "k t tsd tausend thousand thousands m mn mm mio mln million millions millionen "
    "bn mrd billion billions lakh lakhs crore crores cr 000 000s".split()
)
_LETTERS = frozenset("tm")  # that are a factor next to a currency only
_TIMES = frozenset(
    "s sec secs second seconds sekunden min mins minute minutes minuten h hr hrs hour "
    "hours std stunden d day days tage".split()
)
_NO_CODES = frozenset(("ALL", "TOP"))  # currencies, and words of titles
_IGNORED = frozenset(("in", "of", "en"))
_SCALED = re.compile(r"[KkTtMm](?P<code>[A-Z]{3})")
_SIGN = r"[%‰$€£¥₹₽₩₺₴₫฿]"
_TOKEN = re.compile(rf"{_SIGN}|[^\W\d_]+|'?000s?")
_NOTHING = re.compile(r"[\s.'’]*")  # between units
_MOST_TOKENS = 4
# “Value (TEUR)”, “Value [€]”, “Value in TEUR”, “Value, %”
_BEHIND = (
    re.compile(r"(?P<name>.*?)[\s,]*[(\[](?P<unit>[^()\[\]]+)[)\]]"),
    re.compile(r"(?P<name>.*?)[\s,]+(?P<unit>(?:in|en)\s+.+)", re.IGNORECASE),
    re.compile(
        rf"(?P<name>.*?)[\s,/-]+(?P<unit>(?:\S+\s+)?(?:[A-Z]{{3,4}}|\S*{_SIGN}))"
    ),
)


def fold_units(texts: Iterable[str | None]) -> frozenset[str]:
    """Units as they are compared: in lower case, without a point at the end.

    ::

        fold_units(["EUR", "kr."])  # {"eur", "kr"}
    """
    parts = [part for text in texts if text for part in (text, *split_units(text))]
    return frozenset(text.rstrip(".").casefold() for text in parts)


def is_factor(unit: str) -> bool:
    """Check whether a unit, as of ``find_units``, is a factor, or has one: “TEUR”."""
    return unit.casefold().strip("'.") in _FACTORS or bool(_SCALED.fullmatch(unit))


def find_units(text: str, known_units: Collection[str]) -> tuple[str, ...]:
    """Units that a text consists of; none where it is, or has, something else.

    ::

        find_units("Mio. €", {"€"})  # ("Mio", "€")
        find_units("net", {"€"})  # ()

    :param known_units: as of ``fold_units``; factors and times are known
    """
    tokens = [token for token in _TOKEN.findall(text) if token not in _IGNORED]
    if not _NOTHING.fullmatch(_TOKEN.sub("", text)) or len(tokens) > _MOST_TOKENS:
        return ()
    if not all(_is_unit(token, known_units) for token in tokens):
        return ()
    is_money = any(_is_money(token, known_units) for token in tokens)
    if not is_money and {token.casefold() for token in tokens} & _LETTERS:
        return ()
    return tuple(tokens)


def split_title(
    title: str, known_units: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """A title without the unit behind it, and that unit.

    ::

        split_title("Revenue (TEUR)", {"eur"})  # ("Revenue", ("TEUR",))
        split_title("Revenue (net)", {"eur"})  # ("Revenue (net)", ())
    """
    for pattern in _BEHIND:
        found = pattern.fullmatch(title.strip())
        units = find_units(found["unit"], known_units) if found else ()
        if units and found["name"].strip():
            return found["name"].strip(), units
    return title, ()


def _is_unit(token: str, known_units: Collection[str]) -> bool:
    folded = token.casefold().lstrip("'")
    if folded in _FACTORS or folded in _TIMES or token in ("%", "‰"):
        return True
    scaled = _SCALED.fullmatch(token)
    is_scaled = bool(scaled) and scaled["code"].casefold() in known_units
    return is_scaled or _is_money(token, known_units)


def _is_money(token: str, known_units: Collection[str]) -> bool:
    """Check whether a word is a known unit; a code of three letters is in capitals."""
    is_code = len(token) == 3 and token.isalpha()
    if is_code and (not token.isupper() or token in _NO_CODES):
        return False
    return token.casefold() in known_units
