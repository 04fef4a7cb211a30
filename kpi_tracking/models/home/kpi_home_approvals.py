from odoo import api, models
from odoo.fields import Domain

from .kpi_home_items import MOST


class KpiHome(models.AbstractModel):
    """Documents of all kinds that wait for the user to approve them."""

    _inherit = "kpi.home"

    @api.model
    def _list_approvals(self):
        mine = Domain("user_id", "=", self.env.uid) & Domain("state", "=", "asked")
        steps = self.env["kpi.approval.step"].search_fetch(
            mine,
            ["due_at", "res_id", "res_model"],
            order="asked_at, id",
            limit=MOST,
        )
        return [
            self._prepare_need(
                "approval",
                self.env[step.res_model].browse(step.res_id),
                step.document_name,
                step.due_at and step.due_at.date(),
            )
            for step in steps
        ]
