from odoo import api, fields, models
from odoo.fields import Domain

from ...engine import periods


class HrDepartment(models.Model):
    """Who manages a department, as record rules ask; what follows from a move."""

    _inherit = "hr.department"

    is_managed_by_me = fields.Boolean(
        compute="_compute_is_managed_by_me",
        search="_search_is_managed_by_me",
        compute_sudo=True,
        recursive=True,
        help="The user manages this department or one above it.",
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

    def _search_is_managed_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        # An employee who has left manages nothing, even where nobody replaced them.
        mine = Domain("manager_id.user_id", "=", self.env.uid) & Domain(
            "manager_id.active", "=", True
        )
        # Employees are not for everybody to read; being their manager is no secret.
        everything = self.sudo().with_context(active_test=False)
        managed = everything.search_fetch(mine, ["parent_path"])
        domain = Domain("id", "child_of", managed.ids) if managed else Domain.FALSE
        return domain if True in value else ~domain

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            self._mark_formulas_stale()
        return result

    def unlink(self):
        # Those below it have nothing above them then.
        self._mark_formulas_stale()
        return super().unlink()

    def _mark_formulas_stale(self):
        """Have formulas evaluated in which the values of these departments count.

        Who is above a department is not dated: it was always there.
        """
        below = Domain("department_id", "child_of", self.ids)
        # Who arranges departments need not see their KPIs.
        reports = self.env["kpi.report"].sudo().with_context(active_test=False)
        reports = reports.search(below)
        if reports:
            # Nor be allowed to change how they are computed.
            definitions = self.env["kpi.definition"].sudo()
            definitions._mark_stale(reports.ids, periods.FIRST_DAY)
