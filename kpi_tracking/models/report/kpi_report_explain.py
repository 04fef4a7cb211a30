from textwrap import dedent

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, format_time

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import GivenDay, Grain, Nothing

from ...engine.formula import FormulaError


class KpiReport(models.Model):
    """Explanation of a value: its records, its formula, who entered it."""

    _inherit = "kpi.report"

    def action_explain(self):
        """Open what explains the latest value."""
        self.ensure_one()
        return self._explain_action(self.frequency, self.current_period_start)

    def action_explain_period(self, grain: Grain, period_start: GivenDay):
        """Open what explains the value of one period.

        :param period_start: first day of a period of ``grain``
        """
        self.ensure_one()
        return self._explain_action(grain, fields.Date.to_date(period_start))

    def _explain_action(self, grain, period_start):
        if not period_start:
            raise UserError(
                self.computation_error
                or self.env._("%s has no value to explain yet.", self.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Value Explanation"),
            "res_model": "kpi.explanation",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_report_id": self.id,
                "default_grain": grain,
                "default_period_start": fields.Date.to_string(period_start),
            },
        }

    @api.readonly
    def get_explanation(
        self,
        period_start: GivenDay | Nothing = None,
        grain: Grain | Nothing = None,
    ):
        """Explain what one value was computed from, as far as the user may see it.

        :param period_start: first day of the period; default: the latest value
        :param grain: period length; default: the KPI's own
        :return: dict with ``value`` (None = no value), ``method`` (a sentence),
            ``filter`` (model and domains, if the user may read the model), ``share``
            (counts), ``records`` (model, ids the user may read, count of all),
            ``parts`` (formula: text, value, unit), ``sql`` (officers), ``revisions``,
            ``restatement`` (None, or as of ``_explain_restatement``)
        """
        if len(self.exists()) != 1:
            raise UserError(self.env._("Choose one existing KPI to explain its value."))
        self.check_access("read")
        grain = grain or self.frequency
        start = fields.Date.to_date(period_start) or self.current_period_start
        if not start:
            return {"value": None, "method": self.computation_error or ""}
        period = self.definition_id.calendar_id._period(grain, start)
        fact = self.env["kpi.measurement"].search(
            [
                ("report_id", "=", self.id),
                ("grain", "=", grain),
                ("period_start", "=", period.start),
            ]
        )
        known = self._values(grain, period.start, period.start)[self]
        # How a value was computed is known to whoever sees it.
        stretch = self.sudo().definition_id._get_stretch(period)
        explain = getattr(self, f"_explain_{stretch.method.computation}")
        explanation = explain(period, fact)
        return {
            "value": known.get(period.start),
            "period_start": period.start,
            "period_stop": period.stop,
            "source": fact.source,
            "recorded_at": fact.recorded_at,
            "recorded_by": fact.recorded_by_id.display_name or "",
            "unpriced_count": fact.unpriced_count,
            "revisions": self._list_revisions(period),
            "restatement": self._explain_restatement(period, explanation),
            **explanation,
        }

    def _list_revisions(self, period):
        field = self.env["kpi.measurement.revision"]._fields["cause"]
        causes = dict(field._description_selection(self.env))
        revisions = self.env["kpi.measurement.revision"].search(
            [
                ("report_id", "=", self.id),
                ("grain", "=", period.grain),
                ("period_start", "=", period.start),
            ]
        )
        return [
            {
                "id": revision.id,
                "old_value": revision.old_value,
                "new_value": None if revision.is_removal else revision.new_value,
                "replaced_at": revision.replaced_at,
                "replaced_by": revision.replaced_by_id.display_name or "",
                "cause": revision.cause or "",
                "cause_text": causes.get(revision.cause, ""),
                "reason": revision.reason or "",
            }
            for revision in revisions
        ]

    def _explain_manual(self, period, fact):
        if not fact:
            return {"method": self.env._("Nobody has entered a value for this period.")}
        local = fields.Datetime.context_timestamp(self, fact.recorded_at)
        return {
            "method": self.env._(
                "Entered by %(user)s on %(day)s, %(time)s.",
                user=fact.recorded_by_id.display_name or self.env._("the system"),
                day=format_date(self.env, local),
                time=format_time(self.env, local.time(), time_format="short"),
            )
        }

    def _explain_external(self, period, fact):
        """Asks what handed the value over."""
        source = self.definition_id._get_external_source()
        if source is None or not fact:
            return {"method": self.env._("Provided by another app.")}
        return source._explain(self, period)

    def _explain_formula(self, period, fact):
        """The formula and what its parts were worth.

        A part that the viewer may not see has no number here either, nor has anything
        it could be worked out from.
        """
        # The engine evaluates for everybody; what is shown is decided below.
        kpi = self.sudo().definition_id
        definition = kpi._get_stretch(period).method
        evaluation = kpi._evaluation(period.grain, period.start, period.start)
        scope = (self.scope_type, self.scope_id, self.company_id.id)
        by_code = definition._components_by_code()
        reports = {code: self._report_of(kpi) for code, kpi in by_code.items()}
        # Who leads the people below may see what they add up to.
        may_see_all = self.is_managed_by_me or self.env.user.has_group(OFFICER)
        try:
            *parts, total = evaluation.explain_parts(definition, scope)
            is_hidden = not may_see_all and (
                not all(reports.values())
                or evaluation.is_made_of_below(definition, scope)
            )
        except FormulaError as error:
            return {"method": definition._translate_error(error)}
        shown = [
            (text, None if is_hidden else value, is_hidden) for text, value in parts
        ]
        rows = [
            {
                "text": text,
                "label": definition._name_codes(text, by_code),
                "value": value,
                "unit": definition._unit_of_part(text, by_code),
                "is_hidden": not_shown,
                "name": by_code[text].name if text in by_code else "",
                "report_id": reports[text].id if text in reports else False,
            }
            for text, value, not_shown in [*shown, (*total, False)]
        ]
        rows[-1]["unit"] = definition._unit_description()
        return {
            "method": self.env._(
                "%(formula)s, computed on the totals of its parts.",
                formula=definition._name_codes(definition.formula, by_code),
            ),
            "parts": rows,
        }

    def _report_of(self, definition):
        """The same scope's report of another KPI, if the user may see it."""
        return self.search(
            [
                ("definition_id", "=", definition.id),
                ("scope_type", "=", self.scope_type),
                ("scope_id", "=", self.scope_id),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )

    def _explain_records(self, period, fact):
        # The engine's way of counting; the records are looked up as the user.
        definition = self.sudo().definition_id._get_stretch(period).method
        if not fact and period.stop <= definition.history_start:
            first = format_date(self.env, definition.history_start)
            return {"method": self.env._("Values are computed from %s.", first)}
        select = self._explaining_select(period)
        if not select:
            return {"method": self._explain_refusal(period)}
        explanation = {
            "method": definition._method_sentence(period),
            "filter": self._explain_filter(definition),
            "share": self._explain_share(definition, fact),
        }
        if definition._has_moved_on(period):
            return explanation
        # Ids only; those that the user may not read are counted, not shown.
        ((_value, ids),) = self.env.execute_query(select)
        readable = self._readable_ids(definition.model_name, ids or [])
        return {
            **explanation,
            "records": {
                "model": definition.model_name,
                "ids": readable,
                "readable_count": len(readable),
                "count": len(ids or []),
            },
            "sql": self._format_sql_text(select),
        }

    def _explain_refusal(self, period):
        """Why nobody can say any more how a value was counted."""
        # How a value was computed is known to whoever sees it.
        return self.sudo().definition_id._get_stretch(period).error

    def _explaining_select(self, period):
        """The value of ``period`` and the ids of its records, as one statement."""
        # The engine's way of counting; the records are looked up as the user.
        report = self.sudo()
        stretch = report.definition_id._get_stretch(period)
        sources = report.env["kpi.source"]
        values = sources._prepare_source_values(stretch.method)
        if not values:
            return None
        tracked = {"definition_ids": report.definition_id.ids}
        source = sources.new({**values, **tracked, "grain": period.grain})
        report.definition_id.calendar_id._ensure_days(period.start, period.stop)
        statement = source._statement([stretch])
        return statement and statement.explanation_sql(stretch.method, report, period)

    def _explain_filter(self, definition):
        """Describe which records count, for a user who may read them; else None."""
        if not self.env[definition.model_name].has_access("read"):
            return None
        is_share = definition.measure == "share"
        return {
            "model": definition.model_name,
            "domain": definition.domain,
            "numerator_domain": definition.numerator_domain if is_share else False,
        }

    @staticmethod
    def _explain_share(definition, fact):
        """Numbers of records behind a share, as they were when computed."""
        if definition.measure != "share" or not fact:
            return None
        return {
            "numerator": round(fact.value * fact.weight / 100),
            "base": round(fact.weight),
        }

    def _readable_ids(self, model_name, ids):
        model = self.env[model_name]
        if not model.has_access("read"):
            return []
        found = model.with_context(active_test=False).search([("id", "in", ids)])
        return found.ids

    def _format_sql_text(self, select):
        """The statement as text; for officers, who wrote what it says."""
        if not self.env.user.has_group(OFFICER):
            return ""
        text = self.env.cr.mogrify(select.code, select.params).decode()
        return "\n".join(line.rstrip() for line in dedent(text).strip().splitlines())
