from odoo import fields, models


class KpiApprovalWorkflow(models.Model):
    """Workflows that ask before a target or a formula changes."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[
            ("target_change", "Change of a target"),
            ("formula_modification", "Change of a formula or filter"),
        ],
        ondelete={"target_change": "cascade", "formula_modification": "cascade"},
    )
