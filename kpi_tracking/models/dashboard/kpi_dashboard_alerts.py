from odoo import api, models
from odoo.fields import Domain

MOST = 100


class KpiDashboard(models.Model):
    """What needs somebody now."""

    _inherit = "kpi.dashboard"

    @api.model
    def _alert_items(self, reports=None):
        """What is overdue or off track among KPIs, most urgent first.

        :param reports: KPIs that the user may see; none: all of them
        :return: list of dicts: ``kind``, ``text``, ``report_id`` and ``date``
        """
        within = Domain("report_id", "in", reports.ids) if reports else Domain.TRUE
        return [*self._overdue_items(within), *self._off_track_items(reports)]

    @api.model
    def _overdue_items(self, within):
        dues = self.env["kpi.entry.due"].search_fetch(
            within & Domain("state", "=", "overdue"),
            ["report_id", "grain", "period_start", "due_date"],
            order="due_date, id",
            limit=MOST,
        )
        return [
            {
                "kind": "overdue",
                "text": f"{due.report_id.name}, {due.period_label}",
                "report_id": due.report_id.id,
                "date": due.due_date.isoformat(),
            }
            for due in dues
        ]

    @api.model
    def _off_track_items(self, reports):
        domain = Domain("status", "=", "off_target")
        domain &= Domain("definition_id.active", "=", True)
        if reports:
            domain &= Domain("id", "in", reports.ids)
        found = self.env["kpi.report"].search_fetch(
            domain,
            ["name", "current_period_start"],
            order="distance_percent desc, id",
            limit=MOST,
        )
        return [
            {
                "kind": "off_target",
                "text": report.name,
                "report_id": report.id,
                "date": report.current_period_start.isoformat(),
            }
            for report in found
        ]
