from odoo import api, models


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
