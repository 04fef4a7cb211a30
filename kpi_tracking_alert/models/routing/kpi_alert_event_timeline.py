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
                     'users', array_agg(notice.user_id ORDER BY notice.id)
                              FILTER (WHERE notice.user_id IS NOT NULL),
                     'rooms', array_agg(notice.channel_id ORDER BY notice.id)
                              FILTER (WHERE notice.channel_id IS NOT NULL))
              FROM kpi_alert_notice AS notice
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
        people = self._name_known("res.users", rows, "users")
        rooms = self._name_known("kpi.alert.channel", rows, "rooms")
        for row in rows:
            details = row["details"]
            whom = [people.get(user_id) for user_id in details["users"] or ()]
            whom += [rooms.get(room_id) for room_id in details["rooms"] or ()]
            line = self._list_whom(whom)
            yield {"title": titles[details["change"]], "lines": [line]}

    def _name_known(self, model, rows, key):
        """Id → name of the records that the reader may see."""
        ids = {id_ for row in rows for id_ in row["details"][key] or ()}
        # Less, not more: the timeline itself is read as superuser.
        known = self.env[model].sudo(False).browse(ids)._filtered_access("read")
        return {record.id: record.display_name for record in known}

    def _list_whom(self, names):
        """Names, and how many others there are beside them."""
        said = [name for name in names if name]
        hidden = len(names) - len(said)
        if hidden:
            said.append(self.env._("others: %s", hidden))
        return ", ".join(said)
