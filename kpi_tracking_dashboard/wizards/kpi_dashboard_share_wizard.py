from datetime import timedelta

from odoo import api, fields, models

from ..models.output.kpi_dashboard_share import KINDS

USUAL_TIME = timedelta(days=30)


class KpiDashboardShareWizard(models.TransientModel):
    """Share a dashboard by a link, and see the links that there are."""

    _name = "kpi.dashboard.share.wizard"
    _description = "Share KPI Dashboard"

    dashboard_id = fields.Many2one("kpi.dashboard", required=True, readonly=True)
    options = fields.Json()
    name = fields.Char("Shared With", help="Recipient of the link.")
    kind = fields.Selection(KINDS, "Content", required=True, default="live")
    expires_on = fields.Date(
        "Valid Until",
        required=True,
        default=lambda self: fields.Date.context_today(self) + USUAL_TIME,
    )
    share_ids = fields.Many2many(
        "kpi.dashboard.share", string="Links", compute="_compute_share_ids"
    )

    @api.depends("dashboard_id")
    def _compute_share_ids(self):
        for wizard in self:
            wizard.share_ids = self.env["kpi.dashboard.share"].search(
                [("dashboard_id", "=", wizard.dashboard_id.id)]
            )

    def action_make_link(self):
        """Make the link and show it, which cannot be done again."""
        self.ensure_one()
        shares = self.env["kpi.dashboard.share"]
        chosen = {name: self[name] for name in ("expires_on", "kind", "options")}
        address, _share = shares._generate(
            self.dashboard_id, name=self.name or "", **chosen
        )
        return shares._action_show(address)
