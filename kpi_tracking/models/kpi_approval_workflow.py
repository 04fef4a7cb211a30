from odoo import fields, models


class KpiApprovalWorkflow(models.Model):
    """Reasons to ask about an entry, and before a target or a formula changes."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[
            ("target_change", "Change of a target"),
            ("formula_modification", "Change of a formula or filter"),
            ("below_threshold", "Values off track, with a reason"),
            ("exceptional_submission", "Unusual, late, or entered for somebody else"),
        ],
        ondelete={
            "target_change": "cascade",
            "formula_modification": "cascade",
            "below_threshold": "set default",
            "exceptional_submission": "set default",
        },
    )
