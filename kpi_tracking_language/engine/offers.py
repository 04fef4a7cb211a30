"""Questions that may be meant by one that was not understood, each of them complete."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from . import lexicon
from .catalogue import Catalogue
from .intent import ACTIONS, Intent
from .tokens import tokenize

MAX_OFFERS = 3
MAX_TRIED = 12
MIN_LIKENESS = 0.6  # of a correction, from 0 to 1
# words that change what a question means: none of them is dropped
DECISIVE = {
    "not", "except", "neither", "nor", "but", "or", "num", "ord", "cmp", "row",
    "half_more", "alert", "stop", "send", "tell", "when", "forbidden", "status",
    "target", "vs", "compare", "unit", "rel", "previous",
}  # fmt: skip

# A question → what it asks for.
Read = Callable[[str], Intent]


@dataclass(frozen=True)
class Offer:
    """A question that is answered if it is asked.

    :param struck: words of the first question that it leaves out
    """

    question: str
    struck: tuple[str, ...] = ()


def find_offers(
    text: str,
    refused: Intent,
    catalogue: Catalogue,
    names: Mapping[str, Sequence[str]],
    read: Read,
) -> list[Offer]:
    """Up to three questions that may be meant, the likeliest first.

    A correction of the words that were not understood, the question without them, and
    with a name that holds one of them. None asks for an action, and none leaves out a
    number or a word such as “not” and “except”.

    :param refused: what was read of ``text``
    :param names: word of ``refused`` → full names that hold it, the likeliest first
    :param read: how a question is read
    """
    kinds = (
        iter(_correct(text, refused.words, catalogue)),
        iter(_leave_out(text, refused.words)),
        iter(_name(text, refused.words, names)),
    )
    found: list[Offer] = []
    seen = {text}
    for offer in _take_turns(kinds):
        if offer.question in seen or len(seen) > MAX_TRIED:
            continue
        seen.add(offer.question)
        intent = read(offer.question)
        if intent.kind != "clarify" and intent.kind not in ACTIONS:
            found.append(offer)
        if len(found) == MAX_OFFERS:
            break
    return found


def _take_turns(kinds: Iterable[Iterator[Offer]]) -> Iterator[Offer]:
    """The first of each kind, then the second, …"""
    waiting = list(kinds)
    while waiting:
        for kind in list(waiting):
            offer = next(kind, None)
            if offer is None:
                waiting.remove(kind)
            else:
                yield offer


def _correct(text: str, words: Sequence[str], catalogue: Catalogue) -> Iterator[Offer]:
    """The question with other words for those that nobody knows."""
    suggested = {word: _suggest(word, catalogue) for word in words}
    suggested = {word: found for word, found in suggested.items() if found}
    if not suggested:
        return
    for place in range(max(map(len, suggested.values()))):
        question = text
        for word, found in suggested.items():
            question = _replace(question, word, found[min(place, len(found) - 1)])
        yield Offer(question)


def _suggest(word: str, catalogue: Catalogue) -> list[str]:
    """Known words with up to two slips, the most alike first."""
    folded = [token.text for token in tokenize(word)]
    if len(folded) != 1:
        return []
    speller = catalogue.index.speller
    if folded[0] in speller.vocabulary:
        return []
    found = set(speller.suggest(folded[0]))
    for place in range(len(folded[0])):
        found |= speller.suggest(folded[0][:place] + folded[0][place + 1 :])
    alike = {one: SequenceMatcher(None, folded[0], one).ratio() for one in found}
    close = [one for one in found if alike[one] >= MIN_LIKENESS]
    return sorted(close, key=lambda one: (-alike[one], one))[:MAX_OFFERS]


def _leave_out(text: str, words: Sequence[str]) -> Iterator[Offer]:
    """The question without the words that were not understood."""
    if not words or any(map(_is_decisive, words)):
        return
    question = text
    for word in words:
        question = _replace(question, word, "")
    yield Offer(" ".join(question.split()), tuple(words))


def _is_decisive(word: str) -> bool:
    tokens = tokenize(word)
    phrases = lexicon.load().phrases
    texts = tuple(token.text for token in tokens)
    known = [phrases.get(texts, {}), *(phrases.get((one,), {}) for one in texts)]
    kinds = {
        kind for meanings in known for found in meanings.values() for kind, _ in found
    }
    has_figure = any(token.kind != "word" for token in tokens)
    return not tokens or has_figure or bool(kinds & DECISIVE)


def _name(
    text: str, words: Sequence[str], names: Mapping[str, Sequence[str]]
) -> Iterator[Offer]:
    """The question with a full name in the place of a word of it."""
    for word in words:
        for name in names.get(word, ()):
            yield Offer(_replace(text, word, name))


def _replace(text: str, word: str, other: str) -> str:
    """``text`` with ``other`` in the place of ``word``, the first time it is there."""
    pattern = r"\s+".join(map(re.escape, word.split()))
    found = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    if not found:
        return text
    return text[: found.start()] + other + text[found.end() :]


def mark_struck(text: str, struck: Sequence[str]) -> list[tuple[str, bool]]:
    """``text`` in parts, each with whether it is left out."""
    parts = [(text, False)]
    for word in struck:
        at, (whole, _) = len(parts) - 1, parts[-1]
        pattern = r"\s+".join(map(re.escape, word.split()))
        found = re.search(rf"(?<!\w){pattern}(?!\w)", whole, re.IGNORECASE)
        if found:
            before, after = whole[: found.start()], whole[found.end() :]
            parts[at:] = [(before, False), (found.group(), True), (after, False)]
    return [part for part in parts if part[0]]
