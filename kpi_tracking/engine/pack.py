"""Packs: KPIs and what belongs to them as one JSON document, read strictly.

A document names its format and version and holds sections, lists of entries. What may
stand in an entry is declared with :class:`Key`; everything else is refused, with its
position. Nothing here knows a database.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from odoo.addons.kpi_base.engine.postgres import is_finite, is_storable

from .formula.errors import Text, _lt

FORMAT = "kpi.pack"
VERSION = 1
LARGEST = 20_000_000  # characters of a document
MOST_ENTRIES = 20_000  # of a section
PROBLEMS_SHOWN = 20
HEADER = ("format", "version", "name", "description", "icon")

Kind = Literal["text", "integer", "number", "boolean", "date", "texts", "entries"]
Entry = dict[str, Any]


class PackError(ValueError):
    """A document that cannot be used: every problem found, each with its position."""

    def __init__(self, *problems: Text) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Key:
    """Values allowed under a key of an entry.

    :param kind: of the value; ``null`` is allowed where the key is not required
    :param choices: the values that a text may have; empty = any
    :param keys: of the entries within, where the kind is ``entries``
    """

    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    keys: Mapping[str, Key] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Section:
    """A list of entries in a document.

    :param keys: what an entry may say
    :param identity: the keys that tell entries apart
    """

    name: str
    keys: Mapping[str, Key] = field(hash=False)
    identity: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A key whose value differs; ``old`` and ``new`` as in an entry."""

    key: str
    old: Any
    new: Any


def read(text: str | bytes, sections: Iterable[Section]) -> dict[str, Any]:
    """The document, checked against ``sections``.

    :param text: JSON; bytes in UTF-8, a byte order mark is allowed
    :return: as written, with every section, empty where it is missing
    :raises PackError: naming up to ``PROBLEMS_SHOWN`` problems
    """
    sections = list(sections)
    document = _parse_document(text)
    _check_header(document, [section.name for section in sections])
    problems: list[Text] = []
    for section in sections:
        entries = document.get(section.name)
        if entries is not None:
            found = list(_list_problems(entries, section.keys, section.name))
            problems += found or _duplicates(entries, section)
    if len(problems) > PROBLEMS_SHOWN:
        rest = _lt("… and %(count)s more.", count=len(problems) - PROBLEMS_SHOWN)
        problems[PROBLEMS_SHOWN:] = [rest]
    if problems:
        raise PackError(*problems)
    return {**{section.name: [] for section in sections}, **document}


def write(name: str, sections: Mapping[str, list[Entry]]) -> str:
    """A document of the current version, indented, for people to read and compare."""
    header = {"format": FORMAT, "version": VERSION, "name": name}
    document = {**header, **{key: rows for key, rows in sections.items() if rows}}
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n"


def changes(old: Entry, new: Entry) -> list[Change]:
    """List where ``new`` differs from ``old``, by the keys that ``new`` has."""
    return [
        Change(key, old.get(key), value)
        for key, value in new.items()
        if not _same(old.get(key), value)
    ]


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, float) or isinstance(new, float):
        numbers = isinstance(old, int | float) and isinstance(new, int | float)
        return numbers and math.isclose(old, new, rel_tol=1e-12, abs_tol=1e-12)
    if old in (None, "", []) and new in (None, "", []):
        return True
    return old == new


def _parse_document(text: str | bytes) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise PackError(_lt("The file exceeds %(size)s MB.", size=20))
    problem = None
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        document = json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_refuse_json_constant
        )
    except UnicodeDecodeError:
        problem = _lt("Not a KPI pack: the file is not UTF-8 text.")
    except json.JSONDecodeError as error:
        problem = _lt(
            "Not a KPI pack: invalid JSON at line %(line)s, column %(column)s.",
            line=error.lineno,
            column=error.colno,
        )
    except PackError:
        raise
    except ValueError:  # Python reads integers up to some thousand digits
        problem = _lt("Not a KPI pack: a number is too long.")
    except RecursionError:
        problem = _lt("Not a KPI pack: nested too deeply.")
    if problem:
        raise PackError(problem)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        text = _lt("Not a KPI pack: “format” must be “%(format)s”.", format=FORMAT)
        raise PackError(text)
    return document


def _unique_keys(pairs: list[tuple[str, Any]]) -> Entry:
    found: Entry = {}
    for key, value in pairs:
        if key in found:
            raise PackError(_lt("“%(key)s” is duplicated.", key=key))
        found[key] = value
    return found


def _refuse_json_constant(name: str) -> None:
    raise PackError(_lt("%(name)s is not a valid number.", name=name))


def _check_header(document: Entry, sections: Collection[str]) -> None:
    version = document.get("version")
    if not _is_integer(version) or version < 1:
        raise PackError(_lt("“version” must be a positive whole number."))
    if version > VERSION:
        problem = _lt(
            "Pack version %(version)s is newer than %(known)s. Update KPI Tracking "
            "first.",
            version=version,
            known=VERSION,
        )
        raise PackError(problem)
    unknown = [key for key in document if key not in (*HEADER, *sections)]
    if unknown:
        problem = _lt(
            "Unknown sections: “%(keys)s”. Check that the required apps are installed.",
            keys="”, “".join(unknown),
        )
        raise PackError(problem)
    for key in HEADER[2:]:
        if not isinstance(document.get(key, ""), str):
            raise PackError(_lt("“%(key)s” must be text.", key=key))


def _list_problems(
    entries: Any, keys: Mapping[str, Key], position: str | Text
) -> Iterator[Text]:
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        yield _lt(
            "%(position)s: must be a list of up to %(most)s entries.",
            position=position,
            most=MOST_ENTRIES,
        )
        return
    for number, entry in enumerate(entries, start=1):
        yield from _entry_problems(
            entry, keys, _lt("%(list)s, entry %(number)s", list=position, number=number)
        )


def _entry_problems(
    entry: Any, keys: Mapping[str, Key], position: Text
) -> Iterator[Text]:
    if not isinstance(entry, dict):
        yield _lt("%(position)s: use “key”: value pairs.", position=position)
        return
    named = entry.get("code") or entry.get("name")
    if isinstance(named, str):
        position = _lt("%(position)s (%(name)s)", position=position, name=named[:100])
    for key in entry:
        if key not in keys:
            yield _lt("%(position)s: “%(key)s” is unknown.", position=position, key=key)
    for key, wanted in keys.items():
        if wanted.required and entry.get(key) in (None, ""):
            yield _lt("%(position)s: “%(key)s” is missing.", position=position, key=key)
    for key, value in entry.items():
        if key in keys and value is not None:
            place = _lt("%(position)s, “%(key)s”", position=position, key=key)
            yield from _value_problems(value, keys[key], place)


def _value_problems(value: Any, key: Key, position: Text) -> Iterator[Text]:
    if key.kind == "entries":
        yield from _list_problems(value, key.keys, position)
        return
    fits, wanted = KINDS[key.kind]
    if not fits(value):
        yield _lt("%(position)s: %(wanted)s", position=position, wanted=wanted)
    elif key.choices and value not in key.choices:
        yield _lt(
            "%(position)s: replace “%(value)s” with one of: %(choices)s.",
            position=position,
            value=str(value)[:100],
            choices=", ".join(key.choices),
        )


def _duplicates(entries: list[Entry], section: Section) -> Iterator[Text]:
    seen: set[tuple[Any, ...]] = set()
    for entry in entries:
        identity = tuple(str(entry.get(key)) for key in section.identity)
        if section.identity and identity in seen:
            yield _lt(
                "%(section)s: “%(name)s” appears twice.",
                section=section.name,
                name=", ".join(identity),
            )
        seen.add(identity)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and is_storable(value)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


# What a value is to be, and the words for it.
KINDS = {
    "text": (_is_text, _lt("must be text.")),
    "integer": (
        lambda value: _is_integer(value) and abs(value) < 2**31,
        _lt("must be a whole number."),
    ),
    "number": (
        lambda value: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and is_finite(value)
        ),
        _lt("must be a number."),
    ),
    "boolean": (
        lambda value: isinstance(value, bool),
        _lt("must be true or false."),
    ),
    "date": (_is_date, _lt("must be a date such as 2026-01-31.")),
    "texts": (
        lambda value: isinstance(value, list) and all(map(_is_text, value)),
        _lt("must be a list of texts."),
    ),
}
