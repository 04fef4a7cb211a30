"""Lists what our terms say often and Odoo's never: candidates for ``words.py``.

``python odoo_words.py``, once per release: prints sequences of one to three words that
occur at least eight times in our templates and never in those of ten addons of Odoo,
the most frequent first, without those that hold one of ``domain_words.txt``: words of
the domain, and plain English that Odoo never needs. Others are added there, or
rewritten.
"""

import importlib.util
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib

from addons import ROOT
from words import clean

ODOO = "base web mail crm sale project account hr stock purchase".split()
LEAST = 8
LONGEST = 3
DOMAIN_WORDS = Path(__file__).with_name("domain_words.txt")
# what ends a sequence of words
BREAK = re.compile(r"[^\w\s’'-]+|§")
WORD = re.compile(r"[a-z][a-z’'-]*")


def sequences(text: str) -> Iterator[str]:
    """Each sequence of one to three words of a text, in lower case."""
    for part in BREAK.split(clean(text).lower()):
        found = WORD.findall(part)
        for size in range(1, LONGEST + 1):
            for start in range(len(found) - size + 1):
                yield " ".join(found[start : start + size])


def count(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each sequence occurs."""
    return Counter(each for text in texts for each in set(sequences(text)))


def unusual(ours: Counter[str], odoo: Counter[str], domain: set[str]) -> list[str]:
    """Sequences that are ours alone; a longer one only if no shorter one within is.

    :param domain: ours for good reason, as are sequences that one of them is part of
    """
    known = {
        each
        for each, number in ours.items()
        if number >= LEAST and each not in odoo and domain.isdisjoint(sequences(each))
    }
    found = [each for each in known if not _holds_shorter(each, known)]
    return sorted(found, key=lambda each: (-ours[each], each))


def _holds_shorter(sequence: str, known: set[str]) -> bool:
    return any(each != sequence and each in known for each in sequences(sequence))


def texts(files: Iterable[Path]) -> Iterator[str]:
    """The terms of templates, each once."""
    yield from {entry.msgid for file in files for entry in polib.pofile(str(file))}


def templates_of_odoo() -> list[Path]:
    """Templates of the ten addons in the Odoo that is installed."""
    spec = importlib.util.find_spec("odoo")
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    parents = [folder / "addons" for folder in folders]
    parents += [folder.parent / "addons" for folder in folders]
    found = {
        name: parent / name / "i18n" / f"{name}.pot"
        for parent in parents
        for name in ODOO
        if (parent / name / "i18n" / f"{name}.pot").exists()
    }
    if missing := set(ODOO) - set(found):
        raise SystemExit(f"no templates of {', '.join(sorted(missing))}")
    return list(found.values())


def main() -> None:
    lines = DOMAIN_WORDS.read_text(encoding="utf-8").splitlines()
    domain = {line for line in lines if not line.startswith("#")}
    ours = count(texts(ROOT.glob("*/i18n/*.pot")))
    odoo = count(texts(templates_of_odoo()))
    for each in unusual(ours, odoo, domain):
        print(f"{ours[each]:5d}  {each}")


if __name__ == "__main__":
    main()
