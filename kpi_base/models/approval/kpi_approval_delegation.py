from odoo import api, fields, models
from odoo.fields import Domain

from .people import check_works_here


class KpiApprovalDelegation(models.Model):
    """Somebody decides in place of somebody else, from a day to before another."""

    _name = "kpi.approval.delegation"
    _description = "Deputy for Approvals"
    _inherit = ["kpi.input.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "delegate_id"

    user_id = fields.Many2one(
        "res.users",
        "Who Is Away",
        required=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
        index=True,
    )
    delegate_id = fields.Many2one(
        "res.users", "Deputy", required=True, ondelete="cascade", index=True
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "Back On", required=True, help="First day without the deputy."
    )
    workflow_ids = fields.Many2many(
        "kpi.approval.workflow", string="Workflows", help="Empty: all of them."
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "The deputy begins before you are back."
    )
    _somebody_else = models.Constraint(
        "CHECK (delegate_id <> user_id)", "Choose somebody else as the deputy."
    )

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        self.env["kpi.approval.step"]._replace_missing_soon()
        return delegations

    def write(self, vals):
        """Nobody passes a deputy on as somebody else's, nor becomes one by that."""
        result = super().write(vals)
        self.check_access("write")
        self.env["kpi.approval.step"]._replace_missing_soon()
        return result

    @api.constrains("user_id", "delegate_id")
    def _check_people(self):
        for delegation in self:
            # Where somebody works is no secret.
            companies = delegation.sudo().user_id.company_ids
            check_works_here(delegation, "user_id", companies.browse())
            check_works_here(delegation, "delegate_id", companies)

    @api.model
    def _find_delegates(self, day, workflow):
        """Id of a user → id of their delegate on a day; of several the latest."""
        found = self.search_fetch(
            Domain("date_from", "<=", day)
            & Domain("date_to", ">", day)
            & (
                Domain("workflow_ids", "=", False)
                | Domain("workflow_ids", "in", workflow.ids)
            ),
            ["user_id", "delegate_id"],
            order="date_from, id",
        )
        return {each.user_id.id: each.delegate_id.id for each in found}


class ResourceCalendarLeaves(models.Model):
    """Whoever goes away is replaced where they are asked to approve."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves.env["kpi.approval.step"]._replace_missing_soon()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        self.env["kpi.approval.step"]._replace_missing_soon()
        return result
