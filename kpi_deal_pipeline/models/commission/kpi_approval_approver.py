from odoo import fields, models


class KpiApprovalApprover(models.Model):
    """Managers of deals decide about commissions."""

    _inherit = "kpi.approval.approver"

    whom = fields.Selection(
        selection_add=[("deal_leader", "Manager of the deal")],
        ondelete={"deal_leader": "cascade"},
    )
