from odoo import fields, models


class KpiApprovalApprover(models.Model):
    """The reviewer that a review names decides on it."""

    _inherit = "kpi.approval.approver"

    whom = fields.Selection(
        selection_add=[("benefit_reviewer", "Reviewer of the initiative")],
        ondelete={"benefit_reviewer": "cascade"},
    )
