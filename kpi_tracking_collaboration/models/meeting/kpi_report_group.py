from odoo import models


class KpiReportGroup(models.Model):
    """A scorecard that people review together."""

    _inherit = "kpi.report.group"

    def action_plan_review(self):
        """Open a new meeting about the scorecard."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan Review"),
            "res_model": "kpi.review.meeting",
            "views": [(False, "form")],
            "context": {
                "default_group_id": self.id,
                "default_name": self.env._("Review of %s", self.name),
            },
        }
