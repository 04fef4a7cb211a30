"""A question as words, numbers and signs."""

import re
import unicodedata
from dataclasses import dataclass

MOST_LETTERS = 500
MOST_TOKENS = 80
TOKEN = re.compile(
    r"""
    (?P<isoweek>\d{4}-w\d{1,2}\b)
  | (?P<isoday>\d{4}-\d{1,2}-\d{1,2}\b)
  | (?P<yearquarter>\d{4}[-\s]?q[1-4]\b)
  | (?P<isomonth>\d{4}-\d{2}\b(?!-))
  | (?P<day>\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)(?:\d{4}|\d{2})\b
          | \d{1,2}\.\d{1,2}\.(?!\d)
          | (?:(?<=\bon\s)|(?<=\bsince\s)|(?<=\bfrom\s))\d{1,2}/\d{1,2}(?![\w/.,%]))
  | (?P<clock>\d{1,2}:\d{2}(?:\s?[ap]m\b)?|\d{1,2}\s?[ap]m\b|\d{1,2}h\d{2}\b)
  | (?P<number>(?<![\w.,])[-−]?\d{1,3}(?:[ .,'’]\d{3}(?!\d))+(?:[.,]\d+)?
             | \d+(?:[.,]\d+)?)
  | (?P<sign><=|>=|=<|=>|[≤≥<>=%€$£&*+^])
  | (?P<part>(?:[qt][1-4]|[hs][12]|fy\d{2}|fy\d{4})\b)
  | (?P<word>[^\W\d]\w*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NARROW = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2019": "'"})


@dataclass(frozen=True)
class Token:
    """A word, number or sign.

    :param text: in small letters, without accents
    :param raw: as it was written
    :param is_glued: no space before it: the “h” of “4h”
    """

    kind: str
    text: str
    raw: str
    is_glued: bool = False


def fold(text: str) -> str:
    """``text`` in small letters, without accents, marks and invisible signs."""
    plain = unicodedata.normalize("NFKD", text.translate(_NARROW))
    kept = (
        letter
        for letter in plain
        if unicodedata.category(letter) not in ("Mn", "Cf", "Cc") or letter.isspace()
    )
    return "".join(kept).casefold()


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``; what is neither word, number nor known sign is a gap."""
    visible = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in ("Cf", "Cc")
    )
    tokens, end = [], 0
    composed = unicodedata.normalize("NFC", visible).translate(_NARROW)
    for found in TOKEN.finditer(composed, endpos=len(composed)) if composed else ():
        raw = found.group()
        tokens.append(
            Token(found.lastgroup or "", fold(raw), raw, found.start() == end > 0)
        )
        end = found.end()
    return tokens


def words(text: str) -> tuple[str, ...]:
    """The words of a name as a question has them."""
    return tuple(token.text for token in tokenize(text))


def read_number(text: str, language: str) -> float:
    """The number that ``text`` is, as people of ``language`` write it.

    “1.500” is one and a half in English, and fifteen hundred elsewhere.
    """
    text = text.replace("−", "-").replace(" ", "").replace("'", "")
    marks = [mark for mark in text if mark in ".,"]
    if len(set(marks)) == 2:
        decimal = text[max(text.rfind("."), text.rfind(","))]
        other = "," if decimal == "." else "."
        return float(text.replace(other, "").replace(decimal, "."))
    if len(marks) > 1:
        return float(text.replace(marks[0], ""))
    if (
        marks
        and re.search(r"[.,]\d{3}$", text)
        and not text.lstrip("-").startswith("0")
    ):
        thousands = "," if language == "en" else "."
        if marks[0] == thousands:
            return float(text.replace(thousands, ""))
    return float(text.replace(",", "."))
