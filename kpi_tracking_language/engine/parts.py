"""The parts of a question: KPIs, people, periods, conditions, groups."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from . import lexicon
from .catalogue import Catalogue, Thing
from .comparison import Comparison, read_quantity, read_quantity_before
from .intent import (
    GRAINS,
    Condition,
    Forecast,
    Frequency,
    Intent,
    LastUpdate,
    Number,
    Owner,
    Reason,
    Schedule,
    Scope,
    Span,
    Status,
    Streak,
    WithoutTarget,
)
from .period import PeriodReader
from .pieces import Pieces
from .sentence import Piece
from .whose import take_exceptions, take_own

DIRECTIONS = {
    "better": "improving", "up": "improving", "worse": "declining", "down": "declining"
}  # fmt: skip
TRENDS = {*DIRECTIONS.values()}
MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
DISTANCES = {"off_target": -1, "above_target": 1}
MOST_IN_A_ROW = 60
GROUPED = {"employee": "person"}  # noun → what a group is of
OWN = ("me", "owned", "my_team")
INDEFINITE = {"a", "an", "ein", "einem", "einen", "un", "une"}
# what a question about the KPIs of a department has
OF_DEPARTMENTS = (
    "kpi", "department", "employee", "who", "status", "super", "rank", "compare",
    "doing", "team",
)  # fmt: skip
# what a question about a value and its target has
OF_VALUES = (
    "vs", "compare", "vs_target", "hit", "hits", "status", "why", "move", "over",
    "achievement", "super", "will", "forecast",
)  # fmt: skip
PAST = {"was", "were", "did", "war", "waren", "etait", "etaient", "era", "fue"}
NOT_STATUS = {"on_target": "off_target", "off_target": "on_target"}


class Unclear(Exception):
    """The question asks back.

    :param words: what it is about
    """

    def __init__(self, reason: Reason, words=(), candidates=()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = tuple(words)
        self.candidates = tuple(candidates)


@dataclass
class Found:
    """What the readers have found in a question so far."""

    metrics: list[tuple[int, str]] = field(default_factory=list)
    departments: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    named: list[tuple[int, str]] = field(default_factory=list)
    periods: list[tuple[int, Span]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    group_by: str | None = None
    granularity: str | None = None
    scope: str | None = None
    aggregate: str | None = None
    is_owned: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for _, code in self.metrics))


class Parts:
    """Takes the parts out of a question, each piece once."""

    def __init__(self, pieces: Pieces, catalogue: Catalogue, today: dt.date) -> None:
        self.pieces = pieces
        self.catalogue = catalogue
        self.today = today
        self.found = Found()
        self.comparisons: list[Comparison] = []
        self.schedule: Schedule | None = None
        self.streak: tuple[int, str, list[int]] | None = None

    def refuse_orders(self) -> None:
        """Refuse what would change something, such as “delete all KPIs”."""
        pieces = self.pieces
        first = next(pieces.places("forbidden"), None)
        if first is None:
            return
        is_stop = pieces.has_any("alert") and pieces.has(first, "stop")
        if not is_stop and not self._is_harmless(first):
            raise Unclear("not_permitted", [pieces.all[first].text])

    def _is_harmless(self, place: int) -> bool:
        """Check whether a word that may be an order is none where it stands."""
        begins = not any(
            self.pieces.is_free(at) and not self.pieces.has(at, "filler")
            for at in range(place)
        )
        return not begins and self.pieces.has(place, "move")

    def refuse_unknown_words(self) -> None:
        unknown = [
            piece.text
            for piece in self.pieces.all
            if not piece.meanings and not piece.things and not _is_figure(piece)
        ]
        if unknown:
            things = [thing for piece in self.pieces.all for thing in piece.things]
            codes = [code for kind, code in things if kind == "metric"]
            raise Unclear("unknown_words", unknown, codes)

    def take_things(self) -> None:
        """KPIs, departments and people; what may be several asks back."""
        pieces = self.pieces
        named = [at for at, piece in enumerate(pieces.all) if piece.things]
        has_metric = any(
            {kind for kind, _ in pieces.all[at].things} == {"metric"} for at in named
        )
        for at in named:
            kind, key = self._choose(at, has_metric)
            if kind != "metric":
                self.found.named.append((at, key))
            if kind == "metric":
                self.found.metrics.append((at, key))
            elif kind == "department":
                self.found.departments.append(key)
                if pieces.has(at - 1, "from"):
                    pieces.use(at - 1)  # “KPIs from finance”
                pieces.use(*pieces.noun_beside(at, "department"))
                pieces.use(*pieces.noun_beside(at, "team"))
            else:
                self.found.people.append(key)
            pieces.use(at)
        for at, _ in self.found.metrics:
            pieces.use(*pieces.words_beside(at))

    def _choose(self, place: int, has_metric: bool) -> tuple[str, str]:
        piece = self.pieces.all[place]
        things = self._settle_departments(piece)
        if piece.phrase in self.catalogue.index.several and (
            piece.phrase not in self.catalogue.index.strong
        ):
            codes = [code for kind, code in things if kind == "metric"]
            raise Unclear("ambiguous_name", [piece.text], codes)
        if len(things) > 1:
            is_scope = has_metric or self.pieces.has_near(place, "kpi", "department")
            wanted = "department" if is_scope else "metric"
            chosen = {thing for thing in things if thing[0] == wanted}
            is_person = any(kind == "person" for kind, _ in things)
            things = chosen if len(chosen) == 1 and not is_person else things
        if len(things) > 1:
            exact = {one for one in things if self._is_spelled(piece, one)}
            things = exact if len(exact) == 1 else things
        if len(things) > 1:
            codes = [code for kind, code in sorted(things) if kind == "metric"]
            raise Unclear("ambiguous_name", [piece.text], codes)
        return next(iter(things))

    def _is_spelled(self, piece: Piece, thing: Thing) -> bool:
        """Check for the name of a thing, letter for letter."""
        kind, key = thing
        if kind == "metric":
            return piece.text in self.catalogue.by_code[key].names
        known = (
            self.catalogue.people if kind == "person" else self.catalogue.departments
        )
        return piece.text in known[key]

    def _settle_departments(self, piece: Piece) -> set[Thing]:
        """“sales” is the department where KPIs or several things are spoken of; alone
        it is the KPI that general language calls so."""
        others = self.catalogue.index.weak.get(piece.phrase, set())
        general = {thing for thing in others if thing[0] == "metric"}
        things = set(piece.things)
        if not general or all(kind != "department" for kind, _ in things):
            return things
        named = [one for one in self.pieces.all if one.things]
        is_alone = len(named) == 1 and not self.pieces.has_any(*OF_DEPARTMENTS)
        return general if is_alone else things - general

    def take_periods(self) -> None:
        pieces, found = self.pieces, self.found
        reader = PeriodReader(
            pieces,
            self.today,
            self.catalogue.calendar,
            day_first=self.catalogue.day_first,
            is_ahead=pieces.has_any("forecast", "will") or self._is_target_asked(),
            has_ranges=not pieces.has_any("compare"),
        )
        if found.periods:
            reader.base = found.periods[0][1]
        place = 0
        while place < len(pieces):
            span = reader.read_at(place) if pieces.is_free(place) else None
            if not span and pieces.has(place, "vs") and found.periods:
                place = pieces.after(place)
                span = self._earlier(reader, place) or reader.read_at(place)
            if not span:
                place += 1
                continue
            found.periods.append((place, span[0]))
            pieces.use(*pieces.word_before(place, "during"))
            reader.base = reader.base or span[0]
            pieces.use(*range(place, span[1]))
            place = span[1]
        self.period_reader = reader

    def _is_target_asked(self) -> bool:
        """Check for “target of revenue for December”, which is the next one."""
        pieces = self.pieces
        is_other = pieces.has_any(*OF_VALUES) or bool(
            self.comparisons or self.found.statuses
        )
        texts = {token.text for piece in pieces.all for token in piece.tokens}
        is_plain = not (is_other or PAST & texts)
        return bool(self.found.metrics) and pieces.has_any("target") and is_plain

    def _earlier(self, reader: PeriodReader, at: int) -> tuple[Span, int] | None:
        """“vs the week before”: the one before the period that was named first."""
        base = self.found.periods[0][1]
        grain, stop = self.pieces.find_earlier(at, "previous", "before")
        if not grain or grain in ("hour", "minute"):
            return None
        return reader.shift(base, base.grain if grain == "period" else grain), stop

    def take_conditions(self) -> None:
        """Status, achievement, frequency, values, and whose KPIs."""
        pieces, found = self.pieces, self.found
        take_exceptions(pieces, found)
        for at in list(pieces.places("status")):
            status = pieces.value(at, "status") or ""
            if status in NOT_STATUS and pieces.take_not(at):
                status = NOT_STATUS[status]
            elif pieces.take_not(at):
                found.conditions.append(Status(operator="not in", value=(status,)))
                pieces.use(at)
                continue
            if not self._take_distance(at, status):
                found.statuses.append(status)
            pieces.use(at)
        self._take_no_target()
        self._use_or()
        self._take_aggregate()
        self._take_streak()
        self._take_update()
        take_own(self.pieces, self.found)
        for comparison in self.comparisons:
            self._take_comparison(comparison)

    def _take_no_target(self) -> None:
        """“KPIs that have no target”."""
        pieces, found = self.pieces, self.found
        if found.metrics or found.statuses or self.comparisons:
            return
        for at in list(pieces.places("target")):
            if pieces.has_any("kpi") and pieces.take_not(at):
                pieces.use(at)
                found.conditions.append(WithoutTarget())

    def _use_or(self) -> None:
        """The “or” of “red or yellow” and of two names; of “red or declining”, which
        are two conditions, it is left."""
        pieces, statuses = self.pieces, set(self.found.statuses)
        if {"on_target", "off_target"} <= statuses:
            # “were green and are red now” is of two periods
            raise Unclear("incomplete", ["…"])
        is_one = statuses <= TRENDS or not statuses & TRENDS
        for at in list(pieces.places("or")):
            near = [pieces.all[n] for n in (at - 1, at + 1) if 0 <= n < len(pieces)]
            is_status = is_one and all("status" in one.meanings for one in near)
            if len(near) > 1 and (is_status or all(one.things for one in near)):
                pieces.use(at)

    def _take_distance(self, place: int, status: str) -> bool:
        """Use “at least 10 % below target”, “missed its target by 10 %”."""
        pieces, sign = self.pieces, DISTANCES.get(status, 0)
        words = lexicon.load()
        nouns = (
            dict(words.meanings((word,), pieces.language))
            for word in pieces.all[place].phrase
        )
        phrase = pieces.all[place].phrase
        is_of_target = any(word.startswith("<target") for word in phrase)
        is_of_target |= any("target" in one for one in nouns)
        if not sign or self.found.metrics or not is_of_target:
            return False
        after = place + 2 if pieces.has(place + 1, "by") else None
        for one in self.comparisons:
            if place == one.stop or after == one.begin:
                operator, quantity = one.operator, one.quantity
                self.comparisons.remove(one)
                break
        else:
            before = read_quantity_before(pieces, place)
            found = read_quantity(pieces, after) if after else None
            if not before and not found:
                return False
            quantity, operator = (before or found)[0], ">="
            begin, stop = (before[1], place) if before else (after, found[1])
            pieces.use(*range(begin, stop))
        if after:
            pieces.use(place + 1)
        if quantity.unit != "%":
            raise Unclear("unit", [pieces.all[place].text])
        if sign < 0:
            operator = MIRRORED.get(operator, operator)
        share = round(100 + sign * quantity.number, 9)
        self.found.conditions.append(
            Number(field="achievement", operator=operator, value=share)
        )
        return True

    def _take_aggregate(self) -> None:
        """“average win rate” is that of the period, “total revenue” its sum; of a sum
        there is no average, of a rate no total.

        “mean” says so before a KPI only, not in “what does churn mean”.
        """
        pieces = self.pieces
        last = max((at for at, _ in self.found.metrics), default=-1)
        for name in ("mean", "total"):
            places = list(pieces.places(name))
            if not places or any(
                pieces.value(at, "mean") and at > last for at in places
            ):
                continue
            metrics = [self.catalogue.by_code[code] for code in self.found.codes]
            if any(one.is_additive == (name == "mean") for one in metrics):
                words = [pieces.all[at].text for at in places]
                raise Unclear("unknown_words", words, self.found.codes)
            pieces.use(*places)
            self.found.aggregate = name if metrics else None

    def take_direction(self) -> None:
        """“KPIs that improved”: a move of KPIs that are not named is their status."""
        moves = self.pieces.values("move")
        if len(moves) == 1 and moves <= DIRECTIONS.keys():
            self.found.statuses.append(DIRECTIONS[moves.pop()])
            self.pieces.use_all("move")

    def take_outlook(self) -> None:
        """“KPIs that will miss their target” is the outlook, not the status."""
        pieces, found = self.pieces, self.found
        if not pieces.has_any("will", "forecast") or len(found.statuses) != 1:
            return
        if found.statuses[0] in ("off_target", "on_target"):
            found.conditions.append(Forecast(value=found.statuses.pop()))
            pieces.use_all("will", "forecast")

    def take_since(self) -> None:
        """“red since January” is red in each month that has closed since."""
        found = self.found
        is_since = any("since" in piece.meanings for piece in self.pieces.all)
        if not is_since or len(found.periods) != 1:
            return
        span = found.periods[0][1]
        first, today = span.first, self.today
        months = 12 * (today.year - first.year) + today.month - first.month
        is_judged = found.statuses in (["off_target"], ["on_target"])
        if is_judged and span.last == today and 1 <= months <= MOST_IN_A_ROW:
            found.conditions.append(Streak(status=found.statuses.pop(), periods=months))
            found.periods.clear()

    def take_missed_target(self) -> None:
        """The noun of “haben ihr Ziel im Februar verfehlt”, whose verb says all."""
        if self.found.statuses:
            self.pieces.use_all("target")

    def _take_streak(self) -> None:
        """“for 3 months in a row”."""
        pieces, statuses = self.pieces, self.found.statuses
        if not self.streak:
            return
        count, unit, places = self.streak
        if statuses not in (["off_target"], ["on_target"]):
            raise Unclear("unknown_words", [pieces.all[at].text for at in places])
        self.found.conditions.append(
            Streak(status=statuses.pop(), periods=count, grain=unit)
        )

    def take_streak(self) -> None:
        """Use “4 quarters in a row” before a period is read of it."""
        count, unit, places = self.pieces.find_streak()
        if unit in GRAINS.values() and 1 <= count <= MOST_IN_A_ROW:
            self.pieces.use(*places)
            self.streak = count, unit, places

    def _take_comparison(self, comparison) -> None:
        pieces, found = self.pieces, self.found
        quantity = comparison.quantity
        # “90 % of target” is a share of it, “a target above 90 %” is none
        target = max(pieces.places("target"), default=-1)
        is_share = quantity.unit == "%" and target > comparison.place
        if pieces.has_any("achievement") or (is_share and not found.metrics):
            pieces.use_all("achievement", "target")
            name, value = "achievement", quantity.number
        elif not found.metrics:
            name, value = self._compare_any(comparison), quantity.number
        elif len(found.codes) > 1:
            # of “csat above 80% and nps above 30” each has its own
            raise Unclear("incomplete", ["…"])
        else:
            unit = self.catalogue.by_code[found.metrics[0][1]].unit
            name, value = "value", quantity.in_unit(unit)
        found.conditions.append(
            Number(field=name, operator=comparison.operator, value=value)
        )

    def _compare_any(self, comparison) -> str:
        """“KPIs with a target above 100”, or with a value."""
        pieces = self.pieces
        for name, kind in (("target", "target"), ("value", "word")):
            if not pieces.has_any("kpi") or not pieces.has_any(kind):
                continue
            # “objective below 80 %” may be a share of it, “with an objective …” is none
            before = pieces.all[next(pieces.places(kind)) - 1].phrase
            is_clear = kind != "target" or INDEFINITE & set(before)
            if comparison.quantity.unit != "%" or is_clear:
                pieces.use_all(kind)
                return name
        raise Unclear("no_metric", [pieces.all[comparison.place].text])

    def _take_update(self) -> None:
        """“not updated in the last 7 days” says when, not which period."""
        pieces, found = self.pieces, self.found
        kinds = ("stale", "fresh")
        if not pieces.has_any("kpi") or not pieces.has_any(*kinds):
            return
        if len(found.periods) != 1:
            return
        operator = "<" if pieces.has_any("stale") else ">="
        day = found.periods.pop()[1].first
        found.conditions.append(LastUpdate(operator=operator, value=day))
        pieces.use_all(*kinds)

    def take_groups(self) -> None:
        """“by department”, “per month”, “which months”, “daily”."""
        pieces, found = self.pieces, self.found
        for at in list(pieces.places("by", "which")):
            noun = pieces.skip(at + 1, "department", "employee", "team", "unit", "kpi")
            if pieces.has(noun, "unit") and found.metrics:
                found.granularity = pieces.value(noun, "unit")
                pieces.use(at, noun)
                if pieces.value(at - 1, "unit") == found.granularity:
                    pieces.use(at - 1)  # “day by day”
            elif pieces.has(at, "by"):
                for kind in ("department", "employee", "team", "kpi"):
                    if pieces.has(noun, kind):
                        found.group_by = kind
                        pieces.use(at, noun)
        for at in list(pieces.places("freq")):
            grain = pieces.value(at, "freq") or ""
            if found.metrics and self.schedule is None and not pieces.has_any("kpi"):
                found.granularity = GRAINS[grain]
            elif not self.schedule:
                found.conditions.append(Frequency(value=(grain,)))
            pieces.use(at)

    def grouping_noun(self) -> str | None:
        for kind in ("department", "employee", "team"):
            if self.pieces.has_any(kind):
                return kind
        return "employee" if self.pieces.has_any("who") else None

    def make(self, kind, **slots) -> Intent:
        """The intent with what most have in common."""
        found = self.found
        periods = [span for _, span in found.periods]
        if found.metrics and not self.pieces.is_plural("kpi"):
            self.pieces.use_all("kpi")  # “the churn KPI”
        if len(periods) > 1 and "compare_to" not in slots:
            raise Unclear("incomplete", ["…"])
        values = {
            "metrics": found.codes,
            "period": periods[0] if periods else None,
            "group_by": found.group_by,
            "granularity": found.granularity,
            "aggregate": found.aggregate,
            **self.whose(),
        }
        values |= slots
        values["group_by"] = GROUPED.get(values["group_by"], values["group_by"])
        return Intent(kind=kind, **values)

    def whose(self) -> dict[str, Any]:
        """The slots ``scope`` and ``conditions``: the first of departments, people and
        the user's own is the scope, the others are conditions."""
        found = self.found
        people = tuple(dict.fromkeys(found.people))
        own = found.scope if found.scope in OWN else ""
        ids = tuple(dict.fromkeys(found.departments)) or people
        kind = "department" if found.departments else "person" if people else None
        kind = kind or found.scope or ("everyone" if found.excluded else None)
        conditions = list(found.conditions)
        if found.departments and people:
            conditions.append(Owner(value=people))
        if ids and own:
            conditions.append(Owner(value=("my_team" if own == "my_team" else "me",)))
        # “red and declining” is both, “red and yellow” is either
        for is_trend in (True, False):
            same = [one for one in found.statuses if (one in TRENDS) == is_trend]
            if same:
                conditions.insert(0, Status(value=tuple(dict.fromkeys(same))))
        excluded = tuple(dict.fromkeys(found.excluded))
        return {
            "scope": Scope(kind=kind, ids=ids, excluded=excluded) if kind else None,
            "conditions": tuple(conditions),
        }

    def refuse_left(self) -> None:
        """Ask back if something is left that says something."""
        left = [
            piece.text
            for piece in self.pieces.all
            if not piece.is_used
            and not piece.meanings.keys() & {"filler", "and", "which"}
        ]
        if left:
            raise Unclear("unknown_words", left, self.found.codes)


def _is_figure(piece: Piece) -> bool:
    return piece.tokens[0].kind not in ("word", "sign")
