import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..engine import periods

GROUPED = re.compile(
    r"[+-]?[1-9]\d{0,2}(?P<group>[.,])\d{3}(?:(?P=group)\d{3})*(?:(?!(?P=group))[.,]\d*)?"
)
PLAIN = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)")


class KpiValueEntry(models.TransientModel):
    """A person gives the value of a KPI for one period."""

    _name = "kpi.value.entry"
    _inherit = ["kpi.dialog.mixin"]
    _description = "Enter KPI Value"

    unit_text = fields.Char(compute="_compute_unit_text")
    day = fields.Date(
        "Day in the Period",
        compute="_compute_day",
        compute_sudo=False,
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Any day of the period that the value is for.",
    )
    period_label = fields.Char("Period", compute="_compute_known")
    has_known = fields.Boolean(compute="_compute_known")
    known_value = fields.Float("Value so Far", compute="_compute_known")
    value_text = fields.Char("Value")
    answer = fields.Selection([("1", "Yes"), ("0", "No")])
    note = fields.Char(
        help="Kept with the value: where it comes from, what is special."
    )

    @api.depends("report_id")
    def _compute_unit_text(self):
        for entry in self:
            report = entry.report_id
            durations = dict(
                report._fields["duration_unit"]._description_selection(self.env)
            )
            texts = {
                "percent": "%",
                "currency": report.currency_id.symbol,
                "duration": durations.get(report.duration_unit, "").lower(),
                "custom": report.unit_symbol,
            }
            entry.unit_text = texts.get(report.unit) or ""

    @api.depends("report_id")
    def _compute_day(self):
        """The period after the latest value, at most the current one."""
        for entry in self:
            calendar = entry.report_id.definition_id.calendar_id
            if not calendar:
                entry.day = False
                continue
            today = calendar._today()
            latest = entry.report_id._current_period()
            if latest:
                entry.day = min(latest.stop, today)
            else:
                current = calendar._period(entry.report_id.frequency, today)
                entry.day = periods.previous(calendar._spec(), current).start

    @api.depends("report_id", "day")
    def _compute_known(self):
        for entry in self:
            report, calendar = (
                entry.report_id,
                entry.report_id.definition_id.calendar_id,
            )
            entry.period_label = False
            entry.has_known, entry.known_value = False, 0.0
            if not calendar or not entry.day:
                continue
            period = calendar._period(report.frequency, entry.day)
            entry.period_label = calendar._period_label(period)
            known = self.env["kpi.measurement"].search(
                report._facts() & Domain("period_start", "=", period.start)
            )
            entry.has_known, entry.known_value = bool(known), known.value

    def action_enter(self):
        """Record the value; the KPI behind the dialog shows it at once."""
        self.ensure_one()
        self.report_id._enter_value(self.day, self._value(), self.note or "")
        return {"type": "ir.actions.act_window_close"}

    def _value(self):
        """The number given, 1 or 0 for yes or no.

        :raises UserError: nothing was given
        :raises ValidationError: what was typed is not a number
        """
        given = (
            self.answer if self.unit == "boolean" else (self.value_text or "").strip()
        )
        if not given:
            raise UserError(self.env._("Enter a value first."))
        language = self.env["res.lang"]._get_data(code=self.env.user.lang)
        number = typed_number(given, language.decimal_point or ".")
        if number is None:
            raise ValidationError(
                self.env._("“%s” is not a number. Use 12.5 or 12,5.", given)
            )
        return number


def typed_number(text, decimal_point="."):
    """The number that somebody typed; None where it is none.

    A comma or point before three digits groups thousands, unless it is the only one and
    the language's decimal separator: “1.500” is 1.5 in English and 1500 in German.
    """
    text = re.sub(r"[\s’']", "", text).replace("\N{MINUS SIGN}", "-")
    grouped = GROUPED.fullmatch(text)
    if grouped and re.findall("[.,]", text) != [decimal_point]:
        text = text.replace(grouped["group"], "")
    return float(text.replace(",", ".")) if PLAIN.fullmatch(text) else None
