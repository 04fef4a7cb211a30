from odoo import api, fields, models
from odoo.fields import Domain


class HrDepartment(models.Model):
    _inherit = "hr.department"

    is_managed_by_me = fields.Boolean(
        compute="_compute_is_managed_by_me",
        search="_search_is_managed_by_me",
        compute_sudo=True,
        help="The user manages this department or one above it.",
    )

    @api.depends_context("uid")
    @api.depends("manager_id.user_id", "parent_path")
    def _compute_is_managed_by_me(self):
        managed = set(self.sudo().search([("is_managed_by_me", "=", True)]).ids)
        for department in self:
            department.is_managed_by_me = department.id in managed

    def _search_is_managed_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Read now, not from a cached rule: a manager who is replaced loses access.
        mine = Domain("manager_id.user_id", "=", self.env.uid)
        managed = self.sudo().with_context(active_test=False).search(mine)
        domain = Domain("id", "child_of", managed.ids) if managed else Domain.FALSE
        return domain if True in value else ~domain
