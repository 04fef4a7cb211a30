from collections import Counter
from datetime import UTC

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.formatting import (
    format_day,
    format_number,
    format_percent,
)
from odoo.addons.kpi_tracking.engine.scorecard import weighted_achievement
from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPE_MODELS

from ..engine.conditions import keep
from ..engine.intent import GRAINS, Span
from ..engine.ledger import Ledger, UnusedError
from .kpi_report import NoSuchPeriodError

MOST_CANDIDATES = 20
SIGNS = {"<=": "≤", ">=": "≥"}
SCOPES = {"department": "department", "team": "team", "person": "user"}
MOST_SAID = 6  # values, in words
MOST_ROWS = 100


class KpiNlpProcessor(models.AbstractModel):
    """Questions about KPIs in plain words, and their answers."""

    _name = "kpi.nlp.processor"
    _description = "KPI Questions"
    _inherit = ["kpi.phrase.mixin"]

    @api.model
    def process_natural_language_query(
        self, query: str, after: dict | None = None
    ) -> dict:
        """Answer a question, or say what is unclear about it.

        :param after: ``after`` of the answer that the question follows up on, such as
            “and for Sales?”; counts for ten minutes
        :return: as ``POST /api/kpi/query``, with ids in the place of records
        """
        found = self._answer_question(query, after)
        for name in ("rows", "candidates", "ranking", "forecast", "anomalies"):
            found[name] = [self._replace_record(values) for values in found[name]]
        if found["answer"]:
            found["answer"] = self._replace_record(found["answer"])
        return found

    def _replace_record(self, values):
        return {**values, "report": values["report"].id}

    def _answer_question(self, text, after=None):
        """Answer as the route does.

        :return: dict with ``outcome``, ``reading``, ``answer``, ``candidates``,
            ``intent``, ``rows``, ``count``
        """
        intent = self._read_question(text, self._read_context(after))
        return self._answer_intent(intent)

    def _answer_intent(self, intent):
        """The answer, which uses all that was read; otherwise a question back."""
        if intent.kind == "clarify":
            return self._ask_back(intent)
        found = self._try_answer(intent)
        if intent.kind == "rank":
            for one in found["ranking"]:
                one["text"] = self._write_place(intent, one)
        if found["outcome"] == "answered" and not found["sentences"]:
            said = self._say_answer(intent, found)
            found["sentences"] = said + self._say_hidden(intent)
        if found["outcome"] in ("answered", "proposed"):
            now = fields.Datetime.now().replace(tzinfo=UTC)
            found["after"] = intent.as_context(now)
        return found

    def _try_answer(self, intent):
        """The answer of the kind of question, or a question back."""
        asked = Ledger(intent)
        try:
            found = getattr(self, f"_answer_{intent.kind}")(asked)
            if found["outcome"] in ("answered", "proposed"):
                asked.close()
        except NoSuchPeriodError as error:
            reports = error.report or self.env["kpi.report"]
            return self._make_unclear(str(error), reports, intent, error.span)
        except UnusedError as error:
            return self._refuse_unused(error, intent)
        except UserError as error:
            if isinstance(error, AccessError):
                raise
            # such as days of a KPI that has a value a month
            return self._make_unclear(str(error), (), intent)
        return found

    # of how many KPIs

    def _say_hidden(self, intent):
        """Of how many KPIs an answer about several is, where there are more.

        What people's own KPIs are, and when values came, is told to nobody else, not
        even by a number.
        """
        told = {"list_kpis", "count", "rank"}
        if intent.kind not in told and intent.group_by not in SCOPES:
            return []
        scope = intent.scope
        if scope and scope.kind in ("me", "owned", "my_team", "person"):
            return []
        others = {"owner", "frequency", "last_update", "metric"}
        if others & {one.field for one in intent.conditions}:
            return []
        domain = Domain("company_id", "in", self.env.companies.ids)
        domain &= Domain("scope_type", "!=", "user")
        if scope and scope.ids:
            domain &= Domain.OR(map(self._get_key_domain, scope.ids))
        for key in scope.excluded if scope else ():
            domain &= ~self._get_key_domain(key)
        if intent.group_by in SCOPES:
            domain &= Domain("scope_type", "=", SCOPES[intent.group_by])
        if intent.metrics:
            domain &= Domain("definition_id", "in", list(map(int, intent.metrics)))
        reports = self.env["kpi.report"]
        seen = reports.search_count(domain)
        # How many there are is said, and nothing else of them.
        total = reports.sudo().search_count(domain)
        if seen == total:
            return []
        return [self._phrase("hidden", seen=seen, total=total)]

    # answers

    def _answer_value(self, asked):
        reports = self._find_reports(asked)
        if not reports or (len(reports) > 1 and not self._is_for_several(asked.intent)):
            return self._ask_which(reports, asked.intent)
        rows = self._read_values(reports, asked, asked.take("period"))
        found = self._make_answer(asked.intent, rows)
        if asked.intent.aggregate:
            found["sentences"] = self._say_aggregates(rows, asked)
        return found

    def _say_aggregates(self, rows, asked):
        """The total or mean of each KPI's values; none of what has no total."""
        kind = asked.intent.aggregate
        said = []
        for report in dict.fromkeys(row["report"] for row in rows):
            same = [row for row in rows if row["report"] == report]
            values = [row["value"] for row in same if row["value"] is not None]
            if len(same) == 1 or not values:
                said.append(report._say_answered(same[0]))
                asked.take("aggregate")
                continue
            # What a KPI is made of is no secret to those who see it.
            is_sum = report.sudo().definition_id.aggregation_time == "sum"
            if kind not in ("total", "mean") or is_sum != (kind == "total"):
                break
            asked.take("aggregate")
            number = sum(values) if is_sum else sum(values) / len(values)
            said.append(
                self._phrase(
                    f"aggregate.{kind}",
                    kpi=report.kpi_name,
                    scope=report.scope_name,
                    first=same[0]["label"],
                    last=same[-1]["label"],
                    value=report._write_value(number),
                )
            )
        return said[:MOST_SAID]

    def _read_values(self, reports, asked, span):
        """The values of KPIs in a period that meet the conditions."""
        grain = asked.take("granularity")
        periods_of = {
            report: report._find_asked_periods(span, grain)
            for report in reports[:MOST_ROWS]
        }
        return self._keep_rows(reports._read_asked(periods_of), asked)

    def _is_for_several(self, intent):
        """Check whether a question asks for more than one KPI."""
        scope = intent.scope
        is_wide = scope and (len(scope.ids) > 1 or scope.kind in ("owned", "my_team"))
        return bool(intent.group_by or len(intent.metrics) > 1 or is_wide)

    _answer_trend = _answer_value

    def _answer_compare(self, asked):
        """Two periods, a value and its target, or several KPIs side by side."""
        found = self._answer_value(asked)
        compared = asked.take("compare_to")
        if found["outcome"] != "answered" or not isinstance(compared, Span):
            return found
        reports = self._find_reports(asked)
        rows = found["rows"] + self._read_values(reports, asked, compared)
        return {
            **found,
            "rows": rows,
            "count": len(rows),
            "answer": None,
            "reading": self._say_reading(asked.intent, rows),
        }

    def _answer_list_kpis(self, asked):
        rows = self._list_rows(asked)
        found = self._make_answer(asked.intent, rows[:MOST_ROWS])
        found |= {"answer": None, "count": len(rows)}
        if asked.intent.group_by == "person":
            # Who has not entered values: those who are responsible for the KPIs.
            asked.take("group_by")
            people = Counter(row["report"].owner_id for row in rows)
            said = ", ".join(
                # Whose KPI it is is seen on the KPI.
                f"{person.sudo().name or '–'} ({count})"
                for person, count in people.most_common(MOST_SAID)
            )
            found["sentences"] = self._say_answer(asked.intent, found)
            if said:
                found["sentences"].append(self._phrase("list.responsible", people=said))
        return found

    def _list_rows(self, asked):
        """The KPIs in question that meet its conditions, each with its value."""
        is_closed = _is_of_closed(asked.intent)
        reports = self._find_listed(asked)
        rows = reports._judge_listed(asked.take("period"), is_closed=is_closed)
        return self._keep_rows(rows, asked)

    def _answer_count(self, asked):
        """How many KPIs, or how many departments or people have such KPIs."""
        rows = self._list_rows(asked)
        found = self._make_answer(asked.intent, rows[:MOST_ROWS])
        count = len(rows)
        if asked.intent.group_by:
            count = len({row["report"]._scope_record() for row in rows})
        return {**found, "answer": None, "count": count}

    def _answer_rank(self, asked):
        """Which are best or worst: KPIs, or departments and people by a KPI, else by
        what their KPIs achieve on average. Equal ones share a place."""
        intent = asked.intent
        if len(intent.metrics) > 1:
            why = self._phrase("which.ranking")
            return self._make_unclear(why, self.env["kpi.report"], intent)
        if intent.group_by in GRAINS.values():
            return self._rank_periods(asked)
        if intent.aggregate in ("max", "min"):
            return self._rank_ever(asked)
        metrics = set(map(int, asked.take("metrics")))
        group_by, by = asked.take("group_by"), asked.take("rank_by")
        reports = self._find_listed(asked)
        if metrics:
            reports = reports.filtered(lambda kpi: kpi.definition_id.id in metrics)
        is_closed = _is_of_closed(intent)
        rows = reports._judge_listed(asked.take("period"), is_closed=is_closed)
        is_by_value = bool(metrics) and by != "achievement"
        name = "value" if is_by_value else "achievement"
        if by == "change":
            name = "change" if metrics else "achievement_change"
        is_mean = group_by != "kpi" and not is_by_value
        # A department has the mean of its KPIs.
        of_groups = ("achievement",) if is_mean and name == "achievement" else ()
        rows = self._keep_rows(rows, asked, without=of_groups)
        groups = {}
        for row in rows:
            if row[name] is not None:
                kpi = row["report"]
                group = kpi if group_by == "kpi" else kpi._scope_record()
                groups.setdefault(group, []).append(row)
        ranked = [
            self._rank_group(group, same, name, is_mean)
            for group, same in groups.items()
        ]
        ranked = keep(ranked, asked.take_conditions(*of_groups))
        found = self._make_answer(intent, [])
        ranking = _pick(ranked, asked)
        chosen = {id(row) for group in ranking for row in group["rows"]}
        ranking = [
            {key: one[key] for key in ("name", "number", "kpi_count", "report")}
            for one in ranking
        ]
        shown = [row for row in rows if id(row) in chosen][:MOST_ROWS]
        return {**found, "ranking": ranking, "rows": shown, "count": len(ranked)}

    def _rank_periods(self, asked):
        """Which closed periods of a KPI were best or worst."""
        report = self._find_reports(asked)
        if len(report) != 1:
            return self._ask_which(report, asked.intent)
        calendar = report.definition_id.calendar_id
        grain, span = asked.take("group_by"), asked.take("period")
        if not span:
            # What a KPI is made of is no secret to those who see it.
            first = report.sudo().definition_id._first_counted_day()
            span = Span(first, calendar._today())
        is_reached = asked.intent.rank_by == "achievement"
        name = "achievement" if is_reached and asked.take("rank_by") else "value"
        closed = [
            period
            for period in report._find_asked_periods(span, grain)
            if period.stop <= calendar._today()
        ]
        rows = report._read_asked({report: closed}) if closed else []
        rows = [row for row in self._keep_rows(rows, asked) if row[name] is not None]
        ranked = [
            {
                "name": row["label"],
                "number": row[name],
                "kpi_count": 1,
                "report": report,
            }
            for row in rows
        ]
        ranking = _pick(ranked, asked)
        labels = {one["name"] for one in ranking}
        shown = [row for row in rows if row["label"] in labels][:MOST_ROWS]
        answer = self._make_answer(asked.intent, [])
        return {**answer, "ranking": ranking, "rows": shown, "count": len(ranked)}

    def _rank_ever(self, asked):
        """Each person's or department's highest or lowest value of closed periods."""
        aggregate, _group = asked.take("aggregate"), asked.take("group_by")
        reports = self._find_reports(asked)[:MOST_ROWS]
        first = {
            # What a KPI is made of is no secret to those who see it.
            report: report.sudo().definition_id._first_counted_day()
            for report in reports
        }
        today = self._get_calendar()._today()
        rows = reports._read_asked(
            {
                report: [
                    period
                    for period in report._find_asked_periods(Span(first[report], today))
                    if period.stop <= today
                ]
                for report in reports
            }
        )
        best = max if aggregate == "max" else min
        groups = {}
        for row in self._keep_rows(rows, asked):
            if row["value"] is not None:
                groups.setdefault(row["report"]._scope_record(), []).append(row)
        shown = [best(same, key=lambda row: row["value"]) for same in groups.values()]
        ranked = [
            {
                # What a KPI is tracked for is no secret to those who see the KPI.
                "name": f"{row['report']._scope_record().sudo().display_name}, "
                f"{row['label']}",
                "number": row["value"],
                "kpi_count": 1,
                "report": row["report"],
            }
            for row in shown
        ]
        ranking = _pick(ranked, asked)
        answer = self._make_answer(asked.intent, [])
        return {**answer, "ranking": ranking, "rows": shown, "count": len(ranked)}

    def _rank_group(self, group, rows, name, is_mean):
        """A place in a ranking: its number, and of how many KPIs it is."""
        number = rows[0][name]
        if is_mean and name == "achievement_change":
            number = sum(row[name] for row in rows) / len(rows)
        elif is_mean:
            # As a scorecard: what one KPI has too much does not help the others.
            reached = [[row[name]] for row in rows]
            number = float(weighted_achievement(reached, [1] * len(rows)).percent[0])
        # What a KPI is tracked for is no secret to those who see the KPI.
        label = group.sudo().display_name
        return {
            "name": label,
            "number": number,
            "kpi_count": len(rows),
            "report": rows[0]["report"],
            "rows": rows,
            "achievement": number,
        }

    def _make_answer(self, intent, rows, **found):
        """An answer with these ``rows``, and what else was ``found``."""
        one = rows[0] if len(rows) == 1 else None
        return {
            **self._make_empty(intent),
            "outcome": "answered",
            "reading": self._say_reading(intent, rows),
            "answer": one,
            "rows": rows,
            "count": len(rows),
            **found,
        }

    def _make_empty(self, intent):
        return {
            "answer": None,
            "candidates": [],
            "intent": intent.as_dict(),
            "rows": [],
            "ranking": [],
            "count": 0,
            "sentences": [],
            "change": None,
            "forecast": [],
            "anomalies": [],
            "proposal": None,
            "after": None,
        }

    def _say_answer(self, intent, found):
        """An answer in sentences, the first few of many."""
        if intent.kind in ("list_kpis", "count"):
            count = found["count"]
            kind = "count.one" if count == 1 else "count"
            if intent.kind == "count" and intent.group_by in SCOPES:
                kind = f"count.{intent.group_by}"
            said = [self._phrase(kind, count=count)]
            if intent.conditions or intent.scope:
                said.append(f"{found['reading']}.")
            return said
        if intent.kind == "rank":
            return self._say_ranking(intent, found["ranking"])
        said = [row["report"]._say_answered(row) for row in found["rows"][:MOST_SAID]]
        if intent.kind == "compare" and len(found["rows"]) == 2:
            first, second = found["rows"]
            said += first["report"]._say_difference(first, second)
        return said or [self._phrase("none.meets")]

    def _say_ranking(self, intent, ranking):
        """The places in words, equal ones with the same number, and of how many KPIs
        the one of the fewest is."""
        if not ranking:
            return [self._phrase("rank.none")]
        first = 1 + (intent.offset or 0)
        numbers = [one["number"] for one in ranking]
        said = [
            self._phrase(
                "rank",
                place=first + numbers.index(one["number"]),
                name=one["name"],
                number=one["text"],
            )
            for one in ranking[:MOST_SAID]
        ]
        fewest = min(one["kpi_count"] for one in ranking)
        if intent.group_by in SCOPES and not intent.metrics:
            said.append(self._phrase("rank.sample", count=fewest))
        return said

    def _write_place(self, intent, ranked):
        """The number of a place in a ranking, with its unit."""
        number, report = ranked["number"], ranked["report"]
        if intent.metrics and intent.rank_by == "change":
            return report._format_change(number)
        if intent.rank_by == "change":
            points = format_number(self.env, abs(number), 1)
            kind = "rank.down" if number < 0 else "rank.up"
            return self._phrase(kind, number=points)
        if not intent.metrics or intent.rank_by == "achievement":
            return format_percent(self.env, number / 100, 1)
        return report._write_value(number)

    def _say_reading(self, intent, rows):
        """How a question was read: KPI, whom it is of, and period; of several each."""
        if intent.metrics and rows:
            reports = {row["report"] for row in rows}
            labels = dict.fromkeys(row["label"] for row in rows if row["label"])
            names = dict.fromkeys(report.kpi_name for report in reports)
            scopes = dict.fromkeys(report.scope_name for report in reports)
            return ", ".join((*names, *scopes, *labels))
        parts = [
            *self._list_scopes(intent.scope),
            *map(self._name_condition, intent.conditions),
            intent.period and f"{intent.period.first} – {intent.period.last}",
        ]
        return ", ".join(filter(None, parts)) or self._phrase("all.kpis")

    def _list_scopes(self, scope):
        """Whose KPIs are meant, in words."""
        if not scope:
            return
        if scope.kind in ("me", "owned"):
            yield self.env.user.name
        elif scope.kind == "my_team":
            yield self._phrase("scope.my_team")
        if scope.ids:
            yield ", ".join(map(self._name_key, scope.ids))
        if scope.excluded:
            names = ", ".join(map(self._name_key, scope.excluded))
            yield self._phrase("without", names=names)

    def _name_key(self, key):
        """The name of a department, team, company or person."""
        if key == "me":
            return self.env.user.name
        if key == "my_team":
            return self._phrase("scope.my_team")
        scope, number = key.split(":")
        # The name was read from a KPI that the user sees.
        return self.env[SCOPE_MODELS[scope]].browse(int(number)).sudo().display_name

    def _name_condition(self, one):
        """A condition in words."""
        match one.field:
            case "status":
                names = map(self._name_status, one.value)
            case "owner":
                names = map(self._name_key, one.value)
            case "metric":
                known = self.env["kpi.definition"].browse(map(int, one.value))
                names = known.mapped("name")
            case "frequency":
                names = (self._phrase(f"frequency.{name}") for name in one.value)
            case "streak":
                return self._phrase(
                    "condition.streak",
                    status=self._name_status(one.status),
                    count=one.periods,
                    grain=self._phrase(f"grain.{one.grain}"),
                )
            case "forecast":
                return self._phrase(f"condition.forecast.{one.value}")
            case "without_target":
                return self._phrase("condition.without_target")
            case "last_update":
                kind = "before" if one.operator == "<" else "since"
                day = format_day(self.env, one.value)
                return self._phrase(f"condition.updated_{kind}", day=day)
            case name:
                number = format_number(self.env, one.value, _count_digits(one.value))
                if name in ("achievement", "forecast_chance"):
                    number = format_percent(self.env, one.value / 100)
                field = self._phrase(f"field.{name}")
                return f"{field} {SIGNS.get(one.operator, one.operator)} {number}"
        names = ", ".join(names)
        return names if one.operator == "in" else self._phrase("without", names=names)

    def _name_status(self, status):
        name = self._phrase(f"status.{status}")
        return name[:1].upper() + name[1:]

    # questions back

    def _refuse_unused(self, error, intent):
        """Ask back where a part of the question has no place in its answer."""
        parts = [self._name_slot(intent, name) for name in error.slots]
        parts += map(self._name_condition, error.conditions)
        words = ", ".join(filter(None, parts))
        why = self._phrase("unclear.unused", words=words)
        return self._make_unclear(why, (), intent)

    def _name_slot(self, intent, name):
        """A part of a question in words."""
        value = getattr(intent, name)
        if name == "scope":
            return ", ".join(self._list_scopes(value)) or self._phrase("scope.company")
        if name == "metrics":
            definitions = self.env["kpi.definition"].browse(map(int, value))
            return ", ".join(definitions.mapped("name"))
        if isinstance(value, Span):
            return f"{value.first} – {value.last}"
        if name in ("group_by", "granularity"):
            return self._phrase(f"by.{value}")
        if name in ("limit", "offset"):
            return str(value)
        return self._phrase(f"slot.{name}")

    def _ask_back(self, intent):
        definitions = [int(code) for code in intent.candidates]
        reports = self.env["kpi.report"].search([("definition_id", "in", definitions)])
        if not reports and intent.reason == "unknown_words":
            reports = self._find_alike(intent.words)
        said = ", ".join(word.lower() for word in intent.words)
        why = self._phrase(f"unclear.{intent.reason}", words=said)
        return self._make_unclear(why, reports, intent)

    def _find_alike(self, asked):
        """KPIs whose names hold some of the words."""
        named = [
            Domain("definition_id.name", "ilike", word)
            for word in asked
            if len(word) > 2
        ]
        domain = Domain.OR(named) if named else Domain.FALSE
        return self.env["kpi.report"].search(domain, limit=MOST_CANDIDATES)

    def _make_unclear(self, why, candidates, intent, span=None):
        """A question back.

        :param span: that a candidate is asked for
        """
        days = f" from {span.first} to {span.last}" if span else ""
        shown = candidates[:MOST_CANDIDATES]
        called = Counter(one.name for one in shown)
        names = {
            one: f"{one.name} ({one.code})" if called[one.name] > 1 else one.name
            for one in shown
        }
        return {
            **self._make_empty(intent),
            "outcome": "ambiguous" if candidates else "not_understood",
            "reading": why,
            "candidates": [
                {
                    "report": one,
                    "question": f"{one.code} for {one.scope_name}{days}",
                    "text": f"{names[one]}{days and f', {span.first} – {span.last}'}",
                }
                for one in shown
            ],
        }


def _is_of_closed(intent):
    """Check whether a question is about the latest closed period, as the overview is.

    Without a period: a running one has no final status, and has not reached yet what
    it is compared with.
    """
    has_status = any(one.field == "status" for one in intent.conditions)
    return (intent.rank_by == "change" or has_status) and not intent.period


def _count_digits(number):
    return 0 if number == int(number) else 2


def _pick(ranked, asked):
    """The asked-for places of a ranking, best first; equal ones with the last.

    :param asked: ``Ledger``
    """
    order, limit, offset = map(asked.take, ("order", "limit", "offset"))
    is_falling = order != "asc"
    ordered = sorted(ranked, key=lambda one: one["number"], reverse=is_falling)
    if order == "both":
        many = limit or 1
        return ordered[:many] + ordered[max(len(ordered) - many, many) :]
    start = offset or 0
    stop = start + limit if limit else len(ordered)
    chosen, rest = ordered[start:stop], ordered[stop:]
    last = chosen[-1]["number"] if chosen else None
    return chosen + [one for one in rest if one["number"] == last]
