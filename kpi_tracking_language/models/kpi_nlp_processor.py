from collections import Counter, OrderedDict
from dataclasses import replace
from operator import eq, ge, gt, le, lt

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import get_lang

from odoo.addons.kpi_base.formatting import format_number, format_percent
from odoo.addons.kpi_tracking.engine.scorecard import weighted_achievement
from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPE_MODELS

from ..engine.catalogue import Catalogue, Metric
from ..engine.intent import GRAINS
from ..engine.parts import TRENDS
from ..engine.reading import read
from ..engine.tokens import words
from .kpi_report import NoSuchPeriodError

MOST_CANDIDATES = 20
MOST_SAID = 6  # values, in words
MOST_ROWS = 100
MOST_CACHED = 32
UNITS = {"percent": "%", "score": "points", "number": "count"}
DURATIONS = {"minute": "minutes", "hour": "hours", "day": "days"}
SCOPES = {"department": "department", "employee": "user"}
OPERATORS = {">": gt, "<": lt, ">=": ge, "<=": le, "=": eq}
# What users see of the names of KPIs, people and departments, by whom and what it was
# made of; whether that still holds is looked up for each question.
_CATALOGUES = OrderedDict()


class KpiNlpProcessor(models.AbstractModel):
    """Questions about KPIs in plain words, and their answers."""

    _name = "kpi.nlp.processor"
    _description = "KPI Questions"
    _inherit = ["kpi.phrase.mixin"]

    @api.model
    def process_natural_language_query(self, query: str) -> dict:
        """Answer a question, or say what is unclear about it.

        :return: as ``POST /api/kpi/query``, with ids in the place of records
        """
        found = self._answer_question(query)
        for name in ("rows", "candidates", "ranking", "forecast", "anomalies"):
            found[name] = [self._replace_record(values) for values in found[name]]
        if found["answer"]:
            found["answer"] = self._replace_record(found["answer"])
        return found

    def _replace_record(self, values):
        return {**values, "report": values["report"].id}

    def _answer_question(self, text):
        """Answer as the route does.

        :return: dict with ``outcome``, ``reading``, ``answer``, ``candidates``,
            ``intent``, ``rows``, ``count``
        """
        return self._answer_intent(self._read_question(text))

    def _read_question(self, text):
        """The ``Intent`` of a question, by what the user may ask for."""
        calendar, language = self._get_calendar(), get_lang(self.env).code[:2]
        return read(text, self._get_catalogue(), calendar._today(), language)

    def _answer_intent(self, intent):
        if intent.intent == "clarify":
            return self._ask_back(intent)
        try:
            found = getattr(self, f"_answer_{intent.intent}")(intent)
        except NoSuchPeriodError as error:
            reports = error.report or self.env["kpi.report"]
            return self._make_unclear(str(error), reports, intent, error.span)
        if intent.intent == "rank":
            for one in found["ranking"]:
                one["text"] = self._write_place(intent, one)
        if found["outcome"] == "answered" and not found["sentences"]:
            said = self._say_answer(intent, found)
            found["sentences"] = said + self._say_hidden(intent)
        return found

    # what may be asked for

    def _get_calendar(self):
        return self.env["kpi.calendar"]._find_company_default(self.env.company)

    def _get_catalogue(self):
        """The names that the user may ask for, made anew where one changed.

        What the user sees is looked up for each question, so that rights that were
        taken away count at once.
        """
        definitions = self.env["kpi.definition"].search_fetch([], ["name", "code"])
        reports = self.env["kpi.report"].search_fetch(
            [], ["scope_type", "company_id", "department_id", "team_id", "user_id"]
        )
        key = (self.env.cr.dbname, self.env.uid, self.env.companies._ids)
        certified = definitions & definitions.search(
            [("certification", "=", "certified")]
        )
        state = (
            definitions._ids,
            certified._ids,
            reports._ids,
            self.env.lang,
            self._get_calendar()._spec(),
            self._find_latest_change(definitions),
        )
        known = _CATALOGUES.get(key)
        if not known or known[0] != state:
            known = (state, self._make_catalogue(definitions, certified, reports))
            _CATALOGUES[key] = known
            while len(_CATALOGUES) > MOST_CACHED:
                _CATALOGUES.popitem(last=False)
        return known[1]

    def _find_latest_change(self, definitions):
        """When one of these KPIs, or a department or team, was changed last."""
        names = [
            "kpi.definition",
            "kpi.definition.synonym",
            "hr.department",
            "kpi.team",
            "res.users",
        ]
        for name in names:
            self.env[name].flush_model(["write_date"])
        tables = [SQL.identifier(self.env[name]._table) for name in names]
        latest = SQL(", ").join(
            # The number tells of rows that are gone.
            SQL("(SELECT (max(write_date), count(*))::text FROM %s)", table)
            for table in tables
        )
        return self.env.execute_query(SQL("SELECT %s", latest))[0]

    def _make_catalogue(self, definitions, certified, reports):
        spec = self._get_calendar()._spec()
        departments, people = {}, {}
        for report in reports:
            # What a KPI is tracked for is no secret to those who see the KPI.
            record = report._scope_record().sudo()
            names = {record.display_name, record.name, report.scope_name}
            names = tuple(filter(None, names))
            key = f"{report.scope_type}:{record.id}"
            scopes = people if report.scope_type == "user" else departments
            scopes[key] = names
        order = get_lang(self.env).date_format
        return Catalogue(
            metrics=self._make_metrics(definitions, certified, reports),
            departments=departments,
            people=people,
            calendar=spec,
            day_first=order.find("%d") < order.find("%m"),
        )

    def _make_metrics(self, definitions, certified, reports):
        """KPIs by all their names; of several of one name those that the user sees
        values of, and of these the only certified one."""
        names = {
            definition: {definition.name, definition.code} - {False}
            for definition in definitions
        }
        for code, _name in self.env["res.lang"].get_installed():
            for definition in definitions.with_context(lang=code):
                names[definition].add(definition.name)
        synonyms = self.env["kpi.definition.synonym"].search_fetch(
            [("definition_id", "in", definitions.ids)], ["definition_id", "text"]
        )
        for synonym in synonyms:
            names[synonym.definition_id].add(synonym.text)
        called = {}
        for definition, texts in names.items():
            for name in {words(text) for text in texts}:
                called.setdefault(name, definitions.browse())
                called[name] |= definition
        several = {name: same for name, same in called.items() if len(same) > 1}

        tracked = reports.definition_id

        def is_meant(definition, text):
            same = several.get(words(text), definition)
            same = same & tracked or same
            chosen = same & certified
            return definition in (chosen if len(chosen) == 1 else same)

        return tuple(
            Metric(
                str(definition.id),
                tuple(text for text in texts if is_meant(definition, text)),
                self._get_unit(definition),
                definition.direction,
                definition.aggregation_time == "sum",
            )
            for definition, texts in names.items()
        )

    def _get_unit(self, definition):
        if definition.unit == "currency":
            return definition.currency_id.name
        if definition.unit == "duration":
            return DURATIONS[definition.duration_unit or "day"]
        return UNITS.get(definition.unit, definition.unit_symbol or "count")

    # which KPIs are meant

    def _find_reports(self, intent):
        """The KPIs that a question names: of whom it says, else of the own company."""
        metrics = [int(code) for code in intent.metrics]
        if not metrics:
            return self.env["kpi.report"]
        reports = self.env["kpi.report"].search([("definition_id", "in", metrics)])
        named = [
            one.value if isinstance(one.value, tuple) else (one.value,)
            for one in intent.filters
            if one.name in ("department", "owner") and one.value != "me"
        ]
        if named:
            keys = {key for keys in named for key in keys}
            return reports.filtered(
                lambda kpi: f"{kpi.scope_type}:{kpi._scope_record().id}" in keys
            )
        if intent.scope == "me":
            return reports.filtered(
                lambda kpi: kpi.scope_type == "user" and kpi.user_id == self.env.user
            )
        if intent.scope == "company":
            return reports.filtered(lambda kpi: kpi.scope_type == "company")
        if intent.group_by in ("department", "employee"):
            scope = "user" if intent.group_by == "employee" else "department"
            return reports.filtered(lambda kpi: kpi.scope_type == scope)
        return reports.browse().union(
            *(same._get_own() for same in reports.grouped("definition_id").values())
        )

    def _find_listed(self, intent):
        """The KPIs that a list is of, before those of other status are left out."""
        domain = self._get_named_domain(intent, ("department", "owner"))
        for one in intent.filters:
            if one.name == "frequency":
                domain &= Domain("frequency", "=", GRAINS[one.value])
            elif one.name == "last_update":
                domain &= Domain("last_measured_at", one.operator, one.value)
        return self.env["kpi.report"].search(domain)

    def _get_named_domain(self, intent, names):
        """The KPIs of the departments, teams and people in these conditions."""
        domain = Domain.TRUE
        for one in intent.filters:
            if one.name in names:
                keys = one.value if isinstance(one.value, tuple) else (one.value,)
                domain &= Domain.OR(map(self._get_scope_domain, keys))
        return domain

    def _say_hidden(self, intent):
        """Of how many KPIs an answer about several is, where there are more.

        What people's own KPIs are, and when values came, is told to nobody else, not
        even by a number.
        """
        told = {"list_kpis", "count", "rank"}
        others = {"owner", "frequency", "last_update"}
        if intent.scope == "me" or others & {one.name for one in intent.filters}:
            return []
        if intent.intent not in told and intent.group_by not in SCOPES:
            return []
        domain = self._get_named_domain(intent, ("department",))
        domain &= Domain("company_id", "in", self.env.companies.ids)
        domain &= Domain("scope_type", "!=", "user")
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

    def _get_scope_domain(self, key):
        if key == "me":
            mine = [("user_id", "=", self.env.uid), ("scope_type", "=", "user")]
            return Domain.OR([Domain("owner_id", "=", self.env.uid), Domain(mine)])
        scope, number = key.split(":")
        if scope == "user":
            return Domain("user_id", "=", int(number)) | Domain(
                "owner_id", "=", int(number)
            )
        operator = "child_of" if scope == "department" else "="
        return Domain(f"{scope}_id", operator, int(number)) & Domain(
            "scope_type", "=", scope
        )

    # answers

    def _answer_value(self, intent):
        reports = self._find_reports(intent)
        if not reports or (len(reports) > 1 and not self._is_for_several(intent)):
            return self._ask_which(reports, intent)
        asked = {
            report: report._find_asked_periods(intent.period, intent.granularity)
            for report in reports[:MOST_ROWS]
        }
        rows = reports._read_asked(asked)
        rows = [row for row in rows if self._passes(row, intent)]
        return self._make_answer(intent, rows)

    def _is_for_several(self, intent):
        """Check whether a question asks for more than one KPI."""
        named = [one for one in intent.filters if isinstance(one.value, tuple)]
        return bool(intent.group_by or len(intent.metrics) > 1 or named)

    _answer_trend = _answer_value

    def _answer_compare(self, intent):
        """Two periods, a value and its target, or several KPIs side by side."""
        found = self._answer_value(intent)
        if found["outcome"] != "answered" or intent.compare_to in (None, "target"):
            return found
        other = self._answer_value(replace(intent, period=intent.compare_to))
        if other["outcome"] != "answered":
            return other
        rows = found["rows"] + other["rows"]
        reading = self._say_reading(intent, rows)
        return {
            **found,
            "rows": rows,
            "count": len(rows),
            "answer": None,
            "reading": reading,
        }

    def _answer_list_kpis(self, intent):
        reports = self._find_listed(intent)
        rows = reports._judge_listed(intent.period, is_closed=_is_of_closed(intent))
        rows = [row for row in rows if self._passes(row, intent)]
        found = self._make_answer(intent, rows[:MOST_ROWS])
        return {**found, "answer": None, "count": len(rows)}

    _answer_count = _answer_list_kpis

    def _answer_rank(self, intent):
        """Which are best or worst: KPIs, or departments and people by a KPI, else by
        what their KPIs achieve on average. Equal ones share a place."""
        if len(intent.metrics) > 1:
            why = self._phrase("which.ranking")
            return self._make_unclear(why, self.env["kpi.report"], intent)
        reports = self._find_listed(intent)
        if intent.group_by != "kpi":
            scope = SCOPES[intent.group_by]
            reports = reports.filtered(lambda kpi: kpi.scope_type == scope)
        if intent.metrics:
            metrics = set(map(int, intent.metrics))
            reports = reports.filtered(lambda kpi: kpi.definition_id.id in metrics)
        is_by_change = intent.rank_by == "change"
        rows = reports._judge_listed(intent.period, is_closed=_is_of_closed(intent))
        is_by_value = intent.metrics and intent.rank_by != "achievement"
        name = "value" if is_by_value else "achievement"
        if is_by_change:
            name = "change" if intent.metrics else "achievement_change"
        groups = {}
        for row in rows:
            if row[name] is not None and self._passes(row, intent):
                kpi = row["report"]
                group = kpi if intent.group_by == "kpi" else kpi._scope_record()
                groups.setdefault(group, []).append(row)
        is_mean = intent.group_by != "kpi" and not is_by_value
        ranked = [
            self._rank_group(group, same, name, is_mean)
            for group, same in groups.items()
        ]
        found = self._make_answer(intent, [])
        ranking = _pick(ranked, intent)
        chosen = {id(row) for group in ranking for row in group.pop("rows")}
        shown = [row for row in rows if id(row) in chosen][:MOST_ROWS]
        return {**found, "ranking": ranking, "rows": shown, "count": len(ranked)}

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
        }

    def _passes(self, row, intent):
        """Check what a question says of status, achievement and value."""
        for one in intent.filters:
            if one.name == "status" and not self._has_status(row, one.value):
                return False
            if one.name in ("achievement", "value", "target"):
                number = row[one.name]
                if number is None or not OPERATORS[one.operator](number, one.value):
                    return False
        return True

    def _has_status(self, row, status):
        if isinstance(status, tuple):
            return any(self._has_status(row, one) for one in status)
        if status == "above_target":
            return row["achievement"] is not None and row["achievement"] > 100
        if status in ("improving", "declining"):
            return row["trend"] == status
        return row["status"] == status

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
        }

    def _say_answer(self, intent, found):
        """An answer in sentences, the first few of many."""
        if intent.intent in ("list_kpis", "count"):
            count = found["count"]
            return [self._phrase("count.one" if count == 1 else "count", count=count)]
        if intent.intent == "rank":
            return self._say_ranking(intent, found["ranking"])
        said = [row["report"]._say_answered(row) for row in found["rows"][:MOST_SAID]]
        if intent.intent == "compare" and len(found["rows"]) == 2:
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
            *(", ".join(map(str, self._list_values(one))) for one in intent.filters),
            intent.period and f"{intent.period.first} – {intent.period.last}",
        ]
        return ", ".join(filter(None, parts)) or self._phrase("all.kpis")

    def _list_values(self, condition):
        """The values of a condition, in words."""
        values = condition.value
        for value in values if isinstance(values, tuple) else (values,):
            if condition.name in ("department", "owner") and ":" in str(value):
                scope, number = value.split(":")
                records = self.env[SCOPE_MODELS[scope]].browse(int(number))
                # The name was read from a KPI that the user sees.
                yield records.sudo().display_name
            elif condition.name == "status":
                yield self._name_status(value)
            elif value == "me":
                yield self.env.user.name
            elif condition.name in ("frequency", "department", "owner"):
                yield value
            else:
                yield f"{condition.name} {condition.operator} {value}"

    def _name_status(self, status):
        name = self._phrase(f"status.{status}")
        return name[:1].upper() + name[1:]

    # questions back

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
    """Check whether a question is about the change to the latest closed period.

    Without a period: a running one has not reached yet what it is compared with.
    """
    asked = set()
    for one in intent.filters:
        if one.name == "status":
            asked |= {*one.value} if isinstance(one.value, tuple) else {one.value}
    is_change = intent.rank_by == "change" or not TRENDS.isdisjoint(asked)
    return is_change and not intent.period


def _pick(ranked, intent):
    """The asked-for places of a ranking, best first; equal ones with the last."""
    is_falling = intent.order != "asc"
    ordered = sorted(ranked, key=lambda one: one["number"], reverse=is_falling)
    if intent.order == "both":
        many = intent.limit or 1
        return ordered[:many] + ordered[max(len(ordered) - many, many) :]
    start = intent.offset or 0
    stop = start + intent.limit if intent.limit else len(ordered)
    chosen, rest = ordered[start:stop], ordered[stop:]
    last = chosen[-1]["number"] if chosen else None
    return chosen + [one for one in rest if one["number"] == last]
