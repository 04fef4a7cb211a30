from collections import Counter

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
        _start, end, companies = self._get_kpi_compute_parameters()
        moment = fields.Datetime.to_datetime(end) or fields.Datetime.now()
        day = moment.date()
        # Of cancelled ones nobody knows since when, so they never count.
        is_done_since = Domain("status", "=", "completed")
        is_done_since &= Domain("completed_at", ">=", day)
        rows = self.env["kpi.action.item"]._read_group(
            Domain("company_id", "in", companies.ids)
            & Domain("due_date", "<", day)
            & (Domain("status", "in", OPEN) | is_done_since),
            ["company_id"],
            ["__count"],
        )
        counts = Counter(dict(rows))
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_action_overdue_value = counts[company]

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("kpi_base.kpi_base_menu").id
        return {**actions, "kpi_action_overdue": MENU % menu}
