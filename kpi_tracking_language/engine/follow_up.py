"""Questions that follow up on the one before: “the same for Finance”, “as a trend”."""

import datetime as dt

from .catalogue import Catalogue
from .comparison import UnitError, take_comparisons
from .intent import ACTIONS, GRAINS, NEGATED, Condition, Intent, Scope
from .parts import Unclear
from .period import NoSuchDayError
from .pieces import Pieces
from .reading import Reader, read
from .recurrence import take_schedule
from .sentence import cut
from .tokens import tokenize

# about KPIs that are not named
LISTS = ("list_kpis", "count", "summary")
# words by which a question is of another kind than the one before
OF_RANKS = ("super", "rank", "furthest", "rankfrom", "ranklow")
OF_KINDS = (
    *OF_RANKS, "why", "anomaly", "about", "mean", "target", "vs", "compare", "over",
    "forecast", "will", "hit", "trend", "move", "send", "report",
)  # fmt: skip
COMPARING = ("vs", "compare", "over")
# slots of one kind of question only
OF_ONE_KIND = {
    "compare_to": ("compare", "explain"),
    "direction": (),
    "about": ("about",),
}


def read_next(
    text: str, catalogue: Catalogue, today: dt.date, language: str, after: Intent
) -> Intent:
    """What ``text`` asks for, asked after ``after``.

    What it names takes the place of the same part of ``after``, whose other parts
    stay. A question that is complete, and does not begin as in “and for Finance”, is
    read by itself.
    """
    whole = read(text, catalogue, today, language)
    if whole.reason in ("too_long", "not_permitted"):
        return whole
    pieces = cut(tokenize(text), catalogue.index, whole.language)
    reader = _NextReader(Pieces(pieces, whole.language), catalogue, today, after)
    try:
        found = reader.read_intent()
    except (Unclear, UnitError, NoSuchDayError):
        return whole
    is_next = whole.kind == "clarify" or reader.is_led or reader.is_part
    return found.with_(language=whole.language) if is_next else whole


class _NextReader(Reader):
    """Reads a question with what the one before has.

    :ivar is_led: its words say that it follows up
    :ivar is_part: it names neither a KPI nor another kind
    """

    def __init__(
        self, pieces: Pieces, catalogue: Catalogue, today: dt.date, after: Intent
    ) -> None:
        super().__init__(pieces, catalogue, today)
        self.after = after
        self.is_led = pieces.has_any("follow") or pieces.has(0, "and", "but")
        self.is_part = False

    def read_intent(self) -> Intent:
        """The intent of the question before, with what is named here instead.

        :raises Unclear: a word is left over, or nothing was named
        """
        pieces, found, after = self.pieces, self.found, self.after
        self.refuse_orders()
        self.refuse_unknown_words()
        pieces.use_all("follow", "but")
        self.take_things()
        inherited = [(-1, code) for code in after.metrics]
        found.metrics = found.metrics or inherited
        if pieces.has_any("alert") and pieces.has_any("when"):
            return self._merge_scope(self._alert())
        self.comparisons = take_comparisons(pieces, with_years=False)
        self.take_streak()
        if pieces.has_any("send", "report"):
            self.schedule = take_schedule(pieces, found)
        self._take_periods()
        self.take_conditions()
        self.take_groups()
        self._leave_out(inherited)
        self._refuse_other_things()
        self._use_same()
        is_named = any(at >= 0 for at, _ in found.metrics)
        kind = self._find_kind()
        is_own = kind and not (self.schedule and not pieces.has_any("kpi"))
        self.is_part = not (is_named or is_own)
        intent = self._decide() if kind == "decide" else self.make(kind or after.kind)
        self.refuse_left()
        return self._merge(intent)

    def _settle_departments(self, piece) -> set:
        """“the same for sales” is that of the department, not of the KPI."""
        others = self.catalogue.index.weak.get(piece.phrase, set())
        general = {thing for thing in others if thing[0] == "metric"}
        things = set(piece.things)
        is_department = any(kind == "department" for kind, _ in things)
        return things - general if is_department else things

    def _leave_out(self, inherited: list[tuple[int, str]]) -> None:
        """“without churn” leaves it out of the KPIs of the question before."""
        found = self.found
        if found.metrics or not inherited:
            return
        left = [one for one in found.conditions if one.field == "metric"]
        out = {code for one in left for code in one.value}
        found.metrics = [one for one in inherited if one[1] not in out]
        if not found.metrics:
            raise Unclear("incomplete")
        if len(found.metrics) < len(inherited):
            found.conditions = [one for one in found.conditions if one not in left]

    def _refuse_other_things(self) -> None:
        """Refuse a KPI in the place of none, and all but others for actions."""
        found, after = self.found, self.after
        is_other = found.metrics and (after.kind in LISTS or after.kind in ACTIONS)
        if is_other or (after.kind in ACTIONS and not found.named):
            raise Unclear("incomplete")

    def _take_periods(self) -> None:
        """Periods; what they are compared with is that of the question before."""
        found, pieces, before = self.found, self.pieces, self.after.period
        found.periods = [(-1, before)] if before else []
        self.take_periods()
        if before and len(found.periods) == 1:
            self._take_earlier()
        if len(found.periods) > 1 and not pieces.has_any(*COMPARING):
            found.periods = [one for one in found.periods if one[0] >= 0]

    def _take_earlier(self) -> None:
        """“the month before” is that before the one of the question before."""
        for at in range(len(self.pieces)):
            if not self.pieces.is_free(at):
                continue
            if span := self._earlier(self.period_reader, at):
                self.found.periods.append((at, span[0]))
                self.pieces.use(*range(at, span[1]))
                return

    def _use_same(self) -> None:
        """The “same” of “the same for Finance”."""
        pieces = self.pieces
        for at in list(pieces.places("rel")):
            if pieces.value(at, "rel") == "same":
                pieces.use(at)
                self.is_led = True

    def _find_kind(self) -> str | None:
        """The kind that the words say; “decide” where these are more than one word,
        None where it is that of the question before."""
        pieces, kind = self.pieces, self.after.kind
        if kind == "list_kpis" and pieces.use_all("howmany"):
            return "count"
        if kind == "count" and pieces.use_all("list"):
            return "list_kpis"
        is_owner = pieces.has_any("own") and pieces.has_any("who")
        if pieces.has_any(*OF_KINDS) or is_owner:
            if not self.found.metrics and kind != "rank":
                raise Unclear("no_metric")
            self._take_group(is_ranking=pieces.has_any(*OF_RANKS))
            if is_owner or pieces.has_any("about", "mean"):
                found = self.found
                found.periods = [one for one in found.periods if one[0] >= 0]
            return "decide"
        return None

    def _take_group(self, *, is_ranking: bool) -> None:
        """“and the worst?” is of the same group as the best."""
        found, group = self.found, self.after.group_by
        if not is_ranking or not group or found.group_by or found.granularity:
            return
        if group in GRAINS.values():
            found.granularity = group
        else:
            found.group_by = group

    # what stays

    def _merge(self, intent: Intent) -> Intent:
        after = self.after
        if intent.kind == "about":
            return self._merge_scope(intent)
        values = {}
        for slot in after.list_slots():
            kinds = OF_ONE_KIND.get(slot, (intent.kind,))
            if getattr(intent, slot) in (None, ()) and intent.kind in kinds:
                values[slot] = getattr(after, slot)
        values["conditions"] = _join(after.conditions, intent.conditions)
        merged = self._merge_scope(intent.with_(**values), intent.scope)
        scope = intent.scope
        is_one = scope is not None and len(scope.ids) == 1
        if is_one and intent.kind != "rank" and not intent.group_by:
            merged = merged.with_(group_by=None)
        if merged.with_(language=after.language) == after:
            raise Unclear("incomplete")
        return merged

    def _merge_scope(self, intent: Intent, named: Scope | None = None) -> Intent:
        """Exclusions are taken out of what the question before was about."""
        named = named or intent.scope
        before = self.after.scope
        if not before or (named and (named.ids or named.kind != "everyone")):
            return intent.with_(scope=named)
        if not named:
            return intent.with_(scope=before)
        ids = tuple(key for key in before.ids if key not in named.excluded)
        if before.ids and not ids:
            raise Unclear("incomplete")
        if len(ids) < len(before.ids):
            return intent.with_(scope=before.with_(ids=ids))
        excluded = tuple(dict.fromkeys((*before.excluded, *named.excluded)))
        return intent.with_(scope=before.with_(excluded=excluded))


def _join(
    before: tuple[Condition, ...], named: tuple[Condition, ...]
) -> tuple[Condition, ...]:
    """Conditions of both; one that is named takes the place of those on its field,
    but exclusions are added."""
    kept, added = list(before), []
    for one in named:
        if getattr(one, "operator", "") != NEGATED:
            kept = [other for other in kept if other.field != one.field]
        same = [
            other
            for other in kept
            if other.field == one.field and getattr(other, "operator", "") == NEGATED
        ]
        if same:
            values = tuple(dict.fromkeys((*same[0].value, *one.value)))
            kept.remove(same[0])
            one = one.with_(value=values)
        added.append(one)
    return (*kept, *added)
