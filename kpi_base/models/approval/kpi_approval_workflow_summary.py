from odoo import api, fields, models


class KpiApprovalWorkflow(models.Model):
    """A workflow in a line, as people say it: who approves, then who."""

    _inherit = "kpi.approval.workflow"

    summary = fields.Char(
        "In Words", compute="_compute_summary", exportable=False, compute_sudo=False
    )

    @api.depends_context("lang")
    @api.depends("level_ids.sequence", "level_ids.summary", "owner_id")
    def _compute_summary(self):
        for workflow in self:
            levels = workflow.level_ids.sorted("sequence")
            # Who answers for a workflow is no secret.
            alone = workflow.sudo().owner_id.name or ""
            texts = [level._describe() for level in levels] or [alone]
            text = self.env._(", then ").join(texts)
            workflow.summary = text[:1].upper() + text[1:]

    def _name_group(self, number):
        """Name of the group that is asked on a level, and nobody else; else False.

        :param number: of the level, from 1
        """
        levels = self.level_ids.sorted()[number - 1 : number]
        approvers = levels.approver_ids
        return len(approvers) == 1 and approvers.group_id.name
