"""What is worth saying of a KPI, in which order, and sentences in four languages.

A file per language in ``sentences/`` has a sentence for each kind; what stands in
braces is filled in. Numbers, names and periods come as texts of the reader's language.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .lexicon import LANGUAGES

FOLDER = Path(__file__).parent / "sentences"
MOST = 5  # sentences
LARGEST = 999.0  # a size: after no change at all it is infinite


@dataclass(frozen=True)
class Finding:
    """Something to say of a KPI.

    :ivar kind: of its sentence: a key of the files
    :ivar size: how far outside of usual noise: 1 = at its limit
    :ivar effect: percent of the target that it is about; 0 without a target
    :ivar words: what stands in the sentence
    :ivar period: first day of the period that it is about
    """

    kind: str
    size: float
    effect: float
    words: Mapping[str, str] = field(default_factory=dict)
    period: str = ""


def choose(
    findings: Iterable[Finding], wider: Sequence[Finding] = (), most: int = MOST
) -> list[Finding]:
    """Findings in the order in which they are said: the most unusual first.

    :param wider: of the KPI that this is a part of: what it says is not repeated
    """
    said = {(each.kind, each.period): each.size for each in wider}
    own = [
        each
        for each in findings
        if each.size > said.get((each.kind, each.period), -1.0)
    ]
    return sorted(own, key=lambda each: (-round(each.size, 1), -each.effect))[:most]


def say(finding: Finding, language: str) -> str:
    """The sentence of a finding."""
    text = get_sentences(language)[finding.kind].format_map(finding.words)
    return text[:1].upper() + text[1:]


def get_sentences(language: str) -> dict[str, str]:
    """The sentences of a language such as ``de_DE``; English where there are none."""
    code = language.partition("_")[0]
    return _load(code if code in LANGUAGES else "en")


@cache
def _load(code: str) -> dict[str, str]:
    return json.loads((FOLDER / f"{code}.json").read_text("utf-8"))
