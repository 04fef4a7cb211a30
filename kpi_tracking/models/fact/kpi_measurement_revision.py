from odoo import fields, models
from odoo.tools import SQL

from ..calendar.kpi_calendar import GRAINS
from .kpi_measurement import CAUSES, SOURCES


class KpiMeasurementRevision(models.Model):
    """Value that a fact had before: what was shown can be shown again."""

    _name = "kpi.measurement.revision"
    _inherit = ["kpi.append.only.mixin", "kpi.period.value.mixin"]
    _description = "Earlier KPI Value"
    _order = "id desc"
    _rec_name = "period_start"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    old_value = fields.Float(readonly=True, aggregator=False)
    new_value = fields.Float(
        readonly=True, aggregator=False, help="Empty if the value was removed."
    )
    is_removal = fields.Boolean("Removed", compute="_compute_is_removal")
    old_source = fields.Selection(SOURCES, readonly=True)
    new_source = fields.Selection(SOURCES, readonly=True)
    old_recorded_by_id = fields.Many2one(
        "res.users", "Entered By", readonly=True, ondelete="restrict"
    )
    recorded_at = fields.Datetime(readonly=True)
    replaced_at = fields.Datetime("Replaced On", readonly=True)
    replaced_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    cause = fields.Selection(CAUSES, readonly=True)
    reason = fields.Char(readonly=True)

    _report_period_idx = models.Index("(report_id, grain, period_start)")

    def _compute_is_removal(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_measurement_revision"
                " WHERE id = ANY(%s) AND new_value IS NULL",
                self.ids,
            )
        )
        removed = {row_id for (row_id,) in rows}
        for revision in self:
            revision.is_removal = revision.id in removed
