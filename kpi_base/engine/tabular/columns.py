"""Columns that can be imported, and those of a file that seem to hold them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .reading import Kind


@dataclass(frozen=True)
class TargetColumn:
    """Something that rows say about the records they become.

    :ivar aliases: titles by which it is recognised, beside its key and label
    :ivar choices: text → value, for the kind ``choice``
    :ivar has_periods: whether it may fill several columns, one per period
    """

    key: str
    label: str
    kind: Kind = "text"
    is_required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)
    has_periods: bool = False

    @property
    def names(self) -> set[str]:
        return {_plain(name) for name in (self.key, self.label, *self.aliases)}


def suggest(
    titles: Sequence[str], columns: Sequence[TargetColumn]
) -> dict[int, TargetColumn]:
    """Index of a title → the column it names; each column is suggested once.

    A title must be one of the column's names: similar ones mean something else too
    often, such as “Target date” and “Target”.
    """
    found: dict[int, TargetColumn] = {}
    for place, title in enumerate(titles):
        for column in columns:
            if _plain(title) in column.names and column not in found.values():
                found[place] = column
                break
    return found


def fingerprint(titles: Sequence[str]) -> str:
    """The same for files with the same titles in the same order."""
    return "\n".join(map(_plain, titles))


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", "", title.casefold())
