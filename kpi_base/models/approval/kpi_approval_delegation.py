from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...formatting import format_day
from .people import check_works_here


class KpiApprovalDelegation(models.Model):
    """Somebody decides in place of somebody else, from a day to before another."""

    _name = "kpi.approval.delegation"
    _description = "Approval Deputy"
    _inherit = ["kpi.input.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "delegate_id"

    user_id = fields.Many2one(
        "res.users",
        "Absent Approver",
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
        "kpi.approval.workflow",
        string="Workflows",
        help="Leave empty for all workflows.",
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "The return date must be after the start date."
    )
    _somebody_else = models.Constraint(
        "CHECK (delegate_id <> user_id)", "Choose someone else as the deputy."
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

    @api.constrains("user_id", "date_from", "date_to", "workflow_ids")
    def _check_one_deputy(self):
        """Somebody has one deputy at a time for the same approvals."""
        users = self.user_id.ids
        self.env["kpi.claim"]._claim(*(f"deputies of user {id_}" for id_ in users))
        known = self.search([("user_id", "in", users)])
        for own in self:
            for other in known - own:
                if (
                    own.user_id == other.user_id
                    and own.date_from < other.date_to
                    and other.date_from < own.date_to
                    and (
                        not own.workflow_ids
                        or not other.workflow_ids
                        or bool(own.workflow_ids & other.workflow_ids)
                    )
                ):
                    # Who stands in for whom is no secret to who enters a deputy.
                    names = other.sudo()
                    raise ValidationError(
                        self.env._(
                            "%(deputy)s is already the deputy of %(person)s from "
                            "%(date_from)s to %(date_to)s. Change the dates or "
                            "workflows.",
                            deputy=names.delegate_id.name,
                            person=names.user_id.name,
                            date_from=format_day(self.env, other.date_from),
                            date_to=format_day(
                                self.env, other.date_to - timedelta(days=1)
                            ),
                        )
                    )

    @api.model
    def _find_delegates(self, moment, workflow=None):
        """Id of a user → id of their delegate at a moment; of several the latest.

        Days begin where whoever is away lives, as those of leaves do.

        :param moment: UTC
        :param workflow: whose delegations count besides those for all of them
        """
        day = timedelta(days=1)
        scope = Domain("workflow_ids", "=", False)
        if workflow:
            scope |= Domain("workflow_ids", "in", workflow.ids)
        near = self.search_fetch(
            scope
            & Domain("date_from", "<=", moment.date() + day)
            & Domain("date_to", ">", moment.date() - day),
            ["user_id", "delegate_id", "date_from", "date_to"],
            order="date_from, id",
        )
        found = {}
        for one in near:
            zoned = one.with_context(tz=one.user_id.tz or "UTC")
            today = fields.Datetime.context_timestamp(zoned, moment).date()
            if one.date_from <= today < one.date_to:
                found[one.user_id.id] = one.delegate_id.id
        return found


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
