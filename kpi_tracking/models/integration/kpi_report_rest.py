from datetime import timedelta

from odoo import api, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.engine import periods

from ...engine import question
from ..entry.kpi_submission import Entry

SCOPE_WORDS = {"user": ("my", "me", "mine"), "company": ("company", "our")}
MOST_CANDIDATES = 20


class KpiReport(models.Model):
    """KPIs as other systems name them: by number, or by code and scope."""

    _inherit = "kpi.report"

    @api.model
    def _find_by_keys(self, keys, fields=()):
        """The KPIs that ``keys`` name, as far as the user sees them; one query.

        :param keys: objects with ``report_id``, or ``code``, ``scope_type`` and
            ``scope_id``
        :param fields: names of fields to read along
        :return: list of recordsets, empty where nothing is found, several where a code
            is used in several companies
        """
        ids = {key.report_id for key in keys if key.report_id}
        codes = {key.code for key in keys if key.code}
        meant = Domain("id", "in", list(ids))
        if codes:
            meant |= Domain("definition_id.code", "in", list(codes))
        found = self.search_fetch(meant, fields, order="id")
        by_id, by_code = found.grouped("id"), {}
        if codes:
            by_code = found.grouped(
                lambda kpi: (kpi.code, kpi.scope_type, kpi.scope_id)
            )
        nothing, own = self.browse(), self.env.company.id
        return [
            by_id.get(key.report_id, nothing)
            if key.report_id
            else by_code.get((key.code, key.scope_type, key.scope_id or own), nothing)
            for key in keys
        ]

    @api.model
    def _get_lookup_refusal(self, named):
        """Return why ``named`` is not the one KPI that was meant; empty if it is."""
        if not named:
            return self.env._("There is no such KPI.")
        if len(named) > 1:
            return self.env._(
                "Several KPIs have this code. Use one of the IDs %s.",
                ", ".join(map(str, named.ids)),
            )
        return ""

    @api.model
    def _submit_values(self, rows, submit=True):
        """Enter values, all or none, as the person would.

        :param rows: ``keys`` of ``_find_by_keys``, with ``day``, ``value``, ``note``
        :param submit: hand them in; else they stay drafts
        :return: entries, in the order given
        :raises UserError: names the row that is wrong, or says what people read
        """
        reports = self._find_by_keys(rows)
        entries = [
            self._entry_of(index, row, report)
            for index, (row, report) in enumerate(zip(rows, reports, strict=True))
        ]
        slots = [entry.slot for entry in entries]
        for index, slot in enumerate(slots):
            if slot in slots[:index]:
                raise UserError(
                    self.env._("Value %s: this period was already given.", index)
                )
        return self.env["kpi.submission"]._enter(entries, submit=submit)

    @api.model
    def _entry_of(self, index, row, report):
        """Return the values of the entry in row ``index``."""
        if refused := self._get_lookup_refusal(report):
            why = self.env._("Value %(number)s: %(why)s", number=index, why=refused)
            raise UserError(why) if report else MissingError(why)
        definition = report.definition_id
        period = definition.calendar_id._period(definition.frequency, row.day)
        return Entry(report, period, row.value, note=row.note)

    @api.model
    def _answer_question(self, text):
        """Answer with the value of a KPI, or say what is unclear about the question.

        :param text: names one KPI by its full name or code, and may name what it is
            tracked for and a period
        :return: dict with ``outcome``, ``reading``, ``answer`` and ``candidates``
        """
        asked = question.words(text)
        known = self.env["kpi.definition"].search_fetch([], ["name", "code"])
        names = {
            kpi.id: (question.words(kpi.name), question.words(kpi.code or ""))
            for kpi in known
        }
        definitions, asked = question.find_names(names, asked)
        if not definitions:
            why = self.env._(
                "The question does not contain the full name of a KPI you have access"
                " to."
            )
            return self._unclear(why, self._alike(asked))
        reports = self.search([("definition_id", "in", definitions)])
        reports, asked = reports._match_scope(asked)
        calendar = reports.definition_id.calendar_id[:1] or self.env[
            "kpi.calendar"
        ]._company_default(self.env.company)
        try:
            span, asked = question.find_named_period(asked, calendar._today())
        except ValueError:
            return self._unclear(self.env._("There is no such day."))
        left = question.not_understood(asked)
        if left:
            why = self.env._("Not understood: %s.", ", ".join(left))
            return self._unclear(why, reports)
        certified = reports.filtered(lambda kpi: kpi.certification == "certified")
        one = certified if len(certified) == 1 else reports
        if len(one) != 1:
            why = (
                self.env._("The question matches several KPIs. Name one of them.")
                if reports
                else self.env._("No such KPI, or you do not have access to it.")
            )
            return self._unclear(why, reports)
        return one._answer(span)

    def _match_scope(self, asked):
        """Those of these KPIs that are meant: what they are tracked for is named, or
        the user's own company stands for it."""
        names = {report: report._scope_names() for report in self}
        found, beside = question.find_names(names, asked)
        if found:
            return self.filtered(lambda report: report in found), beside
        own = self.filtered(
            lambda report: (
                report.scope_type == "company" and report.company_id == self.env.company
            )
        )
        return own or self, asked

    def _scope_names(self):
        # What a KPI is tracked for is no secret to those who see the KPI.
        record = self._scope_record().sudo()
        names = [question.words(self.scope_name), question.words(record.name or "")]
        if self.scope_type != "user" or self.user_id == self.env.user:
            names += [(word,) for word in SCOPE_WORDS.get(self.scope_type, ())]
        return names

    @api.model
    def _alike(self, asked):
        """KPIs whose names hold some of the words that say something."""
        wanted = [word for word in question.not_understood(asked) if len(word) > 2]
        named = [Domain("definition_id.name", "ilike", word) for word in wanted]
        return self.search(Domain.OR(named), limit=MOST_CANDIDATES)

    @api.model
    def _unclear(self, why, candidates=()):
        return {
            "outcome": "ambiguous" if candidates else "not_understood",
            "reading": why,
            "answer": None,
            "candidates": [
                {"report": one, "question": f"{one.code} for {one.scope_name}"}
                for one in candidates[:MOST_CANDIDATES]
            ],
        }

    def _answer(self, span):
        """The value of this KPI in a period (``question.Span``), or its latest one."""
        period = self._match_period(span) if span else self._current_period()
        if isinstance(period, str):
            return self._unclear(period)
        grain = period.grain if period else self.frequency
        judged = None
        if period:
            found = self._get_judged_values(grain, period.start, period.start)[self]
            judged = found.get(period.start)
        label = period and self.definition_id.calendar_id._period_label(period)
        asked = period and f"?period_start={period.start}&grain={period.grain}"
        unit_name = (
            self.currency_id.name if self.unit == "currency" else self.unit_symbol
        )
        return {
            "outcome": "answered",
            "reading": ", ".join(filter(None, (self.kpi_name, self.scope_name, label))),
            "candidates": [],
            "answer": {
                "report": self,
                "code": self.code,
                "grain": grain,
                "period_start": period and period.start,
                "period_stop": period and period.stop,
                "value": judged and judged.value,
                "target": judged and judged.target,
                "achievement": judged and judged.achievement,
                "status": judged.status if judged else "no_data",
                "unit": self.unit,
                "unit_symbol": unit_name or "",
                "explain": f"/api/kpi/explain/{self.id}{asked or ''}",
            },
        }

    def _match_period(self, span):
        """The period of this KPI's calendar that is meant, or why there is none."""
        calendar = self.definition_id.calendar_id
        period = calendar._period(span.grain, span.day)
        period = periods.previous(calendar._spec(), period, span.back)
        if span.stop and (period.start, period.stop) != (span.day, span.stop):
            # “2026” is another year to everybody where years begin in April.
            return self.env._(
                "The periods of %(kpi)s are not calendar periods. Ask for "
                "“this” or “last” %(grain)s, or for %(day)s.",
                kpi=self.kpi_name,
                grain=span.grain,
                day=span.stop - timedelta(days=1),
            )
        return period
