from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine import periods


class KpiMembership(models.Model):
    """Consequences for KPIs of people who count elsewhere."""

    _inherit = "kpi.membership"

    @api.model
    def _note_moves(self, first_days):
        # Whoever moves people need not see their KPIs.
        reports = self.env["kpi.report"].sudo().with_context(active_test=False)
        reports = reports.search_fetch(
            [("scope_type", "=", "user"), ("user_id", "in", list(first_days))],
            ["user_id"],
        )
        if reports:
            first = min(first_days[user.id] for user in reports.user_id)
            # Their values stay, but count elsewhere in what is made up of people.
            self.env["kpi.definition"]._mark_stale(reports.ids, first, "people")
        return super()._note_moves(first_days)


class HrDepartment(models.Model):
    """Consequences for KPIs of a department that moves."""

    _inherit = "hr.department"

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
            definitions._mark_stale(reports.ids, periods.FIRST_DAY, "people")
