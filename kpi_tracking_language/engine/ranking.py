"""Which are best or worst, and how many of them."""

from .intent import GRAINS, Intent
from .parts import TRENDS, Parts, Unclear


class Ranking:
    """Reads which are best or worst, and how many of them."""

    def __init__(self, reader: Parts) -> None:
        self.reader = reader
        self.pieces = reader.pieces
        self.found = reader.found

    def read_intent(self) -> Intent:
        pieces = self.pieces
        supers = [pieces.value(at, "super") for at in pieces.places("super")]
        group = self._group()
        limit, offset = self._limit(group)
        slots = {
            "group_by": group,
            "limit": limit,
            "offset": offset,
            "rank_by": self._rank_by(),
            "order": self._order(supers),
        }
        names = set(supers)
        if (
            pieces.has_any("ever")
            and len(self.found.codes) == 1
            and group in ("department", "employee", "team")
            and not (self.found.periods or slots["rank_by"])
            and names in ({"high"}, {"low"})
        ):
            slots["aggregate"] = "max" if names == {"high"} else "min"
            pieces.use_all("ever")
        pieces.use_all(
            "super", "rank", "list", "which", "and", "rankfrom", "ranklow", "by", "who"
        )
        pieces.use_all("department", "employee", "kpi", "furthest", "word", "howmany")
        pieces.use_all("team")
        if group in GRAINS.values():
            pieces.use_all("ever")  # all that there are, unless a period is named
        return self.reader.make("rank", **slots)

    def _group(self) -> str:
        pieces, found = self.pieces, self.found
        if grain := self._grain():
            return grain
        noun = found.group_by or self.reader.grouping_noun()
        if not noun and pieces.has_any("kpi"):
            noun = "kpi"
        if not noun:
            raise Unclear("no_group")
        if noun == "kpi" and found.metrics:
            raise Unclear("incomplete", ["…"])
        return noun

    def _grain(self) -> str | None:
        """“best month”, “which quarter had the highest …”: of a KPI that is named."""
        pieces, found = self.pieces, self.found
        if len(found.codes) != 1 or found.group_by:
            return None
        for at in list(pieces.places("super")):
            for noun in (at + 1, at - 1):
                if pieces.value(noun, "unit") in GRAINS.values():
                    found.granularity = pieces.value(noun, "unit")
                    pieces.use(noun)
        grain, found.granularity = found.granularity, None
        return grain

    def _limit(self, group: str) -> tuple[int | None, int | None]:
        """How many, and how many are passed over: the third best is one after two."""
        pieces = self.pieces
        for at in list(pieces.places("ord", "rankfrom", "ranklow")):
            number = pieces.value(at, "ord") or pieces.value(at, "rankfrom")
            number = int(number or pieces.value(at, "ranklow") or 1)
            pieces.use(at) if pieces.has(at, "ord") else None
            return 1, (number - 1) or None
        for at in list(pieces.places("number")):
            number = pieces.number(at)
            if number and number == int(number) and 1 <= number <= 1000:
                pieces.use(*range(at, pieces.ordinal_end(at)))
                if pieces.ordinal_end(at) > at + 1:
                    return 1, (int(number) - 1) or None
                return int(number), None
        if group in GRAINS.values():
            return 1, None
        is_one = pieces.has_any("who") or not pieces.is_plural(group)
        has_super = pieces.has_any("super", "furthest")
        return (1 if is_one and has_super else None), None

    def _order(self, supers) -> str:
        pieces = self.pieces
        names = set(supers)
        if pieces.has_any("ranklow"):
            names.add("worst")
        if names & {"best", "high"} and names & {"worst", "low"}:
            return "both"
        moves = pieces.values("move", without="super")
        moves |= TRENDS & set(self.found.statuses)
        if moves:
            pieces.use_all("move")
            self.found.statuses = []
            is_fall = bool(moves & {"down", "worse", "declining"})
            # the least improved has the smallest rise
            return "asc" if is_fall != ("low" in names) else "desc"
        furthest = [pieces.value(at, "furthest") for at in pieces.places("furthest")]
        if furthest:
            return "asc" if furthest[0] == "below" else "desc"
        if names & {"worst", "best"} and self._is_lower_better():
            return "desc" if "worst" in names else "asc"
        return "asc" if names & {"worst", "low"} else "desc"

    def _is_lower_better(self) -> bool:
        codes = self.found.codes
        metrics = [self.reader.catalogue.by_code[code] for code in codes]
        return bool(metrics) and all(metric.better == "lower" for metric in metrics)

    def _rank_by(self) -> str | None:
        pieces, found = self.pieces, self.found
        if pieces.use_all("achievement"):
            return "achievement"
        moves = pieces.values("move", without="super")
        return "change" if moves or TRENDS & set(found.statuses) else None
