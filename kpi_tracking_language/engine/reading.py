"""From a question to what it asks for.

Every word counts: a question in which one is left over, that neither a reader has taken
nor the lexicon knows as saying nothing, is answered by a question back.
"""

import datetime as dt

from .alert import read_alerts, take_recipients
from .catalogue import Catalogue
from .comparison import UnitError, take_comparisons
from .intent import Intent, Span
from .parts import TRENDS, Parts, Unclear
from .period import NoSuchDayError
from .pieces import Pieces
from .ranking import Ranking
from .recurrence import take_schedule
from .sentence import cut, detect_language
from .tokens import MOST_LETTERS, MOST_TOKENS, tokenize
from .whose import take_own

JUDGED = {"off_target", "on_target", "above_target"}


def read(
    text: str, catalogue: Catalogue, today: dt.date, language: str = "en"
) -> Intent:
    """What ``text`` asks for, or the intent ``clarify`` with the reason.

    :param language: of the user; a question in another one is recognised
    """
    tokens = tokenize(text)
    if len(text) > MOST_LETTERS or len(tokens) > MOST_TOKENS:
        return Intent(kind="clarify", reason="too_long", language=language)
    language = detect_language(tokens, language)
    found = _read(tokens, catalogue, today, language)
    if found.kind == "clarify" and catalogue.index.plain:
        other = _read(tokens, catalogue, today, language, has_plain_names=True)
        found = other if other.metrics else found
    return found.with_(language=language)


def _read(tokens, catalogue, today, language, *, has_plain_names=False) -> Intent:
    index = catalogue.index
    pieces = cut(tokens, index, language, has_plain_names=has_plain_names)
    try:
        return Reader(Pieces(pieces, language), catalogue, today).read_intent()
    except Unclear as unclear:
        return Intent(
            kind="clarify",
            reason=unclear.reason,
            words=unclear.words,
            candidates=unclear.candidates,
        )
    except UnitError as error:
        return Intent(kind="clarify", reason="unit", words=(str(error),))
    except NoSuchDayError:
        return Intent(kind="clarify", reason="no_such_day")


class Reader(Parts):
    """Reads one question: first its parts, then which of the intents they make."""

    def read_intent(self) -> Intent:
        pieces = self.pieces
        self.refuse_orders()
        self.refuse_unknown_words()
        self.take_things()
        # “tell Priya when …” asks for an alert, too
        is_told = bool(self.found.departments) and pieces.has_any("tell")
        is_for_somebody = pieces.has_any("when") and (
            bool(self.found.people) or is_told
        )
        # “flag odd values” does not, if nothing says when
        is_list = pieces.values("alert") == {"list"} and pieces.has_any("anomaly")
        if is_list and not pieces.has_any("when", "cmp"):
            pieces.use_all("alert")
        is_alert = pieces.has_any("alert") or is_for_somebody
        is_stop = is_alert and pieces.has_any("stop")
        if is_alert and not is_stop:
            return self._alert()
        self.comparisons = take_comparisons(pieces, with_years=False)
        self.take_streak()
        if not is_stop and pieces.has_any("send", "report"):
            self.schedule = take_schedule(pieces, self.found)
        self.take_periods()
        self.take_conditions()
        self.take_groups()
        intent = self._stop() if is_stop else self._decide()
        self.refuse_left()
        return intent

    def _decide(self) -> Intent:
        pieces, found = self.pieces, self.found
        if found.metrics:
            pieces.use_all("doing")
        for is_meant, build in (
            (self.schedule is not None, self._schedule_report),
            (self._is_about(), self._about),
            (pieces.has_any("why"), self._explain),
            (pieces.has_any("anomaly"), self._anomaly),
            (
                pieces.has_any("super", "rank", "furthest", "rankfrom", "ranklow"),
                self._rank,
            ),
            (self._is_target_asked(), self._compare),
            (self._is_forecast(), self._forecast),
            (self._is_comparison(), self._compare),
            (self._is_summary(), self._summary),
            (pieces.has_any("howmany") and not found.metrics, self._count),
            (not found.metrics, self._list),
            (self._is_trend(), self._trend),
        ):
            if is_meant:
                return build()
        return self._value()

    def _is_about(self) -> bool:
        """Check for a question about a KPI itself: what it means, who owns it."""
        pieces, found = self.pieces, self.found
        is_owner = pieces.has_any("who") and pieces.has_any("own")
        is_mean = pieces.values("mean") == {"before"}  # not taken: after the name
        is_plain = not (found.periods or self._has_conditions() or found.group_by)
        is_asked = is_owner or is_mean or pieces.has_any("about")
        return bool(found.metrics) and is_plain and is_asked

    def _about(self) -> Intent:
        pieces = self.pieces
        asked = pieces.values("about")
        if len(asked) > 1 or (asked and pieces.has_any("own")):
            raise Unclear("incomplete", ["…"])
        about = next(iter(asked), None)
        about = about or ("owner" if pieces.has_any("own") else "meaning")
        pieces.use_all("about", "own", "who", "mean", "which", "why")
        return self.make("about", about=about)

    def _is_summary(self) -> bool:
        """Check for “how is Sales doing”: names a department or person, and no KPI."""
        pieces, found = self.pieces, self.found
        if pieces.has_any("me") and not found.metrics:
            is_own = pieces.has_any("doing") and not (found.departments or found.people)
            found.scope = found.scope or ("me" if is_own else None)
        is_whose = found.departments or found.people or found.scope
        is_other = pieces.has_any("kpi", "list", "which", "howmany", "who")
        is_plain = not (self._has_conditions() or is_other or found.metrics)
        return pieces.has_any("doing") and bool(is_whose) and is_plain

    def _summary(self) -> Intent:
        self.pieces.use_all("doing")
        return self.make("summary")

    def _is_forecast(self) -> bool:
        periods = self.found.periods
        is_future = any(span.first > self.today for _, span in periods)
        if self.pieces.has_any("forecast"):
            return bool(self.found.metrics)
        pieces, statuses = self.pieces, set(self.found.statuses)
        will_hit = pieces.has_any("hit") and pieces.has_any("target", "will")
        is_open = any(span.last > self.today for _, span in periods)
        will_hit |= pieces.has_any("will") and (is_open or bool(statuses & JUDGED))
        is_over = any(span.last < self.today for _, span in periods)
        return bool(self.found.metrics) and (is_future or will_hit and not is_over)

    def _is_comparison(self) -> bool:
        pieces, found = self.pieces, self.found
        if pieces.has_any("vs", "compare", "over"):
            return True
        if not found.metrics:
            return False
        is_plain = not set(found.statuses) - JUDGED
        is_judged = bool(found.statuses) and is_plain and not found.group_by
        return pieces.has_any("target") or (is_judged and not self.grouping_noun())

    def _is_trend(self) -> bool:
        pieces, found = self.pieces, self.found
        if pieces.has_any("trend", "move") or TRENDS & set(found.statuses):
            return True
        if found.granularity:
            return True
        spans = [span for _, span in found.periods]
        is_rolling = any(not span.grain and span.last >= self.today for span in spans)
        return (is_rolling and self._is_rolling()) and not (
            found.group_by or found.conditions
        )

    def _has_conditions(self) -> bool:
        return bool(self.found.statuses or self.found.conditions)

    def _is_rolling(self) -> bool:
        """Check for “last 7 days”, rather than “since January” or two dates."""
        return any(
            self.pieces.all[at].meanings.get("rel") == "last"
            or self.pieces.all[at].is_number
            for at, _ in self.found.periods
        )

    def _alert(self) -> Intent:
        pieces, found = self.pieces, self.found
        recipients = take_recipients(pieces, found.metrics, found.named)
        found.departments = [key for key in found.departments if key not in recipients]
        found.people = [key for key in found.people if key not in recipients]
        alerts = read_alerts(pieces, found.metrics, recipients, self.catalogue)
        if not alerts:
            raise Unclear("no_limit" if found.metrics else "no_metric")
        take_own(pieces, found)
        self.refuse_left()
        return Intent(kind="create_alert", alerts=alerts, **self.whose())

    def _stop(self) -> Intent:
        pieces = self.pieces
        pieces.use_all("alert", "stop", "stop_end", "send", "not")
        self.found.scope = None
        return self.make("disable_alert", granularity=None)

    def _schedule_report(self) -> Intent:
        pieces = self.pieces
        pieces.use_all("send", "report", "kpi", "list", "alert", "trend")
        return self.make(
            "schedule_report",
            schedule=self.schedule,
        )

    def _explain(self) -> Intent:
        pieces = self.pieces
        if not self.found.metrics:
            raise Unclear("no_metric")
        moves = pieces.values("move")
        pieces.use_all("why", "move", "trend", "will", "anomaly", "behave", "which")
        pieces.use_all("doing")
        self.found.statuses = [s for s in self.found.statuses if s not in TRENDS]
        moves &= {"up", "down"}
        direction = moves.pop() if len(moves) == 1 else None
        spans = [span for _, span in self.found.periods]
        if len(spans) != 2:
            return self.make("explain", direction=direction)
        pieces.use_all("vs", "compare")
        earlier, later = sorted(spans, key=lambda span: span.first)
        return self.make(
            "explain", period=later, compare_to=earlier, direction=direction
        )

    def _anomaly(self) -> Intent:
        self.pieces.use_all("anomaly", "kpi", "move", "word", "which", "behave", "list")
        return self.make("anomaly")

    def _rank(self) -> Intent:
        return Ranking(self).read_intent()

    def _forecast(self) -> Intent:
        pieces = self.pieces
        compared = "target" if pieces.use_all("target") else None
        pieces.use_all(
            "forecast", "will", "hit", "howmany", "move", "trend", "vs", "which", "by"
        )
        if compared:
            pieces.use_all("cmp")
        self.found.statuses, statuses = [], self.found.statuses
        if statuses:
            compared = "target"
        return self.make("forecast", compare_to=compared)

    def _compare(self) -> Intent:
        pieces, found = self.pieces, self.found
        is_target = pieces.use_all("target") or bool(
            set(found.statuses) - TRENDS and found.metrics
        )
        if is_target:
            pieces.use_all("cmp", "or", "hit", "hits")
            found.statuses = []
        if pieces.has_any("vs_target", "compare"):
            pieces.use_all("vs_target")
            pieces.use_all("from", "to", "between")
        over = next((pieces.value(at, "over") for at in pieces.places("over")), None)
        pieces.use_all("vs", "compare", "over", "trend", "move", "and")
        if not found.metrics:
            raise Unclear("no_metric")
        spans = [span for _, span in found.periods]
        if is_target and len(spans) < 2:
            return self.make("compare", compare_to="target")
        if over and len(spans) < 2:
            return self._over(over, spans)
        if len(spans) == 2:
            return self.make("compare", compare_to=spans[1])
        if len(spans) > 2:
            raise Unclear("incomplete", ["…"])
        return self._compare_things(spans)

    def _over(self, grain: str, spans: list[Span]) -> Intent:
        reader = self.period_reader
        kept = "month" if grain == "year" else grain
        span = spans[0] if spans else reader.relative(kept, 0)
        return self.make("compare", period=span, compare_to=reader.shift(span, grain))

    def _compare_things(self, spans: list[Span]) -> Intent:
        """KPIs, departments or people with each other, or now with then."""
        found = self.found
        if len(found.codes) > 1:
            return self.make("compare", compare_to=None)
        if len(set(found.departments)) > 1:
            return self.make("compare", compare_to=None, group_by="department")
        if len(set(found.people)) > 1:
            return self.make("compare", compare_to=None, group_by="person")
        if found.group_by or not spans or not spans[0].grain:
            if found.group_by and spans:
                return self.make("compare", compare_to=None)
            raise Unclear("no_comparison")
        now = self.period_reader.relative(spans[0].grain, 0)
        if now.first <= spans[0].first:
            raise Unclear("no_comparison")
        return self.make("compare", period=now, compare_to=spans[0])

    def _count(self) -> Intent:
        pieces, found = self.pieces, self.found
        pieces.use_all("howmany", "list", "which")
        self.take_direction()
        self.take_outlook()
        self.take_missed_target()
        noun = self.grouping_noun()
        if not pieces.use_all("kpi"):
            if not noun or not found.statuses:
                raise Unclear("no_metric")
            pieces.use_all(noun)
            found.group_by = noun
        return self.make("count")

    def _list(self) -> Intent:
        """KPIs by their status, department, owner, …; without any: only a period."""
        pieces, found = self.pieces, self.found
        if pieces.use_all("who"):
            found.group_by = "employee" if "no_data" in found.statuses else None
            pieces.use_all("word")
        has_noun = pieces.use_all("kpi") or bool(
            found.people and pieces.has_any("list")
        )
        has_noun |= found.is_owned
        # “which finance numbers are red”
        if pieces.has_any("which") and self._has_conditions():
            has_noun = pieces.use_all("word") or has_noun
        if has_noun:
            self.take_direction()
        pieces.use_all("list", "which", "report")
        self.take_outlook()
        self.take_missed_target()
        self.take_since()
        is_named = has_noun or self._has_conditions()
        if not is_named and not self._is_of_a_quarter():
            raise Unclear(
                "no_metric",
                [
                    piece.text
                    for piece in pieces.all
                    if not piece.meanings.keys() & {"filler"}
                ],
            )
        return self.make("list_kpis")

    def _is_of_a_quarter(self) -> bool:
        """“show me q3” means all KPIs; “last month” alone says too little."""
        found = self.found
        spans = [span for _, span in found.periods]
        return (
            len(spans) == 1
            and spans[0].grain in ("quarter", "half", "year")
            and spans[0].back is None
            and not found.departments
            and not found.people
        )

    def _trend(self) -> Intent:
        pieces, found = self.pieces, self.found
        pieces.use_all("trend", "move", "which", "list", "will", "or")
        found.statuses = [one for one in found.statuses if one not in TRENDS]
        return self.make("trend")

    def _value(self) -> Intent:
        pieces, found = self.pieces, self.found
        pieces.use_all("howmany", "list", "which", "report")
        noun = self.grouping_noun()
        if not found.group_by and noun:
            if pieces.is_plural(noun) or self._has_conditions():
                found.group_by = noun
                pieces.use_all(noun, "who")
        return self.make("value")
