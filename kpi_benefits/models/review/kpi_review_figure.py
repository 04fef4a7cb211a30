from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from odoo.addons.kpi_base.engine.formatting import percent_text
from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_number,
    format_small_percent,
    reader_table,
)

from ...engine.review_figures import CODES, describe, exact_text, write_large
from ...fields import Origins
from ..baseline.kpi_baseline import LARGEST

KINDS = [
    ("total", "Initiative"),
    ("cost", "Cost"),
    ("type", "Benefit Type"),
    ("status", "Benefit Status"),
    ("benefit", "Benefit"),
    ("kpi", "KPI"),
    ("gate", "Gate"),
]
UNITS = ("money", "percent", "number", "years", "kpi", "day", "status")


class KpiReviewFigure(models.Model):
    """A figure as it was when the review was submitted, and as it is now.

    Read by who may see the review, and each benefit, KPI and initiative below that it
    was worked out from, also when a benefit is measured by another one since. The audit
    log has an entry of each, by which verifying names what was changed.
    """

    _name = "kpi.review.figure"
    _description = "Review Figure"
    _inherit = ["kpi.review.row.mixin", "kpi.audited.part.mixin"]
    _order = "review_id, sequence, id"
    _rec_name = "label"
    _audited_model = "kpi.post.implementation.review"
    _audited_link = "review_id"
    _audited_name, _audited_events = "figure", "figure_"

    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(readonly=True, aggregator=None)
    kind = fields.Selection(KINDS, "Subject Type", required=True, readonly=True)
    subject = fields.Char(readonly=True, exportable=False)
    name = fields.Char(readonly=True)
    code = fields.Selection(
        [(code, label) for code, (label, _unit) in CODES.items()],
        "Figure",
        required=True,
        readonly=True,
    )
    unit = fields.Selection(
        [(unit, unit) for unit in UNITS], required=True, readonly=True, exportable=False
    )
    value = OptionalFloat(readonly=True, digits=(16, 6), aggregator=None)
    text = fields.Char(readonly=True)
    benefit_ids = Origins(
        "kpi.benefit.realization",
        "kpi_review_figure_benefit_rel",
        string="Source Benefits",
    )
    baseline_id = fields.Many2one(
        "kpi.baseline",
        "Tracked KPI",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        exportable=False,
    )
    report_ids = Origins(
        "kpi.report", "kpi_review_figure_report_rel", string="Source KPIs"
    )
    initiative_ids = Origins(
        "kpi.initiative",
        "kpi_review_figure_initiative_rel",
        string="Source Initiatives",
    )
    unit_symbol = fields.Char(readonly=True, exportable=False)
    decimals = fields.Integer(readonly=True, aggregator=None, exportable=False)
    label = fields.Char(compute="_compute_label", exportable=False)
    subject_name = fields.Char("About", compute="_compute_label", exportable=False)
    shown = fields.Char("Then", compute="_compute_shown", exportable=False)
    shown_now = fields.Char(
        "Now",
        compute="_compute_shown_now",
        exportable=False,
        help="Blank if unchanged or not accessible to you.",
    )
    is_changed = fields.Boolean(compute="_compute_shown_now", exportable=False)

    @api.depends("kind", "subject", "name", "code")
    @api.depends_context("lang")
    def _compute_label(self):
        words = self._get_words()
        codes = dict(self._fields["code"]._description_selection(self.env))
        for figure in self:
            subject = words.get((figure.kind, figure.subject), figure.name)
            figure.subject_name = subject or ""
            figure.label = codes.get(figure.code, "")
            known = {"subject": subject, "figure": figure.label}
            if figure.kind == "status":
                figure.label = self.env._("Status “%(subject)s”: %(figure)s", **known)
            elif subject:
                figure.label = self.env._("%(subject)s: %(figure)s", **known)

    @api.model
    def _get_words(self):
        """(kind, subject) → its words, of what is no record."""
        benefits = self.env["kpi.benefit.realization"]._fields
        choices = {"type": benefits["benefit_type"], "status": benefits["status"]}
        return {
            (kind, value): word
            for kind, field in choices.items()
            for value, word in field._description_selection(self.env)
        }

    @api.depends("value", "text", "unit", "unit_symbol", "decimals", "currency_id")
    @api.depends_context("lang")
    def _compute_shown(self):
        for figure in self:
            figure.shown = figure._format(figure.value, figure.text)

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("value", "text", "review_id.initiative_id")
    def _compute_shown_now(self):
        self.shown_now, self.is_changed = "", False
        for review, figures in self.grouped("review_id").items():
            now, is_hidden = review._find_figures_now()
            values = figures._find_values_of_periods()
            for figure in figures:
                if not is_hidden(figure._get_key()):
                    found = now.get(figure._get_key())
                    figure.shown_now = figure._describe_change(found, values)
                    figure.is_changed = bool(figure.shown_now)

    def _get_key(self):
        return self.kind, self.subject or "", self.code

    def _describe_change(self, found, values):
        """What it is now; empty where that is the same, “–” where it is gone.

        The value of a period is compared with that of the same period; a later period
        stands behind it.
        """
        exact = describe(or_none(self.value), self.text or "")
        if not found or found.exact == exact:
            return "" if found else "–"
        said, value = [], False if found.value is None else found.value
        if self.text and self.code == "last_value":
            same = values.get((self.baseline_id.report_id, self.text), False)
            if same is False or exact_text(same) != exact_text(self.value):
                said.append(self._format(same, self.text))
        if not said or found.text not in ("", self.text):
            said.append(self._format(value, found.text))
        return ", ".join(said)

    def _find_values_of_periods(self):
        """(KPI, period) → its value now, of each last value that is frozen."""
        frozen = self.filtered(lambda one: one.code == "last_value" and one.text)
        domain = Domain.OR(
            one.baseline_id.report_id._facts() & Domain("period_start", "=", one.text)
            for one in frozen
        )
        return {
            (fact.report_id, str(fact.period_start)): fact.value
            for fact in self.env["kpi.measurement"].search(domain)
        }

    def _format(self, value, text):
        """A value in the reader's words: “–” where there is none."""
        if self.unit == "day":
            return format_day(self.env, text, with_year=True) or "–"
        if self.unit == "status":
            return self._get_words().get(("status", text), text or "–")
        if self.code == "last_value" and text:
            period = self.baseline_id._find_period(fields.Date.to_date(text))
            calendar = self.baseline_id.report_id.definition_id.calendar_id
            return f"{self._format_number(value)} ({calendar._period_label(period)})"
        if value is False and text:
            returns = self.env["kpi.initiative"]._get_return_words()
            return returns.get(text, text)
        return self._format_number(value)

    def _format_number(self, value):
        if value is False:
            return "–"
        if abs(value) > LARGEST:
            lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
            return write_large(value, lang.decimal_point or ".")
        if self.unit == "money":
            return format_amount(self.env, value, self.currency_id)
        if self.unit == "percent":
            return format_small_percent(self.env, value)
        if self.unit == "kpi":
            most = self.decimals + 2  # means have decimals without end
            number = self.env["kpi.definition"]._format_entered(
                value, self.decimals, most
            )
            if self.unit_symbol == "%":
                return percent_text(reader_table(self.env), number)
            durations = self.env["kpi.definition"]._fields["duration_unit"]
            words = dict(durations._description_selection(self.env))
            word = words.get(self.unit_symbol, self.unit_symbol or "")
            return f"{number}\u202f{word}" if word else number
        if self.unit == "years":
            return self.env["kpi.initiative"]._say_payback(value)
        return format_number(self.env, value, 2)

    def _prepare_log_values(self):
        return {
            "figure": self.id,
            "kind": self.kind,
            "subject": self.subject or None,
            "code": self.code,
            "value": None if self.value is False else exact_text(self.value),
            "text": self.text or None,
        }

    @api.model
    def _get_audited_members(self):
        return {
            "figure": SQL("held.id"),
            "kind": SQL("held.kind"),
            "subject": SQL("held.subject"),
            "code": SQL("held.code"),
            "value": SQL("round(held.value, 6)::text"),
            "text": SQL("held.text"),
        }
