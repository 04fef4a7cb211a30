from odoo import api, fields, models

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.fields import OptionalFloat

from ..definition.kpi_zones_mixin import BANDS, STATUSES


class KpiTargetValue(models.Model):
    """Target by which a KPI was judged in one period, and the judgement.

    While its period runs, the row follows the target that holds. Afterwards it is
    frozen; the judgement is that of the first value that the closed period had.
    """

    _name = "kpi.target.value"
    _description = "KPI Status History"
    _inherit = ["kpi.engine.rows.mixin", "kpi.zones.mixin", "kpi.period.value.mixin"]
    _order = "period_start desc, id desc"
    _rec_name = "period_start"
    _rec_names_search = ["report_id", "period_start"]
    _log_access = False

    report_id = fields.Many2one(ondelete="cascade")
    period_stop = fields.Date(
        "Period End", required=True, readonly=True, exportable=False
    )
    target = OptionalFloat(readonly=True, aggregator=False)
    baseline = OptionalFloat(readonly=True, aggregator=False)
    stretch = OptionalFloat(readonly=True, aggregator=False)
    range_low = OptionalFloat("Lowest Good Value", readonly=True, aggregator=False)
    range_high = OptionalFloat("Highest Good Value", readonly=True, aggregator=False)
    rated_value = OptionalFloat("Value", readonly=True, aggregator=False)
    achievement = OptionalFloat("Achievement (%)", readonly=True, aggregator="avg")
    status = fields.Selection(STATUSES, readonly=True)
    band = fields.Selection(BANDS, "Rating", readonly=True)
    rated_at = fields.Datetime("Evaluated At", readonly=True)

    is_running = fields.Boolean(compute="_compute_is_running", exportable=False)
    direction = fields.Selection(related="report_id.direction")

    _report_grain_period_uniq = models.UniqueIndex(
        "(report_id, grain, period_start)", "This period already has a target."
    )
    _open_idx = models.Index("(report_id, period_stop) WHERE rated_at IS NULL")

    @api.depends("period_stop")
    def _compute_is_running(self):
        for row in self:
            today = row.report_id.definition_id.calendar_id._today()
            row.is_running = today < row.period_stop

    @api.depends("report_id", "period_label")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.report_id.display_name}, {row.period_label}"

    def action_open_report(self):
        """Open its KPI, with this period above the latest one."""
        self.ensure_one()
        self.check_access("read")
        return open_form(self.report_id, context={"kpi_period": self.period_start})

    def _get_refusal(self, operation):
        if operation == "unlink":
            return self.env._("The target of a closed period cannot be deleted.")
        return self.env._("The status history is automatic and cannot be edited.")
