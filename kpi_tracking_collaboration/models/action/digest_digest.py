from odoo import fields, models
from odoo.fields import Domain

from .kpi_action_item import OPEN

MENU = "kpi_tracking_collaboration.kpi_action_item_action?menu_id=%s"


class DigestDigest(models.Model):
    """Number of overdue actions, in Odoo's own periodic mail to a user."""

    _inherit = "digest.digest"

    kpi_action_overdue = fields.Boolean("Overdue KPI Actions")
    kpi_action_overdue_value = fields.Integer(
        "Overdue KPI Actions Value",
        compute="_compute_kpi_action_overdue_value",
        exportable=False,
    )

    def _compute_kpi_action_overdue_value(self):
        # Of cancelled ones nobody knows since when, so they never count.
        is_done = Domain("status", "=", "completed")
        self._count_by_company(
            "kpi_action_overdue_value",
            "kpi.action.item",
            lambda moment: (
                Domain("due_date", "<", moment.date())
                & (
                    Domain("status", "in", OPEN)
                    | is_done & Domain("completed_at", ">=", moment.date())
                )
            ),
        )

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("kpi_base.kpi_base_menu").id
        return {**actions, "kpi_action_overdue": MENU % menu}
