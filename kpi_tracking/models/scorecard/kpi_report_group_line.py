from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.fields import KnownFloat

from ..report.kpi_report import JUDGED


class KpiReportGroupLine(models.Model):
    """One KPI of a scorecard and its weight there.

    Seen by those who see both the scorecard and the KPI.
    """

    _name = "kpi.report.group.line"
    _description = "Scorecard KPI"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.unit.mixin"]
    _order = "group_id, sequence, id"
    _rec_name = "report_id"
    _check_company_auto = True

    group_id = fields.Many2one(
        "kpi.report.group", "Scorecard", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="group_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        required=True,
        ondelete="cascade",
        index=True,
        check_company=True,
    )
    weight = fields.Float(
        compute="_compute_weight",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=False,
        help="Relative to the scorecard's other KPIs. 0 means the KPI is not counted.",
    )
    points_lost = KnownFloat(
        readonly=True,
        copy=False,
        aggregator=False,
        known=lambda line: line.status in JUDGED,
        help="Percentage points lost because this KPI is below its target.",
    )

    kpi_name = fields.Char(related="report_id.kpi_name")
    scope_name = fields.Char(related="report_id.scope_name", string="For")
    status = fields.Selection(related="report_id.status")
    achievement = KnownFloat(
        related="report_id.achievement", known=lambda line: line.status in JUDGED
    )
    current_value = KnownFloat(
        related="report_id.current_value", known=lambda line: line.has_value
    )
    target_value = KnownFloat(
        related="report_id.target_value",
        known=lambda line: line.status in JUDGED and line.direction != "range",
    )
    has_value = fields.Boolean(related="report_id.has_value")
    is_running = fields.Boolean(related="report_id.is_running")
    is_stale = fields.Boolean(related="report_id.is_stale")
    sparkline = fields.Json("Trend", related="report_id.sparkline", exportable=False)
    period_label = fields.Char(related="report_id.period_label")
    direction = fields.Selection(related="report_id.direction")
    aggregation_time = fields.Selection(related="report_id.aggregation_time")

    _group_report_uniq = models.UniqueIndex(
        "(group_id, report_id)", "This KPI is already on the scorecard."
    )
    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "The KPI's weight cannot be negative."
    )

    @api.depends("report_id")
    def _compute_weight(self):
        for line in self:
            line.weight = line.report_id.definition_id.weight

    @api.constrains("report_id")
    def _check_may_share(self):
        """Members see what the KPI adds to the total: that is sharing it."""
        # As the person who adds it: Odoo checks constraints as superuser.
        self.sudo(False).report_id.check_access("write")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.group_id._refresh_current()
        return lines

    def write(self, vals):
        if "group_id" in vals and any(
            line.group_id.id != vals["group_id"] for line in self
        ):
            # Record rules look at the row before it is written, not at where it goes.
            raise AccessError(
                self.env._(
                    "KPIs cannot move between scorecards. Add the KPI to the other "
                    "scorecard."
                )
            )
        result = super().write(vals)
        if not {"weight", "report_id"}.isdisjoint(vals):
            self.group_id._refresh_current()
        return result

    def unlink(self):
        groups = self.group_id
        result = super().unlink()
        groups.exists()._refresh_current()
        return result

    def _get_record_label(self):
        return self.report_id.display_name or self._description

    def action_open_report(self):
        self.ensure_one()
        return open_form(self.report_id)
