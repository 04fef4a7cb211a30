from odoo import models

from odoo.addons.kpi_base.actions import open_form


class KpiReportGroup(models.Model):
    """A scorecard that people review together."""

    _inherit = "kpi.report.group"

    def action_plan_review(self):
        """Open a new meeting about the scorecard."""
        self.ensure_one()
        return open_form(
            self.env["kpi.review.meeting"],
            name=self.env._("Plan Review"),
            context={
                "default_group_id": self.id,
                "default_name": self.env._("Review of %s", self.name),
            },
        )
