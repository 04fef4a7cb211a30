from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import periods


class KpiValueEntry(models.TransientModel):
    """A person gives the value of a KPI for one period."""

    _name = "kpi.value.entry"
    _description = "Enter KPI Value"

    report_id = fields.Many2one("kpi.report", "KPI", required=True)
    unit = fields.Selection(related="report_id.unit")
    unit_text = fields.Char(compute="_compute_unit_text")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")
    day = fields.Date(
        "Day in the Period",
        compute="_compute_day",
        store=True,
        readonly=False,
        required=True,
        help="Any day of the period that the value is for.",
    )
    period_label = fields.Char("Period Name", compute="_compute_known")
    has_known = fields.Boolean(compute="_compute_known")
    known_value = fields.Float("Value So Far", compute="_compute_known")
    value = fields.Float(digits=(16, 6))
    answer = fields.Selection([("1", "Yes"), ("0", "No")], "Value ")
    note = fields.Char(help="Kept with the value: where it comes from, what is special.")

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
            current = calendar._period(entry.report_id.frequency, today)
            latest = entry.report_id._current_period()
            if latest:
                due = latest.stop
            else:
                due = periods.previous(calendar._spec(), current).start
            entry.day = min(due, today)

    @api.depends("report_id", "day")
    def _compute_known(self):
        for entry in self:
            report, calendar = entry.report_id, entry.report_id.definition_id.calendar_id
            entry.period_label = False
            entry.has_known, entry.known_value = False, 0.0
            if not calendar or not entry.day:
                continue
            period = calendar._period(report.frequency, entry.day)
            entry.period_label = calendar._period_label(period)
            known = self.env["kpi.measurement"].search(
                report._facts() & fields.Domain("period_start", "=", period.start)
            )
            entry.has_known, entry.known_value = bool(known), known.value

    def action_enter(self):
        """Record the value; the KPI behind the dialog shows it at once."""
        self.ensure_one()
        if self.unit == "boolean" and not self.answer:
            raise UserError(self.env._("Choose yes or no."))
        value = float(self.answer) if self.unit == "boolean" else self.value
        self.report_id._enter_value(self.day, value, self.note or "")
        return {"type": "ir.actions.act_window_close"}
