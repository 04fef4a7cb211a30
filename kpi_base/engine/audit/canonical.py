"""One text for one meaning: JSON in the form of RFC 8785, without fractions.

RFC 8785 (JSON Canonicalization Scheme) orders members by the UTF-16 code units of
their names and writes no white space. Numbers with fractions are left out here: their
text depends on how they were computed. Amounts are given as decimal strings.
"""

import json
from dataclasses import dataclass

LARGEST_INTEGER = 2**53 - 1  # exact in every JSON reader (RFC 7493)
DEEPEST = 32
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_write_sorted = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True
).encode


@dataclass(frozen=True)
class AuditFault:
    """Something in the log that is not as it was written.

    :param kind: ``changed`` = the text does not give its hash; ``missing`` = a position
        has no entry; ``reordered`` = an entry does not follow the one before it;
        ``truncated`` = the head counts more entries; ``head`` = the head has another
        hash than the last entry; ``anchor`` = the entries do not give the root that was
        anchored, or its signature is not of the key. Of a database only: ``columns`` =
        a column differs from the entry's text; ``row`` = the row made with the entry
        says otherwise, is missing, or has no entry; ``personal`` = the personal text is
        not the one logged
    :param model, res_id: of the chain; empty for an anchor
    :param seq: position in the chain, 0 for a row without entry; for an anchor its
        number of entries
    :param row: model and id of the row that does not fit; 0 where it is missing
    :param about: model and id of what that row belongs to
    """

    kind: str
    model: str
    res_id: int
    seq: int
    row: tuple[str, int] | None = None
    about: tuple[str, int] | None = None


class AuditError(ValueError):
    """Something that cannot be logged or read back; the text says what and where."""


def canonical_text(value: object) -> str:
    """``value`` as canonical JSON.

    :param value: dicts with text keys, lists, texts, whole numbers up to ±(2^53 - 1),
        booleans and None, at most 32 levels deep
    :raises AuditError: anything else, naming its path
    """
    if _is_plain(value, 0):
        return _write_sorted(value)
    return _write(_normalize(value, "$", 0))


def parse_json(text: str) -> object:
    """The value that ``text`` stands for, in whatever form.

    :raises AuditError: not JSON, or nested too deeply to be read
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise AuditError(f"Not JSON: {error}") from error
    except RecursionError as error:
        raise AuditError("Not read: it is nested too deeply.") from error


def parse_canonical(text: str) -> object:
    """The value that ``text`` stands for.

    :raises AuditError: not JSON, or not in its canonical form
    """
    value = parse_json(text)
    if canonical_text(value) != text:
        raise AuditError("The text is not in canonical form.")
    return value


def _is_plain(value: object, depth: int) -> bool:
    """Check whether all is surely canonical once the members stand in the usual order.

    Nearly all entries are so plain; the others are looked at part by part.
    """
    if not isinstance(value, dict) or depth > DEEPEST:
        return False
    for name, member in value.items():
        kind = type(member)
        if kind is str:
            is_plain = member.isprintable()  # so all signs of it can be stored
        elif kind is int:
            is_plain = -LARGEST_INTEGER <= member <= LARGEST_INTEGER
        else:
            is_plain = member is None or _is_plain(member, depth + 1)
        # UTF-16 orders names in ASCII as Python does
        is_ascii = isinstance(name, str) and name.isascii() and name.isprintable()
        if not (is_plain and is_ascii):
            return False
    return True


def _normalize(value: object, path: str, depth: int) -> object:
    if depth > DEEPEST:
        raise AuditError(f"{path}: more than {DEEPEST} levels deep.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise AuditError(f"{path}: {value} is beyond 2^53 - 1. Give it as a text.")
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, list | tuple):
        return [
            _normalize(item, f"{path}[{place}]", depth + 1)
            for place, item in enumerate(value)
        ]
    if isinstance(value, dict):
        return _members(value, path, depth)
    raise AuditError(
        f"{path}: {type(value).__name__} has no canonical form. Give texts, whole"
        " numbers, or amounts as decimal texts."
    )


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
    return {
        name: _normalize(value[name], f"{path}.{name}", depth + 1) for name in names
    }
