from odoo import api, fields, models
from odoo.fields import Domain

from ...rights import search_by


class HrDepartment(models.Model):
    """Managers of a department, as record rules ask for them."""

    _inherit = "hr.department"

    is_managed_by_me = fields.Boolean(
        "Managed by Me",
        compute="_compute_is_managed_by_me",
        search=search_by("_get_managed_domain"),
        compute_sudo=True,
        recursive=True,
        help="The user manages this department or a parent department.",
    )

    @api.depends_context("uid")
    @api.depends(
        "manager_id.active", "manager_id.user_id", "parent_id.is_managed_by_me"
    )
    def _compute_is_managed_by_me(self):
        for department in self:
            manager = department.manager_id
            is_mine = manager.active and manager.user_id.id == self.env.uid
            department.is_managed_by_me = (
                is_mine or department.parent_id.is_managed_by_me
            )

    @api.model
    def _get_managed_domain(self):
        """Return the domain of the departments that the user manages now, and below."""
        # An employee who has left manages nothing, even where nobody replaced them.
        mine = Domain("manager_id.user_id", "=", self.env.uid) & Domain(
            "manager_id.active", "=", True
        )
        # Employees are not for everybody to read; being their manager is no secret.
        everything = self.sudo().with_context(active_test=False)
        managed = everything.search_fetch(mine, ["parent_path"])
        return Domain("id", "child_of", managed.ids) if managed else Domain.FALSE

    def _get_branch_ids(self):
        """Return ids of this department and those above it, the highest first."""
        return [int(id_) for id_ in (self.parent_path or "").split("/") if id_]

    def _find_managing_users(self):
        """People who manage this department or one above it, if there is one."""
        users, above = self.env["res.users"], self
        while above:
            manager = above.manager_id
            users |= manager.user_id if manager.active else users
            above = above.parent_id
        return users
