from odoo import fields, models


class KpiApprovalWorkflow(models.Model):
    """Reasons to ask about an entry, beside that its KPI asks about all of them."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[
            ("below_threshold", "Values off track, with a reason"),
            ("exceptional_submission", "Unusual, late, or entered for somebody else"),
        ],
        ondelete=dict.fromkeys(
            ("below_threshold", "exceptional_submission"), "set default"
        ),
    )
