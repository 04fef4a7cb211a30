from odoo import api, models
from odoo.fields import Domain

MOST = 100
URGENCY = {"overdue": 0, "approval": 1, "due": 2}


class KpiHome(models.AbstractModel):
    """Items that need somebody now."""

    _inherit = "kpi.home"

    @api.model
    def _alert_items(self, reports=None):
        """List what is overdue, awaits a decision or is off track, most urgent first.

        :param reports: KPIs that the user may see; none: all of them
        :return: list of dicts: ``kind``, ``text``, ``report_id``, ``date``, and
            ``model`` and ``res_id`` of what is to be looked at
        """
        within = Domain("report_id", "in", reports.ids) if reports else Domain.TRUE
        return [
            *self._due_items(within, "overdue"),
            *self._approval_items(within),
            *self._off_track_items(reports),
        ]

    @api.model
    def _due_items(self, within, state):
        """Entries that are due.

        :param state: ``due`` or ``overdue``
        """
        dues = self.env["kpi.entry.due"].search_fetch(
            within & Domain("state", "=", state),
            ["report_id", "grain", "period_start", "due_date"],
            order="due_date, id",
            limit=MOST,
        )
        return [
            self._alert_item(state, due, due.report_id, due.due_date) for due in dues
        ]

    @api.model
    def _approval_items(self, within=Domain.TRUE):
        """Entries that the user decides on."""
        entries = self.env["kpi.submission"].search_fetch(
            within & Domain("can_decide", "=", True),
            ["report_id", "grain", "period_start", "due_date"],
            order="period_start, id",
            limit=MOST,
        )
        return [
            self._alert_item(
                "approval", entry, entry.report_id, entry.due_date or entry.period_start
            )
            for entry in entries
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
            self._alert_item("off_target", report, report, report.current_period_start)
            for report in found
        ]

    @api.model
    def _alert_item(self, kind, record, report, day):
        period = "" if record == report else f", {record.period_label}"
        item = self._prepare_need(kind, record, f"{report.name}{period}", day)
        return {**item, "report_id": report.id}

    @api.model
    def _prepare_need(self, kind, record, text, day, urgency=None):
        """An item of “Needs you”, which opens ``record``.

        :param kind: under which its look is registered in the browser
        :param day: when it is or was due; None where nothing says so
        :param urgency: 0 = late, 1 = somebody waits, 2 = soon; by ``kind`` if None
        """
        return {
            "kind": kind,
            "text": text,
            "report_id": False,
            "date": day and day.isoformat(),
            "model": record._name,
            "res_id": record.id,
            "urgency": URGENCY.get(kind, 1) if urgency is None else urgency,
        }
