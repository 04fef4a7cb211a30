from contextlib import contextmanager
from datetime import timedelta

from odoo import fields

from .alert_case import AlertCase


class RoutingCase(AlertCase):
    """Alerts, and the messages that their receivers would get."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outbox = cls.env["kpi.delivery"]
        cls.notices = cls.env["kpi.alert.notice"]
        cls.notices.search([]).unlink()
        for user in (cls.officer, cls.manager, cls.user):
            user.email = f"{user.login}@example.com"
        cls.revenue.owner_id = cls.officer

    def _sweep(self):
        """Run what the timer runs: the messages that leave, as (receiver, lines)."""
        before = self.outbox.search([]).ids
        self.events._sweep_steps()
        self.notices._sweep_due()
        self.env.invalidate_all()
        queued = self.outbox.search([("id", "not in", before)], order="id")
        return sorted(
            (
                each.user_id.login or each.recipient,
                [(line.res_id, line.data["change"]) for line in each.line_ids],
            )
            for each in queued
        )

    def _told(self, event):
        """(receiver, change) of each notice that was told."""
        told = self.notices.search(
            [("event_id", "=", event.id), ("state", "=", "told")]
        )
        return sorted((each.user_id.login or "", each.change) for each in told)

    @contextmanager
    def _later(self, **delta):
        """As long after now as ``timedelta`` takes."""
        moment = fields.Datetime.now() + timedelta(**delta)
        with self._at(moment):
            yield moment
