from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

ASKED = {  # what the statement below reads
    "hr.department": ["manager_id", "parent_path"],
    "hr.employee": ["active", "current_version_id", "user_id"],
    "hr.version": ["department_id"],
}


class KpiDashboard(models.Model):
    """Who sees a dashboard, and who may arrange it.

    Rules hold no lookup of their own, which Odoo would keep while groups and
    departments change: they ask for the fields below.
    """

    _inherit = "kpi.dashboard"
    _readable_by = ("company_id", "owner_id", "group_ids", "department_ids", "user_ids")
    _readable_by += ("deleted_on",)
    _editable_by = ("company_id", "owner_id")

    is_shared_with_me = fields.Boolean(
        compute="_compute_is_shared_with_me",
        search="_search_is_shared_with_me",
        compute_sudo=True,
        help="Shared with the user, a group or a department of theirs.",
    )

    @api.depends_context("uid")
    @api.depends("group_ids", "department_ids", "user_ids")
    def _compute_is_shared_with_me(self):
        shared = self.filtered_domain(self._search_is_shared_with_me("in", [True]))
        for dashboard in self:
            dashboard.is_shared_with_me = dashboard in shared

    def _search_is_shared_with_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        for model, names in ASKED.items():
            self.env[model].flush_model(names)
        shared = SQL(
            """
            SELECT shared.kpi_dashboard_id
              FROM kpi_dashboard_user_rel AS shared
             WHERE shared.res_users_id = %(user)s
             UNION
            SELECT shared.kpi_dashboard_id
              FROM kpi_dashboard_res_groups_rel AS shared
             WHERE shared.res_groups_id = ANY(%(groups)s)
             UNION
            SELECT shared.kpi_dashboard_id
              FROM hr_department_kpi_dashboard_rel AS shared
              JOIN hr_department AS asked ON asked.id = shared.hr_department_id
             WHERE EXISTS (
                     SELECT 1
                       FROM hr_employee AS employee
                       JOIN hr_version AS version
                         ON version.id = employee.current_version_id
                       JOIN hr_department AS own ON own.id = version.department_id
                      WHERE employee.active
                        AND employee.user_id = %(user)s
                        AND starts_with(own.parent_path, asked.parent_path))
                OR EXISTS (
                     SELECT 1
                       FROM hr_department AS managed
                       JOIN hr_employee AS manager ON manager.id = managed.manager_id
                      WHERE manager.active
                        AND manager.user_id = %(user)s
                        AND (starts_with(asked.parent_path, managed.parent_path)
                             OR starts_with(managed.parent_path, asked.parent_path)))
            """,
            user=self.env.uid,
            groups=list(self.env.user._get_group_ids()),
        )
        domain = Domain("id", "in", shared)
        return domain if True in value else ~domain

    def write(self, vals):
        result = super().write(vals)
        if not {"owner_id", "company_id"}.isdisjoint(vals):
            # Odoo looks at the record before the change only.
            self.check_access("write")
        return result
