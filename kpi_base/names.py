"""Records by the names that people write, in any case."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from .engine.nearest_names import NearestNames

NEAREST = 3  # names that are offered for one that is not there
ALIKE = 0.6  # of their letters, from 0 to 1


def get_name_domain(name, path="name"):
    """Domain of what has this name in any case; ``%`` and ``_`` are letters in it.

    :param path: the field that holds the name
    """
    return Domain(path, "=ilike", escape_psql(name))


def find_named(records, name, domain=Domain.TRUE):
    """The record of this name; without one, of the same name in another case."""
    found = records.search(get_name_domain(name) & domain)
    return (found.filtered(lambda each: each.name == name) or found)[:1]


def fold_name(text: str) -> str:
    """A name as it is compared: ``Operations /  SUPPORT`` → ``operations/support``.

    Neither case nor shapes of letters, runs of spaces or those around “/” count.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFKC", folded)
    return re.sub(" ?/ ?", "/", " ".join(folded.split()))


class NameIndex:
    """Finds the records that the texts of a file name, in a constant number of queries.

    What is spelled exactly as the text decides; all names are read, once, for the
    texts that nothing is spelled as::

        names = ("name", "complete_name")
        index = NameIndex(env["hr.department"], names, "complete_name")
        index.look_up(texts)
        (department,) = index.find("operations/support", lambda one: not one.company_id)
    """

    def __init__(
        self,
        records: Any,
        names: tuple[str, ...],
        key: str = "",
        domain=Domain.TRUE,
        *,
        is_large: bool = False,
    ):
        """
        :param names, key: fields; the key identifies a record
        :param is_large: too many to read all names: only what is spelled exactly is
            found, and none is near another one
        """
        self.records, self.names, self.key, self.domain = records, names, key, domain
        self.is_large = is_large
        self._exact: dict[str, list] = {}

    def look_up(self, texts: Iterable[str]) -> None:
        """Read the records that are spelled as one of the texts."""
        new = set(texts) - self._exact.keys()
        if not new:
            return
        self._exact |= {text: [] for text in new}
        # Others are compared in Python: Odoo's search asks for each text by itself.
        fields = self.records._fields
        stored = [one for one in self.names if fields[one].store or fields[one].related]
        same = Domain.OR([Domain(name, "in", list(new)) for name in stored])
        for record in self.records.search(self.domain & same):
            for text in {record[name] for name in stored} & new:
                self._exact[text].append(record)

    def find(self, text: str, is_usable: Callable[[Any], bool] = bool) -> list:
        """The records that ``text`` may stand for; of several, people choose."""
        exact = [one for one in self._exact.get(text, ()) if is_usable(one)]
        if exact or self.is_large:
            return exact
        same = [one for one in self._folded.get(fold_name(text), ()) if is_usable(one)]
        spelled = [one for one in same if text in {one[name] for name in self.names}]
        return spelled or same

    def find_ids(
        self,
        texts: Iterable[str],
        is_usable: Callable[[Any], bool] = bool,
    ) -> dict[str, list[int]]:
        """Text → ids of the records that it may stand for; without those of none."""
        self.look_up(texts)
        found = {text: self.find(text, is_usable) for text in texts}
        ids = {text: [one.id for one in same] for text, same in found.items()}
        return {text: same for text, same in ids.items() if same}

    def find_nearest(self, text: str, is_usable: Callable[[Any], bool] = bool) -> list:
        """``(text, label)`` of records of a name like ``text``, the nearest first."""
        if self.is_large:
            return []
        near = self._nearest.find(
            fold_name(text),
            NEAREST,
            ALIKE,
            lambda name: any(map(is_usable, self._folded[name])),
        )
        same = (one for name in near for one in self._folded[name] if is_usable(one))
        return self.describe(same)[:NEAREST]

    def describe(self, records: Iterable[Any]) -> list:
        """``(text, label)`` of records, each once: what names it, what is shown."""
        return list(dict.fromkeys(map(self._describe, records)))

    def search(self, term: str, limit: int, is_usable=bool) -> list:
        """``(text, label)`` of records in whose name ``term`` is, in order."""
        part = fold_name(term)
        if self.is_large:
            like = Domain.OR(Domain(name, "ilike", term) for name in self.names)
            some = self.records.search(self.domain & like, limit=limit)
            return self.describe(filter(is_usable, some))
        found = {
            self._describe(one)
            for name, same in self._folded.items()
            if part in name
            for one in same
            if is_usable(one)
        }
        return sorted(found, key=lambda each: each[1].casefold())[:limit]

    def _describe(self, record: Any) -> tuple[str, str]:
        text, label = record[self.key], record.display_name
        return text, label if text == label else f"{label} ({text})"

    @cached_property
    def _nearest(self) -> NearestNames:
        return NearestNames(self._folded)

    @cached_property
    def _folded(self) -> dict[str, list]:
        found = defaultdict(list)
        for record in self.records.search_fetch(self.domain, self.names):
            names = {record[name] for name in self.names} - {False}
            for folded in {fold_name(name) for name in names}:
                found[folded].append(record)
        return found
