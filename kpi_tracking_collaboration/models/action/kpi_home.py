from odoo import api, models
from odoo.fields import Domain

from .kpi_action_item import OPEN

MOST = 100
SOON = "today +7d"


class KpiHome(models.AbstractModel):
    """Actions of the user, overdue or due within days, among what waits for them."""

    _inherit = "kpi.home"

    @api.model
    def _get_needs(self):
        return [*super()._get_needs(), *self._list_actions()]

    @api.model
    def _list_actions(self):
        mine = Domain("assigned_to", "=", self.env.uid) & Domain("status", "in", OPEN)
        items = self.env["kpi.action.item"].search_fetch(
            mine & Domain("due_date", "<=", SOON),
            ["due_date", "name", "report_id", "status"],
            order="due_date, id",
            limit=MOST,
        )
        return [
            {
                **self._prepare_need(
                    "action",
                    item,
                    item.name,
                    item.due_date,
                    urgency=0 if item.is_overdue else 2,
                ),
                "report_id": item.report_id.id,
            }
            for item in items
        ]
