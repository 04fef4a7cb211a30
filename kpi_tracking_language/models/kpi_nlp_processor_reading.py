import json
from collections import OrderedDict
from datetime import UTC, timedelta

from pydantic import ValidationError

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import get_lang

from ..engine.catalogue import Catalogue, Metric
from ..engine.follow_up import read_next
from ..engine.intent import Context, Intent
from ..engine.reading import read
from ..engine.tokens import words

MOST_CACHED = 32
MAX_CONTEXT = 20_000  # characters of a question that another one follows up on
FOLLOWED_FOR = timedelta(minutes=10)
UNITS = {"percent": "%", "score": "points", "number": "count"}
DURATIONS = {"minute": "minutes", "hour": "hours", "day": "days"}
# What users see of the names of KPIs, people and departments, by user, and what it was
# made of; whether that still holds is looked up for each question.
_CATALOGUES = OrderedDict()


class KpiNlpProcessor(models.AbstractModel):
    """What a user may ask for, and how a question is read by it."""

    _inherit = "kpi.nlp.processor"

    def _read_question(self, text, before=None):
        """The ``Intent`` of a question, by what the user may ask for.

        :param before: ``Context`` of the question that it follows up on
        """
        catalogue, today = self._get_catalogue(), self._get_calendar()._today()
        language = get_lang(self.env).code[:2]
        if not before:
            return read(text, catalogue, today, language)
        if not self._is_usable(before, catalogue):
            return Intent(kind="clarify", reason="too_late", language=language)
        return read_next(text, catalogue, today, language, before)

    def _read_context(self, after):
        """The ``Context`` of the question before; None where there is none.

        :raises UserError: it is none that an answer had
        """
        if not after:
            return None
        try:
            if len(json.dumps(after)) > MAX_CONTEXT:
                why = self.env._("it is longer than %s characters", MAX_CONTEXT)
            else:
                return Context(**after)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            why = f"{place}: {first['msg']}"
        except TypeError:
            why = self.env._("it must be an object")
        raise UserError(self.env._("“after” is not the context of an answer: %s", why))

    def _is_usable(self, before, catalogue):
        """Check whether the user sees all that a question names, which is not old."""
        codes, keys = before.list_keys()
        age = fields.Datetime.now().replace(tzinfo=UTC) - before.asked_at
        return (
            abs(age) <= FOLLOWED_FOR
            and before.kind != "clarify"
            and codes <= catalogue.by_code.keys()
            and keys <= {*catalogue.departments, *catalogue.people}
        )

    def _get_calendar(self):
        return self.env["kpi.calendar"]._find_company_default(self.env.company)

    def _get_catalogue(self):
        """The names that the user may ask for, made again where one changed.

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
            # The number shows rows that are gone.
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
