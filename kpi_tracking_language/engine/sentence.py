"""A question cut into pieces: the longest names and phrases that are known."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product, zip_longest

from . import lexicon
from .catalogue import Index, Thing
from .lexicon import LANGUAGES, Words
from .tokens import Token

MOST_OF_PART = 3  # words of a part of a phrase
MOST_SPELLINGS = 12  # phrases that are tried from one word on
NAMED_BY = {"kpi", "department", "employee"}  # nouns after which a plain word is a name


@dataclass
class Piece:
    """Some words that belong together.

    :param meanings: kind → value, of the lexicon
    :param things: what is called so
    :param is_used: some reader has taken it
    """

    tokens: Sequence[Token]
    meanings: dict[str, str] = field(default_factory=dict)
    things: frozenset[Thing] = frozenset()
    phrase: Words = ()
    is_used: bool = False

    @property
    def text(self) -> str:
        return " ".join(token.raw for token in self.tokens)

    @property
    def is_number(self) -> bool:
        return len(self.tokens) == 1 and self.tokens[0].kind == "number"


def detect_language(tokens: Sequence[Token], default: str) -> str:
    """The language of most words; ``default`` where several have as many."""
    phrases = lexicon.load().phrases
    votes: Counter[str] = Counter({default: 0})
    texts = [token.text for token in tokens]
    singles = [(text,) for text in texts]
    for phrase in (*singles, *pairwise(texts)):
        known = phrases.get(phrase, ())
        for language in known:
            votes[language] += len(phrase) if len(known) < len(LANGUAGES) else 0
    most = max(votes.values())
    return default if votes[default] == most else max(votes, key=votes.__getitem__)


def cut(
    tokens: Sequence[Token],
    index: Index,
    language: str,
    *,
    has_plain_names: bool = False,
) -> list[Piece]:
    """The pieces of a question; misspelt words are corrected where it helps.

    :param has_plain_names: “Last month” may be the KPI of that name
    """
    finder = _Finder(index, language, has_plain_names)
    tokens = _split_compounds(tokens, index)
    words = lexicon.load()
    choices = [
        (token.text, *sorted(words.abbreviations.get(token.text, ())))
        if token.kind == "word"
        else (token.text,)
        for token in tokens
    ]
    pieces = finder.match(tokens, choices)
    place, is_changed = 0, False
    for piece in pieces:
        if not piece.meanings and not piece.things and piece.tokens[0].kind == "word":
            found = index.speller.suggest(piece.tokens[0].text)
            choices[place] = (*choices[place], *sorted(found)[:MOST_SPELLINGS])
            is_changed = is_changed or bool(found)
        place += len(piece.tokens)
    if is_changed:
        pieces = finder.match(tokens, choices)
    return pieces


def _split_compounds(tokens: Sequence[Token], index: Index) -> list[Token]:
    """“Umsatzziel” is the target of “Umsatz”."""
    found: list[Token] = []
    for token in tokens:
        if token.kind == "word" and token.text not in index.speller.vocabulary:
            for ending in lexicon.load().endings:
                first = token.text.removesuffix(ending)
                first = first if index.has_name_part(first) else first.removesuffix("s")
                if first != token.text and index.has_name_part(first):
                    found.append(Token("word", first, token.raw))
                    token = Token("word", ending, ending, is_glued=True)
                    break
        found.append(token)
    return found


@dataclass(frozen=True)
class _Finder:
    """Finds the longest names and phrases, from left to right."""

    index: Index
    language: str
    has_plain_names: bool

    def match(
        self, tokens: Sequence[Token], choices: Sequence[tuple[str, ...]]
    ) -> list[Piece]:
        """The pieces of ``tokens``, each of which may be one of its ``choices``."""
        pieces: list[Piece] = []
        place = 0
        while place < len(tokens):
            piece = self._longest(tokens, choices, place)
            pieces.append(piece)
            place += len(piece.tokens)
        self._settle_plain_names(pieces)
        return pieces

    def _longest(self, tokens, choices, place: int) -> Piece:
        best = Piece(tokens[place : place + 1], phrase=(tokens[place].text,))
        # place → phrases that end before it, and whether they are as written
        reached: dict[int, dict[Words, bool]] = {place: {(): True}}
        while reached:
            at = min(reached)
            phrases = reached.pop(at)
            if at > place:
                best = self._understand(tokens[place:at], phrases) or best
            if at == len(tokens):
                continue
            for stop, word, is_written in self._next_words(choices, at):
                for phrase, was_written in phrases.items():
                    longer = (*phrase, word)
                    known = reached.setdefault(stop, {})
                    if longer in self.index.prefixes and len(known) < MOST_SPELLINGS:
                        is_same = is_written and was_written
                        known[longer] = known.get(longer, False) or is_same
            reached = {stop: known for stop, known in reached.items() if known}
        return best

    def _next_words(self, choices, at: int) -> Iterator[tuple[int, str, bool]]:
        """What may follow at a place: the place after it, a word or part of a phrase,
        and whether it is as written."""
        for number, word in enumerate(choices[at]):
            yield at + 1, word, not number
        parts = lexicon.load().parts
        for stop in range(at + 1, min(at + MOST_OF_PART, len(choices)) + 1):
            for number, texts in enumerate(product(*choices[at:stop])):
                for name in parts.get(texts, ()):
                    yield stop, name, not number

    def _understand(self, tokens, phrases: dict[Words, bool]) -> Piece | None:
        """What is meant as written, else by a correction: a name before a phrase.

        Corrections that name several things leave open which.
        """
        words = lexicon.load()
        for phrase in (phrase for phrase, is_written in phrases.items() if is_written):
            things = self._find(phrase)
            meanings = words.meanings(phrase, self.language)
            if things or meanings:
                return Piece(tokens, dict(meanings), things, phrase)
        named = [
            (phrase, things)
            for phrase in phrases
            # “cost” is nobody's name, though somebody may be called Costa
            if (things := self._find(phrase)) and phrase not in self.index.people
        ]
        if named:
            things = frozenset().union(*(found for _, found in named))
            return Piece(tokens, {}, things, named[0][0])
        meant = [
            (phrase, meanings)
            for phrase in phrases
            if (meanings := words.meanings(phrase, self.language))
        ]
        meant = [one for one in meant if self.language in words.phrases[one[0]]]
        if len({meanings for _, meanings in meant}) == 1:
            return Piece(tokens, dict(meant[0][1]), frozenset(), meant[0][0])
        return None

    def _find(self, phrase: Words) -> frozenset[Thing]:
        is_plain = len(phrase) > 1 and phrase in self.index.plain
        if is_plain and not self.has_plain_names:
            return frozenset()
        return self.index.find(phrase)

    def _settle_plain_names(self, pieces: list[Piece]) -> None:
        """Tell “it” from the department IT: capitals, or such as “KPIs” after it."""
        words = [token.raw for piece in pieces for token in piece.tokens]
        is_shouted = all(word.isupper() for word in words if word.isalpha())
        for at, (piece, after) in enumerate(zip_longest(pieces, pieces[1:])):
            if not (piece.things and piece.meanings):
                continue
            is_listed = _is_listed(pieces, at)
            is_name = is_listed or (piece.text.isupper() and not is_shouted)
            is_name = is_name or (after and bool(NAMED_BY & set(after.meanings)))
            is_kpi = any(kind == "metric" for kind, _ in piece.things)
            if is_name or (is_kpi and self.has_plain_names):
                piece.meanings = {}
            else:
                piece.things = frozenset()


def _is_listed(pieces: Sequence[Piece], at: int) -> bool:
    """Check for the department in “sales and it”, “it and hr”."""
    for link, other in ((at - 1, at - 2), (at + 1, at + 2)):
        is_there = min(link, other) >= 0 and max(link, other) < len(pieces)
        if is_there and {"and", "or"} & pieces[link].meanings.keys():
            kinds = {kind for kind, _ in pieces[other].things}
            if kinds == {"department"}:
                return True
    return False
