from odoo import api, models

from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing


class KpiReport(models.Model):
    """The chart of a KPI says which of its values are unusual."""

    _inherit = "kpi.report"

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """As before; points have ``unusual``: what is so, in words, or nothing."""
        history = super().get_history(report_id, grain)
        points = history.get("points") or []
        if not points or history["grain"] != self.browse(report_id).frequency:
            return history
        found = self.env["kpi.anomaly"].search(
            [
                ("report_id", "=", report_id),
                ("state", "!=", "dismissed"),
                ("oddest_start", ">=", points[0]["start"]),
            ]
        )
        texts = {
            anomaly.oddest_start.isoformat(): anomaly.description for anomaly in found
        }
        for point in points:
            point["unusual"] = texts.get(point["start"], "")
        return history
