from odoo import models

from odoo.addons.kpi_base.roles import MANAGER


class KpiReport(models.Model):
    """Managers of a KPI, as people to turn to."""

    _inherit = "kpi.report"

    def _find_managers(self):
        """Heads of the departments that these KPIs measure, and of those above.

        As ``is_managed_by_me``: those who are managers by their role.

        :return: dict report → users
        """
        # Who manages whom is no secret.
        reports = self.sudo()
        people = reports._employments()
        nobody = reports.env["hr.department"]
        chains = {}
        for own, report in zip(self, reports, strict=True):
            departments = report.department_id | people.get(
                (report.user_id, report.company_id), nobody
            )
            chains[own] = [
                int(part)
                for department in departments
                for part in department.parent_path.strip("/").split("/")
            ]
        known = {each for ids in chains.values() for each in ids}
        return self._filter_managers(
            {
                report: nobody.browse(ids)
                .with_prefetch(known)
                .manager_id.filtered("active")
                .user_id
                for report, ids in chains.items()
            }
        )

    def _find_team_leaders(self):
        """Leaders of the teams that these KPIs measure: dict report → users."""
        # see above
        reports = self.sudo()
        return self._filter_managers(
            {
                own: report.team_id.leader_id
                for own, report in zip(self, reports, strict=True)
            }
        )

    def _filter_managers(self, people):
        """Those who are managers by their role, in the company of the KPI.

        :param people: dict report → users
        """
        group = self.env.ref(MANAGER)
        return {
            report: users.filtered(
                lambda user, report=report: (
                    user.active
                    and report.company_id in user.company_ids
                    and group in user.all_group_ids
                )
            )
            for report, users in people.items()
        }

    def _employments(self):
        """(user, company) → departments, of the people that these KPIs measure."""
        employees = self.env["hr.employee"].search(
            [("user_id", "in", self.user_id.ids), ("department_id", "!=", False)]
        )
        grouped = employees.grouped(lambda one: (one.user_id, one.company_id))
        return {key: found.department_id for key, found in grouped.items()}
