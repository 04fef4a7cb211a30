"""Words with one letter too few, too many, or two of them swapped."""

from collections.abc import Iterable

LEAST = 5  # letters of a word that may be misspelt
SUBSTITUTED = 7  # letters of one in which a letter may be another


class Speller:
    """Finds the words that may be meant by one that is none.

    :param vocabulary: all words
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.vocabulary = frozenset(vocabulary)
        self._shortened: dict[str, list[str]] = {}
        for word in sorted(self.vocabulary):
            if len(word) >= LEAST and word.isalpha():
                for short in _without_one(word):
                    self._shortened.setdefault(short, []).append(word)

    def suggest(self, word: str) -> set[str]:
        """Words that ``word`` may be with one slip; none for very short ones, and for
        letters that only look like ours."""
        if len(word) < LEAST - 1 or not (word.isascii() and word.isalpha()):
            return set()
        found = set(self._shortened.get(word, ()))
        shorter = _without_one(word)
        found |= {s for s in shorter if len(s) >= LEAST and s in self.vocabulary}
        for short in shorter:
            for other in self._shortened.get(short, ()):
                if len(other) == len(word) and _is_one_slip(word, other):
                    found.add(other)
        return found - {word}


def _without_one(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _is_one_slip(word: str, other: str) -> bool:
    """Check whether two letters are swapped or, in a long word, one is another."""
    apart = [place for place in range(len(word)) if word[place] != other[place]]
    if len(apart) == 1:
        return len(word) >= SUBSTITUTED
    if len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    left, right = apart
    return word[left] == other[right] and word[right] == other[left]
