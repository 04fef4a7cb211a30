"""The words of each language, from the files in ``words/``.

A file maps ``kind`` or ``kind:value`` to phrases. ``letzt{e,en,er}`` stands for three
words. ``metric:…`` and ``department_name:…`` are names that general language has for
KPIs and departments; ``abbreviation`` maps short forms to words.

In “missed <target>” ``<target>`` is any of ``part:target``, also after one of
``part:its``: “missed its goals”; and ``<not>`` any of ``part:not``.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .tokens import fold, words

LANGUAGES = ("en", "de", "fr", "es")
NAMES = ("metric", "department_name")
FOLDER = Path(__file__).parent / "words"
ENDINGS = re.compile(r"\{([^}]*)\}")

Words = tuple[str, ...]
Meaning = tuple[str, str]  # kind and value


@dataclass(frozen=True)
class Lexicon:
    """Phrases of all languages.

    :param phrases: phrase → language → its meanings
    :param names: kind of name → concept → phrases, of all languages
    :param abbreviations: short form → words that it may stand for
    :param endings: last parts of compound words, in German
    :param parts: words → the parts of phrases that they are, such as ``<target>``
    """

    phrases: dict[Words, dict[str, tuple[Meaning, ...]]]
    names: dict[str, dict[str, frozenset[Words]]]
    abbreviations: dict[str, frozenset[str]]
    endings: tuple[str, ...]
    parts: dict[Words, frozenset[str]]

    def is_plain(self, word: str) -> bool:
        """Check whether a word is one that questions are made of, whatever about."""
        known = self.phrases.get((word,), {})
        kinds = {kind for meanings in known.values() for kind, _ in meanings}
        return bool(kinds) and "word" not in kinds

    def meanings(self, phrase: Words, language: str) -> tuple[Meaning, ...]:
        """What ``phrase`` means: in ``language``, else in English, else anywhere."""
        known = self.phrases.get(phrase)
        if not known:
            return ()
        for one in (language, "en", *LANGUAGES):
            if one in known:
                return known[one]
        return ()


@cache
def load() -> Lexicon:
    """The lexicon, read once per process."""
    phrases: dict[Words, dict[str, list[Meaning]]] = {}
    names: dict[str, dict[str, set[Words]]] = {kind: {} for kind in NAMES}
    short: dict[str, set[str]] = {}
    endings: list[str] = []
    parts: dict[Words, set[str]] = {}
    for language in LANGUAGES:
        content = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
        for form, word in content.pop("abbreviation").items():
            short.setdefault(fold(form), set()).add(fold(word))
        endings += [fold(ending) for ending in content.pop("compound", ())]
        for name in ("target", "not"):
            for phrase in _list_parts(content, name):
                parts.setdefault(phrase, set()).add(f"<{name}:{language}>")
        for key, texts in content.items():
            kind, _, value = key.partition(":")
            if kind == "part":
                continue
            for phrase in (
                _cut(one, language) for text in texts for one in _spell_out(text)
            ):
                if kind in NAMES:
                    names[kind].setdefault(value, set()).add(phrase)
                else:
                    known = phrases.setdefault(phrase, {}).setdefault(language, [])
                    known.append((kind, value))
    return Lexicon(
        {
            phrase: {lang: tuple(found) for lang, found in known.items()}
            for phrase, known in phrases.items()
        },
        {
            kind: {concept: frozenset(known) for concept, known in concepts.items()}
            for kind, concepts in names.items()
        },
        {form: frozenset(known) for form, known in short.items()},
        tuple(sorted(endings, key=len, reverse=True)),
        {phrase: frozenset(names) for phrase, names in parts.items()},
    )


def _cut(text: str, language: str) -> Words:
    """The words of a phrase; what is between ``<`` and ``>`` is one."""
    found: list[str] = []
    for one in text.split():
        is_part = one.startswith("<") and len(one) > 2
        found += [f"{one[:-1]}:{language}>"] if is_part else words(one)
    return tuple(found)


def _list_parts(content: dict[str, list[str]], name: str) -> Iterator[Words]:
    nouns = [words(text) for text in content.get(f"part:{name}", ())]
    yield from nouns
    if name == "target":
        for its in content.get("part:its", ()):
            yield from ((*words(its), *noun) for noun in nouns)


def _spell_out(text: str) -> Iterator[str]:
    """``text`` with each of the endings that its braces list."""
    found = ENDINGS.search(text)
    if not found:
        yield text
        return
    for ending in found[1].split(","):
        yield text[: found.start()] + ending + text[found.end() :]
