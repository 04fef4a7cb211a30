from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiTargetValue(models.Model):
    """What an award stands on, and what was corrected of it since.

    Whoever reads all of one period says ``period_start + 0``. An index on the day
    itself would be taken by other statements, once per row, while PostgreSQL believes
    the table to be empty.
    """

    _inherit = "kpi.target.value"

    corrected_value = OptionalFloat(
        "Corrected Value", compute="_compute_corrected_value", exportable=False
    )
    is_corrected = fields.Boolean(compute="_compute_corrected_value", exportable=False)

    _period_start_idx = models.Index("((period_start + 0))")

    @api.depends("report_id", "grain", "period_start")
    def _compute_corrected_value(self):
        # Whoever sees the status of a KPI may know its value.
        corrections = self.env["kpi.achievement.correction"].sudo()
        known = Domain("report_id", "in", self.report_id.ids)
        known &= Domain("is_known", "=", True)
        now = {
            (one.report_id.id, one.grain, one.period_start): one.rated_value
            for one in corrections.search(known)
        }
        for value in self:
            key = (value.report_id.id, value.grain, value.period_start)
            value.is_corrected = key in now
            value.corrected_value = now.get(key, False)
