from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_date


class KpiTarget(models.Model):
    """Target of a KPI from a date on, until the next one starts."""

    _name = "kpi.target"
    _description = "KPI Target"
    _inherit = ["kpi.input.mixin", "kpi.thread.mixin"]
    _order = "report_id, date_from desc"
    _rec_name = "date_from"

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    direction = fields.Selection(related="report_id.direction")
    date_from = fields.Date(
        "Valid From",
        required=True,
        tracking=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    value = fields.Float("Target", tracking=True, aggregator=False)
    baseline = fields.Float(
        aggregator=False, tracking=True, help="Where the KPI stood at the start."
    )
    has_baseline = fields.Boolean("Measure From Baseline")
    stretch = fields.Float(aggregator=False, help="More than is asked.")
    range_low = fields.Float("Lowest Good Value", tracking=True, aggregator=False)
    range_high = fields.Float("Highest Good Value", tracking=True, aggregator=False)
    note = fields.Char()

    _report_date_uniq = models.UniqueIndex(
        "(report_id, date_from)", "This KPI has a target from this date already."
    )

    @api.constrains("range_low", "range_high", "report_id")
    def _check_range(self):
        for target in self.filtered(lambda target: target.direction == "range"):
            if not target.range_low and not target.range_high:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: enter the lowest and the highest good value from"
                        " %(day)s on.",
                        kpi=target.report_id.display_name,
                        day=format_date(self.env, target.date_from),
                    )
                )
            if target.range_low > target.range_high:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: the lowest good value %(low)s is above the highest"
                        " %(high)s.",
                        kpi=target.report_id.display_name,
                        low=target.range_low,
                        high=target.range_high,
                    )
                )

    def _input_place(self):
        return self.report_id.display_name

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._mark_formulas_stale()
        targets.report_id._refresh_current()
        return targets

    def write(self, vals):
        if not self.env.su and any(
            target.report_id.id != vals.get("report_id", target.report_id.id)
            for target in self
        ):
            # Record rules look at the row before it is written, not at where it goes.
            raise AccessError(self.env._("A target stays with its KPI."))
        reports = self.report_id
        self._mark_formulas_stale()
        result = super().write(vals)
        self._mark_formulas_stale()
        (reports | self.report_id)._refresh_current()
        return result

    def unlink(self):
        reports = self.report_id
        self._mark_formulas_stale()
        result = super().unlink()
        reports.exists()._refresh_current()
        return result

    def _mark_formulas_stale(self):
        """Have formulas that name these targets evaluated from the first of them on."""
        if self:
            # Who may set a target need not be allowed to change the formulas.
            definitions = self.env["kpi.definition"].sudo()
            first = min(self.mapped("date_from"))
            definitions._mark_stale(self.report_id.ids, first)
