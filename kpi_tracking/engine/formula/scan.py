"""First reading of a formula: its length, characters, brackets and order of tokens.

It runs before Python's own parser sees the text, so that hostile text (ten
thousand brackets, quotes, null bytes) never reaches it, and so that the position of a
mistake is reported exactly.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from .errors import FormulaError, Text, _lt

LENGTH_LIMIT = 1000
DEPTH_LIMIT = 60

TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>(),])"
    r"|(?P<space>[ \t\r\n]+)"
)
OPERATOR_WORDS = frozenset({"and", "or", "not", "if", "else"})
REFUSED_WORDS = frozenset(
    "None as assert async await break class continue def del except finally for from "
    "global import in is lambda nonlocal pass raise return try while with "
    "yield".split()
)
NOT_NUMBERS = frozenset({"nan", "inf", "infinity"})  # in any spelling
RESERVED_WORDS = OPERATOR_WORDS | REFUSED_WORDS | NOT_NUMBERS | {"True", "False"}

PERCENT_HINT = _lt(
    "The % sign returns the remainder of a division. Write 50 percent as 0.5."
)
CHARACTER_HINTS = {
    "=": _lt("to compare, write =="),
    "×": _lt("to multiply, write *"),
    "·": _lt("to multiply, write *"),
    "÷": _lt("to divide, write /"),
    "−": _lt("use the keyboard minus: -"),
    "–": _lt("use the keyboard minus: -"),
    "≤": _lt("write <="),
    "≥": _lt("write >="),
    "≠": _lt("write !="),
    "^": _lt("for a power, write **"),
    "&": _lt("write and"),
    "|": _lt("write or"),
    "!": _lt("write not, or != to compare"),
    "~": _lt("write not"),
    "?": _lt("for a condition, write if_(condition, then, otherwise)"),
    ";": _lt("separate arguments with a comma"),
    "[": _lt("use round brackets"),
    "]": _lt("use round brackets"),
    "{": _lt("use round brackets"),
    "}": _lt("use round brackets"),
    "'": _lt("write the KPI code without quotes"),
    '"': _lt("write the KPI code without quotes"),
    "`": _lt("write the KPI code without quotes"),
    "“": _lt("write the KPI code without quotes"),
    "”": _lt("write the KPI code without quotes"),
    "#": _lt("put comments in the KPI's description"),
    "@": _lt("use KPI codes, numbers, operators and functions"),
    "$": _lt("write amounts without a currency sign"),
    "€": _lt("write amounts without a currency sign"),
    ".": _lt("use the KPI code without fields"),
}


@dataclass(frozen=True)
class Token:
    """A word of the formula: ``number``, ``name`` or ``sign``, and its position."""

    kind: str
    text: str
    start: int


def line_and_column(text: str, index: int) -> dict[str, int]:
    """Line and column, from 1, of a position in the text, for ``FormulaError``."""
    index = max(0, min(index, len(text)))
    before = text[:index]
    return {
        "line": before.count("\n") + 1,
        "column": index - (before.rfind("\n") + 1) + 1,
    }


def scan(text: str) -> list[Token]:
    """Tokens of a formula whose every token may stand where it stands.

    :param text: the formula as typed
    :return: tokens in order, without spaces
    :raises FormulaError: too long, empty, an unknown character, brackets that do not
        match or are too deep, two values without an operator, an operator without
        a value, a number that is not finite
    """
    if len(text) > LENGTH_LIMIT:
        raise FormulaError(
            _lt(
                "The formula has %(length)s characters. The limit is %(limit)s. "
                "Split it into several KPIs.",
                length=len(text),
                limit=LENGTH_LIMIT,
            ),
            **line_and_column(text, LENGTH_LIMIT),
        )
    tokens = _tokens(text)
    if not tokens:
        raise FormulaError(_lt("The formula is empty. Example: won / (won + lost)"), 1)
    _check_brackets(text, tokens)
    # Values and operators alternate; a bracket follows a name, never a number.
    wants_value, previous = True, None
    for token in tokens:
        wants_value = _wants_value_after(text, previous, token, wants_value)
        previous = token
    if wants_value:
        raise FormulaError(
            _lt("Missing value after %(before)s.", before=previous.text),
            **line_and_column(text, previous.start + len(previous.text)),
            hints=[PERCENT_HINT] if previous.text == "%" else [],
        )
    return tokens


def _tokens(text: str) -> list[Token]:
    tokens, index = [], 0
    while index < len(text):
        match = TOKEN.match(text, index)
        if match is None:
            raise FormulaError(
                _refuse_character(text[index]), **line_and_column(text, index)
            )
        token = Token(match.lastgroup, match.group(), index)
        if problem := _refuse_word(token):
            raise FormulaError(problem, **line_and_column(text, index))
        index = match.end()
        following = text[index : index + 1]
        if token.kind == "number" and (following.isalpha() or following == "_"):
            problem = _lt(
                "Add an operator or space between %(number)s and %(following)s.",
                number=shorten(token.text),
                following=following,
            )
            raise FormulaError(problem, **line_and_column(text, index))
        if token.kind != "space":
            tokens.append(token)
    return tokens


def _refuse_character(character: str) -> Text:
    """Say what to write instead of a character that no token begins with."""
    plain = unicodedata.normalize("NFKC", character)
    plain = str(unicodedata.digit(character, plain))
    shown = character
    if not character.isprintable() or character.isalnum():  # a look-alike, perhaps
        shown = f"U+{ord(character):04X}"
        if character.isprintable():
            shown = f"{character} ({shown})"
    if character in CHARACTER_HINTS:
        hint = CHARACTER_HINTS[character]
    elif plain.isspace() or not character.isprintable():
        hint = _lt("delete this invisible character or unusual space")
    elif plain != character and plain.isascii():
        hint = _lt("write %(plain)s", plain=plain)
    elif character.isalpha():
        hint = _lt("codes only use the letters a to z")
    else:
        hint = CHARACTER_HINTS["@"]
    return _lt(
        "%(character)s is not allowed: %(hint)s.",
        character=shown,
        hint=hint,
    )


def _refuse_word(token: Token) -> Text | None:
    """Say why a number or a name cannot be used wherever it stands."""
    shown = shorten(token.text)
    if token.kind == "number":
        if re.match(r"0[0-9]", token.text):
            return _lt("Write %(number)s without leading zeros.", number=shown)
        if not math.isfinite(float(token.text)):
            return _lt("%(number)s is too large. The maximum is 1.7e308.", number=shown)
    elif token.text.lower() in NOT_NUMBERS:
        return _lt(
            "%(name)s is not a number. Use coalesce(a, b) to replace missing values.",
            name=token.text,
        )
    elif token.text in REFUSED_WORDS or token.text.startswith("_"):
        return _lt(
            "%(name)s is not allowed. Use KPI codes, numbers, operators and functions.",
            name=shown,
        )
    return None


def _check_brackets(text: str, tokens: list[Token]) -> None:
    opened: list[tuple[Token, bool]] = []  # the bracket, whether it opens a call
    previous = None
    for token in tokens:
        problem, index = None, token.start
        if token.text == "(":
            opened.append((token, previous is not None and _is_name(previous)))
            if len(opened) > DEPTH_LIMIT:
                problem = _lt(
                    "The formula has more than %(limit)s nested brackets. Split it "
                    "into several KPIs.",
                    limit=DEPTH_LIMIT,
                )
        elif token.text == ")" and not opened:
            problem = _lt(
                "This closing bracket has no opening bracket. Remove it or add one."
            )
        elif token.text == ")":
            bracket, is_call = opened.pop()
            if bracket is previous and not is_call:
                problem = _lt("These brackets are empty.")
                index = bracket.start
        elif token.text == "," and not (opened and opened[-1][1]):
            problem = _lt(
                "Use commas only between arguments. Write decimals with a point: 1.5."
            )
        if problem:
            raise FormulaError(problem, **line_and_column(text, index))
        previous = token
    if opened:
        raise FormulaError(
            _lt("This bracket is not closed. Add a )."),
            **line_and_column(text, opened[-1][0].start),
        )


def _wants_value_after(
    text: str, previous: Token | None, token: Token, wants_value: bool
) -> bool:
    """Read a token where a value or an operator is due; say if a value is after it."""
    before = previous.text if previous else ""
    is_value = token.kind == "number" or _is_name(token)
    place = line_and_column(text, token.start)
    if wants_value:
        is_operand = previous is not None and previous.kind == "sign"
        if token.text == "not" and is_operand and before not in ("(", ","):
            raise FormulaError(
                _lt("Add brackets around “not” and its condition."), **place
            )
        if token.text in ("(", "+", "-", "not"):
            return True
        if is_value or (token.text == ")" and before == "("):
            return False
        raise FormulaError(
            _lt("Missing value before %(token)s.", token=token.text),
            **place,
            hints=[PERCENT_HINT] if before == "%" else [],
        )
    is_call = token.text == "(" and _is_name(previous)
    if is_value or token.text == "not" or (token.text == "(" and not is_call):
        problem = _lt(
            "Missing operator between %(before)s and %(token)s.",
            before=shorten(before),
            token=shorten(token.text),
        )
        raise FormulaError(problem, **place)
    return token.text != ")"


def _is_name(token: Token) -> bool:
    """Return whether a token is a KPI's code, a function, True or False."""
    return token.kind == "name" and token.text not in OPERATOR_WORDS


def shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"
