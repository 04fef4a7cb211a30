from odoo import api, fields, models
from odoo.tools import format_list


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
            ("any", "Any Approver"),
            ("all", "All Approvers"),
            ("quorum", "Minimum Number"),
        ],
        "Must Approve",
        required=True,
        default="any",
    )
    quorum = fields.Integer(
        "Number",
        default=2,
        help="Number of approvals needed. If fewer approvers "
        "are available, all must approve.",
    )
    approver_ids = fields.One2many(
        "kpi.approval.approver", "level_id", string="Approvers", copy=True
    )

    summary = fields.Char(compute="_compute_summary", exportable=False)

    _quorum_positive = models.Constraint(
        "CHECK (rule <> 'quorum' OR quorum > 0)", "At least one person must approve."
    )

    @api.constrains("rule", "workflow_id")
    def _check_workflow(self):
        self.workflow_id._check_decided_at_once()

    @api.depends("sequence")
    def _compute_display_name(self):
        for level in self:
            level.display_name = self.env._("Level %s", level.sequence)

    @api.depends_context("lang")
    @api.depends(
        "rule",
        "quorum",
        "approver_ids.whom",
        "approver_ids.user_id",
        "approver_ids.group_id",
        "approver_ids.steps_up",
    )
    def _compute_summary(self):
        for level in self:
            text = level._describe()
            level.summary = text[:1].upper() + text[1:]

    def _describe(self):
        """Who has to approve on this level, in words."""
        people = [each._describe() for each in self.approver_ids]
        if not people:
            return self.env._("the workflow owner")
        if self.rule == "all":
            text = format_list(self.env, people)
            has_group = "group" in self.approver_ids.mapped("whom")
            if has_group or len(people) > 1:
                text = self.env._("all of: %s", text)
        elif self.rule == "quorum":
            names = format_list(self.env, people)
            text = self.env._(
                "%(count)s of: %(people)s", count=self.quorum, people=names
            )
        else:
            text = format_list(self.env, people, "or")
        return text
