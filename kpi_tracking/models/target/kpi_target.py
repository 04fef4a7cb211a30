from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_date

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiTarget(models.Model):
    """Target of a KPI from a date on, until the next one starts."""

    _name = "kpi.target"
    _description = "KPI Target"
    _inherit = [
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.zones.mixin",
        "kpi.thread.mixin",
    ]
    _order = "report_id, date_from desc"
    _rec_name = "date_from"

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    definition_id = fields.Many2one(
        related="report_id.definition_id", store=True, index=True, string="Definition"
    )
    direction = fields.Selection(related="report_id.direction")
    date_from = fields.Date(
        "Valid From",
        required=True,
        tracking=True,
        default=lambda self: self._default_date_from(),
    )
    value = OptionalFloat("Target", tracking=True, aggregator=False)
    baseline = OptionalFloat(
        aggregator=False, tracking=True, help="Value of the KPI at the start."
    )
    has_baseline = fields.Boolean("Measure From Baseline")
    stretch = OptionalFloat(
        aggregator=False, help=("A value more ambitious than the target.")
    )
    range_low = OptionalFloat("Lowest Good Value", tracking=True, aggregator=False)
    range_high = OptionalFloat("Highest Good Value", tracking=True, aggregator=False)
    note = fields.Char()

    _report_date_uniq = models.UniqueIndex(
        "(report_id, date_from)", "This KPI already has a target from this date."
    )

    @api.constrains("range_low", "range_high", "report_id")
    def _check_range(self):
        for target in self.filtered(lambda target: target.direction == "range"):
            low, high = target.range_low, target.range_high
            if low is False and high is False:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: enter the lowest good value, the highest one, "
                        "or both, from %(day)s.",
                        kpi=target.report_id.display_name,
                        day=format_date(self.env, target.date_from),
                    )
                )
            if low is not False and high is not False and low > high:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: the lowest good value %(low)s is above the highest"
                        " %(high)s.",
                        kpi=target.report_id.display_name,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("has_baseline", "baseline")
    def _check_baseline(self):
        for target in self:
            if target.has_baseline and target.baseline is False:
                raise ValidationError(
                    self.env._(
                        "%s, Baseline: enter the starting value, or turn off "
                        "“Measure From Baseline”.",
                        target._get_record_label(),
                    )
                )

    @api.constrains("stretch", "value", "report_id")
    def _check_stretch(self):
        """More than is asked cannot be less than the target, where that is a number."""
        for target in self.filtered(lambda each: each.rule == "number"):
            value, stretch = target.value, target.stretch
            if value is False or stretch is False or target.direction == "range":
                continue
            if stretch < value if target.direction == "higher" else stretch > value:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, from %(day)s: the stretch %(stretch)s is "
                        "easier to reach than the target %(target)s. Enter a "
                        "more ambitious value.",
                        kpi=target.report_id.display_name,
                        day=format_date(self.env, target.date_from),
                        stretch=f"{stretch:g}",
                        target=f"{value:g}",
                    )
                )

    @api.model
    def _default_date_from(self):
        """First day of this month; of this year for the first target of a KPI.

        Who sets a first target wants the values judged that there are.
        """
        today = fields.Date.context_today(self)
        # Whether there is a target is no secret to those who may set one.
        reports = self.env["kpi.report"].sudo()
        report = reports.browse(self.env.context.get("default_report_id"))
        if not report or report.target_ids:
            return today.replace(day=1)
        return report.definition_id.calendar_id._period("year", today).start

    def _get_record_label(self):
        return self.report_id.display_name

    def _get_zones_label(self):
        return self._get_record_label()

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._mark_formulas_stale()
        targets._refresh_judgements(targets.report_id)
        self.env["kpi.event"]._emit("target.changed", targets)
        return targets

    def write(self, vals):
        if not self.env.su and any(
            target.report_id.id != vals.get("report_id", target.report_id.id)
            for target in self
        ):
            # Record rules look at the row before it is written, not at where it goes.
            raise AccessError(self.env._("A target cannot be moved to another KPI."))
        reports = self.report_id
        self._mark_formulas_stale()
        result = super().write(vals)
        self._mark_formulas_stale()
        self._refresh_judgements(reports | self.report_id)
        self.env["kpi.event"]._emit("target.changed", self)
        return result

    def unlink(self):
        reports = self.report_id
        self._mark_formulas_stale()
        self.env["kpi.event"]._emit("target.changed", self)
        result = super().unlink()
        self._refresh_judgements(reports.exists())
        return result

    @api.model
    def _refresh_judgements(self, reports):
        """Judge what is open by the targets that hold now."""
        # Who may set a target lets the engine judge by it.
        reports.sudo()._refresh_current()

    def _mark_formulas_stale(self):
        """Have formulas that name these targets evaluated from the first of them on."""
        if self:
            # Who may set a target need not be allowed to change the formulas.
            definitions = self.env["kpi.definition"].sudo()
            first = min(self.mapped("date_from"))
            definitions._mark_stale(self.report_id.ids, first, "target")
