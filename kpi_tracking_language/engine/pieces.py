"""The pieces of a question as readers walk over them."""

from collections.abc import Iterator, Sequence

from .sentence import Piece
from .tokens import Token, read_number

NOTHING = Token("", "", "")


class Pieces:
    """Pieces by place; what is asked of a place outside, or already used, is nothing.

    :param language: by which numbers are read
    """

    def __init__(self, pieces: Sequence[Piece], language: str) -> None:
        self.all = list(pieces)
        self.language = language

    def __len__(self) -> int:
        return len(self.all)

    def places(self, *kinds: str) -> Iterator[int]:
        """Places of the free pieces of one of these kinds, in order."""
        return (at for at in range(len(self.all)) if self.has(at, *kinds))

    def is_free(self, place: int) -> bool:
        return 0 <= place < len(self.all) and not self.all[place].is_used

    def has(self, place: int, *kinds: str) -> bool:
        if not self.is_free(place):
            return False
        piece = self.all[place]
        if "number" in kinds and self.number(place) is not None:
            return True
        return any(kind in piece.meanings for kind in kinds)

    def value(self, place: int, kind: str) -> str | None:
        return self.all[place].meanings.get(kind) if self.is_free(place) else None

    def token(self, place: int) -> Token:
        """The first token at ``place``."""
        return self.all[place].tokens[0] if self.is_free(place) else NOTHING

    def number(self, place: int) -> float | None:
        """The number at ``place``, in digits or as a word."""
        if not self.is_free(place):
            return None
        piece = self.all[place]
        if piece.is_number:
            return read_number(piece.tokens[0].text, self.language)
        word = piece.meanings.get("num")
        return float(word) if word else None

    def ordinal_end(self, place: int) -> int:
        """The place after an ordinal: “3” and “rd” are two pieces."""
        following = self.token(place + 1)
        is_ending = following.is_glued and following.text in ORDINAL_ENDINGS
        return place + 2 if is_ending else place + 1

    def skip(self, place: int, *kinds: str) -> int:
        """The first place from ``place`` on that has one of ``kinds``, past fillers;
        ``place`` itself where there is none."""
        at = place
        while self.is_free(at):
            if self.has(at, *kinds):
                return at
            if not self.has(at, "filler"):
                break
            at += 1
        return place

    def after(self, place: int) -> int:
        """The place after ``place``, past words that say nothing else."""
        at = place + 1
        while self.is_free(at) and set(self.all[at].meanings) == {"filler"}:
            at += 1
        return at

    def values(self, kind: str, *, without: str = "") -> set[str]:
        """The values of the free pieces of ``kind`` that are not also ``without``."""
        return {
            self.all[at].meanings[kind]
            for at in self.places(kind)
            if without not in self.all[at].meanings
        }

    def has_any(self, *kinds: str) -> bool:
        """Check whether a free piece of one of these kinds is left."""
        return next(self.places(*kinds), None) is not None

    def has_near(self, place: int, *kinds: str) -> bool:
        """Check for one of ``kinds`` right after ``place``."""
        return self.has(self.skip(place + 1, *kinds), *kinds)

    def noun_beside(self, place: int, kind: str) -> list[int]:
        """The noun of a name: “department” after or before “sales”."""
        if self.value(place + 1, kind) == "one":
            return [place + 1]
        before = self._before(place, kind)
        is_led = self.has(before - 1, "which", "super", "by", "ord", "number")
        is_named = self.value(before, kind) == "one" and not is_led
        return [before] if is_named else []

    def word_before(self, place: int, kind: str) -> list[int]:
        """The word of ``kind`` before ``place``, past fillers."""
        at = self._before(place, kind)
        return [at] if self.has(at, kind) else []

    def words_beside(self, place: int) -> list[int]:
        """Words such as “score” and “values” that a KPI's name may come with."""
        beside = (place + 1, self._before(place, "word"))
        return [at for at in beside if self.has(at, "word")]

    def _before(self, place: int, kind: str) -> int:
        """The place of ``kind`` before ``place``, or of what is no link between."""
        at = place - 1
        while self.is_free(at) and set(self.all[at].meanings) & LINKS:
            if self.has(at, kind):
                break
            at -= 1
        return at

    def take(self, kind: str) -> str | None:
        """Use the first piece of ``kind``; its value, None where there is none."""
        at = next(self.places(kind), None)
        if at is None:
            return None
        self.use(at)
        return self.all[at].meanings[kind]

    def take_not(self, place: int) -> bool:
        """Use the “not” before ``place``, past fillers; whether there is one."""
        at = place - 1
        while self.has(at, "filler") and not self.has(at, "not"):
            at -= 1
        is_there = self.has(at, "not")
        if is_there:
            self.use(at)
        return is_there

    def find_earlier(self, place: int, *rels: str) -> tuple[str | None, int]:
        """“Vormonat”, “the week before”: its length, and the place after it.

        :param rels: of those words that say earlier the ones that are meant
        """
        if grain := self.value(place, "previous"):
            return grain, place + 1
        if self.value(place, "rel") in rels:
            at = self.after(place)
            return self.value(at, "unit"), at + 1
        at = self.skip(place + 1, "rel")
        if self.value(at, "rel") in rels:
            return self.value(place, "unit"), at + 1
        return None, place

    def find_streak(self) -> tuple[int, str | None, list[int]]:
        """“for 3 days in a row”, “twice in a row”: number, unit, and their places."""
        for at in self.places("row"):
            for count_at in (at - 1, at - 2):
                count = self.number(count_at)
                if count and count == int(count):
                    unit_at = count_at + 1 if count_at + 1 < at else at + 1
                    unit = self.value(unit_at, "unit")
                    return int(count), unit, [count_at, at] + [unit_at] * bool(unit)
        return 1, None, []

    def is_plural(self, kind: str) -> bool:
        """Check whether a noun of ``kind``, used or not, stands for several."""
        nouns = [piece for piece in self.all if kind in piece.meanings]
        return any(
            piece.meanings[kind] == "many"
            or (kind == "kpi" and piece.phrase[-1].endswith(("s", "en")))
            for piece in nouns
        )

    def use(self, *places: int) -> None:
        for place in places:
            self.all[place].is_used = True

    def use_all(self, *kinds: str) -> bool:
        """Use every piece of these kinds; whether there is one."""
        found = list(self.places(*kinds))
        self.use(*found)
        return bool(found)


LINKS = {"filler", "from"}
ORDINAL_ENDINGS = {"st", "nd", "rd", "th", "er", "re", "e", "eme", "ere", "o", "a", "º"}
