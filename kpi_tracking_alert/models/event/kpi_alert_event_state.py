from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.schemas.base import GivenMoment, Id, Nothing, Text

LONGEST_SNOOZE = timedelta(days=366)


class KpiAlertEvent(models.Model):
    """States of an alert, and who may change them.

    Evaluation calls ``_fire`` and ``_resolve``; people acknowledge, snooze and resolve.
    Each change goes through ``_announce``, which whoever sends messages extends.
    """

    _inherit = "kpi.alert.event"

    @api.model
    def _fire(self, rows):
        """Open alerts; an open one of the same rule and KPI stays as it is.

        :param rows: list of values of new alerts, as superuser, in any order
        :return: those that are new
        """
        rows = sorted(rows, key=lambda row: (row["alert_id"], row["report_id"]))
        new = self._insert_open(rows)
        if new:
            new._announce("fired")
        return new

    def _resolve(self, resolution, note=False, reason=None):
        """End alerts, as superuser, by one statement however many they are.

        :param resolution: a key of ``RESOLUTIONS``
        :param note: why, in words
        :param reason: ``kpi.alert.reason`` that somebody chose
        """
        if not self:
            return
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE kpi_alert_event
                   SET state = 'resolved', resolved_at = %(now)s,
                       resolution = %(resolution)s, resolution_note = %(note)s,
                       reason_id = %(reason)s, next_step_at = NULL,
                       snoozed_until = NULL, write_uid = %(uid)s, write_date = %(now)s
                 WHERE id = ANY(%(ids)s)
                   AND state <> 'resolved'
             RETURNING id
                """,
                now=fields.Datetime.now(),
                resolution=resolution,
                note=note or None,
                reason=reason.id or None if reason else None,
                uid=self.env.uid,
                ids=self.ids,
            )
        )
        self.invalidate_model()
        if rows:
            self.browse(sorted(id_ for (id_,) in rows))._announce("resolved")

    def _announce(self, change):
        """Have others know; messages and events are queued in this transaction.

        :param change: "fired", "acknowledged", "snoozed", "resolved" or "reminded"
        """
        if change in ("fired", "acknowledged", "resolved"):
            self.env["kpi.event"]._emit(f"alert.{change}", self)

    def action_acknowledge(self):
        """Say that somebody has seen to it: nobody else is told.

        What somebody has acknowledged already stays theirs.

        :return: True, or a notification that says who was first
        """
        found = self._find_open_to_act_on()
        events = found.filtered(lambda event: event.state != "acknowledged")
        events.write(
            {
                "state": "acknowledged",
                "acknowledged_at": fields.Datetime.now(),
                "acknowledged_by_id": self.env.uid,
                "snoozed_until": False,
                "next_step_at": False,
            }
        )
        for event in events:
            event.assignee_id = event.assignee_id or self.env.user
        if events:
            events._announce("acknowledged")
        return self._say_who_was_first(events)

    def action_snooze(self, until: GivenMoment):
        """Say nothing more of it until a moment (UTC), or until it is over.

        :return: as ``action_acknowledge``
        """
        until = fields.Datetime.to_datetime(until)
        now = fields.Datetime.now()
        if not until or until <= now:
            raise UserError(self.env._("Choose a time in the future."))
        if until > now + LONGEST_SNOOZE:
            raise UserError(self.env._("Choose a time within the next year."))
        events = self._find_open_to_act_on()
        events.write(
            {"state": "snoozed", "snoozed_until": until, "next_step_at": until}
        )
        if events:
            events._announce("snoozed")
        return self._say_who_was_first(events)

    def action_resolve(
        self, reason_id: Id | Nothing = False, note: Text | Nothing = False
    ):
        """End it by hand; it fires again with the next period that breaks the rule.

        :return: as ``action_acknowledge``
        """
        reason = self.env["kpi.alert.reason"].browse(reason_id or [])
        if reason != reason.exists():
            raise UserError(self.env._("This reason does not exist. Choose another."))
        events = self._find_open_to_act_on()
        events.resolved_by_id = self.env.user
        events._resolve("person", note, reason)
        return self._say_who_was_first(events)

    def _find_open_to_act_on(self):
        """The open ones of these alerts as superuser, once the user may act on all.

        Nobody else acts on them before this transaction ends.

        :raises AccessError: alerts that the user sees, but that are others' business
        """
        self.check_access("read")
        refused = self.filtered(lambda event: not event.can_act)
        if refused:
            raise AccessError(
                self.env._(
                    "Only people who are told of this alert can do this: %s",
                    ", ".join(refused.mapped("name")),
                )
            )
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_alert_event WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset()
        # Alerts are the engine's; who may act on them was asked above.
        return self.sudo().filtered(lambda event: event.state != "resolved")

    def _say_who_was_first(self, changed):
        """True, or a notification of what others did to these alerts before.

        :param changed: those that the user has changed now
        """
        # Who has seen to an alert is for all who may act on it.
        late = (self.sudo() - changed).filtered(
            lambda event: event._get_last_person() != self.env.user
        )
        if not late:
            return True
        lines = [(event.name, event._describe_first()) for event in late]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": " ".join(f"{name}: {said}" for name, said in lines),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_last_person(self):
        """Who has resolved the alert, else who has acknowledged it."""
        is_over = self.state == "resolved"
        return self.resolved_by_id if is_over else self.acknowledged_by_id

    def _describe_first(self):
        """Who has acknowledged or resolved the alert already, in words."""
        person = self._get_last_person().name
        if self.state != "resolved":
            return self.env._("%s has acknowledged it already.", person)
        if not person:
            return self.env._("It has ended already.")
        return self.env._("%s has resolved it already.", person)
