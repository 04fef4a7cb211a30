from odoo import api, fields, models


class KpiApprovalLevel(models.Model):
    """A step of a workflow: the people who decide before the next level is asked."""

    _name = "kpi.approval.level"
    _description = "Approval Level"
    _order = "workflow_id, sequence, id"
    _rec_name = "sequence"

    workflow_id = fields.Many2one(
        "kpi.approval.workflow", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer("Level", default=1, required=True)
    rule = fields.Selection(
        [
            ("any", "Any of them"),
            ("all", "All of them"),
            ("quorum", "A number of them"),
        ],
        "Must Approve",
        required=True,
        default="any",
    )
    quorum = fields.Integer(
        "Number", default=2, help="More than there are people means all of them."
    )
    approver_ids = fields.One2many(
        "kpi.approval.approver", "level_id", string="Approvers", copy=True
    )

    _quorum_positive = models.Constraint(
        "CHECK (rule <> 'quorum' OR quorum > 0)",
        "At least one person must approve.",
    )

    @api.constrains("rule", "workflow_id")
    def _check_workflow(self):
        self.workflow_id._check_decided_at_once()

    @api.depends("sequence")
    def _compute_display_name(self):
        for level in self:
            level.display_name = self.env._("Level %s", level.sequence)
