from odoo import models

from odoo.addons.kpi_base.roles import MANAGER


class KpiReport(models.Model):
    """Managers of a KPI, as people to turn to."""

    _inherit = "kpi.report"

    def _managing_users(self):
        """Find who manages these KPIs, as ``is_managed_by_me``: report → users."""
        people = self._employments()
        group = self.env.ref(MANAGER)
        users = {}
        for report in self:
            departments = report.department_id | people.get(
                (report.user_id, report.company_id), self.env["hr.department"]
            )
            chain = departments.browse(
                int(part)
                for department in departments
                for part in department.parent_path.strip("/").split("/")
            )
            leaders = chain.manager_id.filtered("active").user_id
            everybody = leaders | report.team_id.leader_id
            users[report] = everybody.filtered(
                lambda user, report=report: (
                    user.active
                    and report.company_id in user.company_ids
                    and group in user.all_group_ids
                )
            )
        return users

    def _employments(self):
        """(user, company) → departments, of the people that these KPIs measure."""
        employees = self.env["hr.employee"].search(
            [("user_id", "in", self.user_id.ids), ("department_id", "!=", False)]
        )
        grouped = employees.grouped(lambda one: (one.user_id, one.company_id))
        return {key: found.department_id for key, found in grouped.items()}
