"""The names that somebody may ask for, and how they are found in a question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from odoo.addons.kpi_base.engine.periods import CalendarSpec

from . import lexicon
from .lexicon import Words
from .spelling import Speller
from .tokens import words

Thing = tuple[str, str]  # “metric”, “department” or “person”, and its key


@dataclass(frozen=True)
class Metric:
    """A KPI as questions name it.

    :param names: its name, other names of it, its code
    :param unit: ``%``, ``EUR``, ``hours``, ``days``, ``count``, …
    :param better: ``higher`` or ``lower``
    :param is_additive: a year is the sum of its months
    """

    code: str
    names: tuple[str, ...]
    unit: str = "count"
    better: str = "higher"
    is_additive: bool = False


@dataclass(frozen=True)
class Catalogue:
    """All that one user may ask for. Made once, read many times.

    :param departments: key → names
    :param people: key → names; parts of a name count where they are one person's
    :param calendar: by which “last month” is read
    :param day_first: “03/04/2026” is in April
    """

    metrics: tuple[Metric, ...] = ()
    departments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calendar: CalendarSpec = CalendarSpec()
    day_first: bool = False

    @cached_property
    def by_code(self) -> dict[str, Metric]:
        return {metric.code: metric for metric in self.metrics}

    @cached_property
    def index(self) -> "Index":
        return Index(self)


class Index:
    """Finds things by their names.

    :ivar strong: names as the catalogue has them → things
    :ivar weak: names that general language has for them, and parts of people's
    :ivar people: parts of people's names
    :ivar plain: names made of words that questions are made of, such as “Last month”
    :ivar several: names of general language that mean more than one concept
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.strong: dict[Words, set[Thing]] = {}
        self.weak: dict[Words, set[Thing]] = {}
        self.several: set[Words] = set()
        self._words = lexicon.load()
        for metric in catalogue.metrics:
            self._add(self.strong, metric.names, ("metric", metric.code))
        for kind, things in (
            ("department", catalogue.departments),
            ("person", catalogue.people),
        ):
            for key, names in things.items():
                self._add(self.strong, names, (kind, key))
        for key, names in catalogue.people.items():
            parts = (part for name in names for part in words(name) if len(part) > 2)
            self._add(self.weak, parts, ("person", key))
        self.people = self.weak.keys() - self.strong.keys()
        self._add_general("metric", "metric")
        self._add_general("department", "department_name")
        self.plain = {
            phrase for phrase in self.strong if all(map(self._words.is_plain, phrase))
        }
        self.prefixes = {
            phrase[:length]
            for phrases in (self.strong, self.weak, self._words.phrases)
            for phrase in phrases
            for length in range(1, len(phrase) + 1)
        }
        self.speller = Speller(word for prefix in self.prefixes for word in prefix[-1:])

    def find(self, phrase: Words) -> frozenset[Thing]:
        """The things called ``phrase``: by the catalogue, else by general language."""
        return frozenset(self.strong.get(phrase) or self.weak.get(phrase) or ())

    def has_name_part(self, word: str) -> bool:
        return (word,) in self.strong or (word,) in self.weak

    @staticmethod
    def _add(
        names: dict[Words, set[Thing]], texts: Iterable[str], thing: Thing
    ) -> None:
        for phrase in filter(None, map(words, texts)):
            names.setdefault(phrase, set()).add(thing)

    def _add_general(self, kind: str, kind_of_names: str) -> None:
        """Let things of which one name is known go by all names of their concept."""
        meant: dict[Words, set[str]] = {}
        for concept, phrases in self._words.names[kind_of_names].items():
            things = {
                thing
                for phrase in phrases
                for thing in self.strong.get(phrase, ())
                if thing[0] == kind
            }
            for phrase in phrases:
                meant.setdefault(phrase, set()).add(concept)
                if things:
                    self.weak.setdefault(phrase, set()).update(things)
        self.several |= {phrase for phrase, found in meant.items() if len(found) > 1}
