from typing import Any

from odoo import fields, models

from odoo.addons.kpi_base.schemas.base import Nothing


class KpiDashboard(models.Model):
    _inherit = "kpi.dashboard"

    share_ids = fields.One2many("kpi.dashboard.share", "dashboard_id", "Links")

    def action_share(self, options: dict[str, Any] | Nothing = None):
        """Ask for whom a link is to be, and until when.

        :param options: what the dashboard shows now, as ``data`` takes it
        """
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Share by link"),
            "res_model": "kpi.dashboard.share.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_dashboard_id": self.id, "default_options": options},
        }
