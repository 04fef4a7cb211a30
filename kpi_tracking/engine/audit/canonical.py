"""One text for one meaning: JSON in the form of RFC 8785, without fractions.

RFC 8785 (JSON Canonicalization Scheme) orders members by the UTF-16 code units of
their names and writes no white space. Numbers with fractions are left out here: their
text depends on how they were computed. Amounts are given as decimal strings.
"""

import json

LARGEST_INTEGER = 2**53 - 1  # exact in every JSON reader (RFC 7493)
DEEPEST = 32


class AuditError(ValueError):
    """Something that cannot be logged or read back; the text says what and where."""


def canonical_text(value: object) -> str:
    """``value`` as canonical JSON.

    :param value: dicts with text keys, lists, texts, whole numbers up to ±(2^53 - 1),
        booleans and None, at most 32 levels deep
    :raises AuditError: anything else, naming its path
    """
    return json.dumps(
        _ordered(value, "$", 0), ensure_ascii=False, separators=(",", ":")
    )


def parse_canonical(text: str) -> object:
    """The value that ``text`` stands for.

    :raises AuditError: not JSON, or not in its canonical form
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AuditError(f"Not JSON: {error}") from error
    if canonical_text(value) != text:
        raise AuditError("The text is not in canonical form.")
    return value


def _ordered(value: object, path: str, depth: int) -> object:
    if depth > DEEPEST:
        raise AuditError(f"{path}: more than {DEEPEST} levels deep.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _whole(value, path)
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, list | tuple):
        return [
            _ordered(item, f"{path}[{place}]", depth + 1)
            for place, item in enumerate(value)
        ]
    if isinstance(value, dict):
        return _members(value, path, depth)
    raise AuditError(
        f"{path}: {type(value).__name__} has no canonical form. Give texts, whole"
        " numbers, or amounts as decimal texts."
    )


def _whole(value: int, path: str) -> int:
    if abs(value) > LARGEST_INTEGER:
        raise AuditError(f"{path}: {value} is beyond 2^53 - 1. Give it as a text.")
    return value


def _text(value: str, path: str) -> str:
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise AuditError(f"{path}: contains a character that cannot be stored.")
    return value


def _members(value: dict, path: str, depth: int) -> dict:
    for name in value:
        if not isinstance(name, str):
            raise AuditError(f"{path}: the name {name!r} is not a text.")
        _text(name, path)
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return {name: _ordered(value[name], f"{path}.{name}", depth + 1) for name in names}
