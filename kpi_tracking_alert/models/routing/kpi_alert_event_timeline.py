from odoo import models
from odoo.tools import SQL
from odoo.tools.misc import format_datetime


class KpiAlertEvent(models.Model):
    """Who was told of an alert when, and who did what with it."""

    _name = "kpi.alert.event"
    _inherit = ["kpi.alert.event", "kpi.timeline.mixin"]

    def _timeline_selects(self):
        return [
            *super()._timeline_selects(),
            self._select_changes(),
            self._select_notices(),
        ]

    def _select_changes(self):
        self.env["kpi.alert.change"].flush_model()
        return SQL(
            """
            SELECT 'change', id, NULL::int, user_id, changed_at, changed_at, NULL::int,
                   jsonb_build_object('change', change, 'until', snoozed_until)
              FROM kpi_alert_change
             WHERE event_id = %s
            """,
            self.id,
        )

    def _timeline_change(self, rows):
        field = self.env["kpi.alert.change"]._fields["change"]
        titles = dict(field._description_selection(self.env))
        for row in rows:
            details = row["details"]
            until = details["until"] and details["until"].replace("T", " ")
            lines = [self._say_until(until)] if until else []
            if details["change"] == "resolved":
                lines = [self._say_end()]
            yield {"title": titles[details["change"]], "lines": lines}

    def _say_until(self, moment):
        until = format_datetime(self.env, moment, dt_format="short")
        return self.env._("Until %s", until)

    def _select_notices(self):
        """What was told, by change and moment: one entry for all who were."""
        self.env["kpi.alert.notice"].flush_model()
        return SQL(
            """
            SELECT 'notice', min(notice.id), NULL::int, NULL::int, notice.told_at,
                   notice.told_at, NULL::int,
                   jsonb_build_object(
                     'change', notice.change,
                     'whom', array_agg(coalesce(person.name, room.name)
                                       ORDER BY notice.id))
              FROM kpi_alert_notice AS notice
         LEFT JOIN res_users AS login ON login.id = notice.user_id
         LEFT JOIN res_partner AS person ON person.id = login.partner_id
         LEFT JOIN kpi_alert_channel AS room ON room.id = notice.channel_id
             WHERE notice.event_id = %s
               AND notice.state = 'told'
          GROUP BY notice.change, notice.step, notice.told_at
            """,
            self.id,
        )

    def _timeline_notice(self, rows):
        titles = {
            "fired": self.env._("Told"),
            "escalated": self.env._("Escalated"),
            "reminded": self.env._("Told again"),
            "resolved": self.env._("Told that it has ended"),
        }
        for row in rows:
            whom = ", ".join(row["details"]["whom"])
            yield {"title": titles[row["details"]["change"]], "lines": [whom]}
