from odoo import api, models
from odoo.tools import SQL

CHANGED = "kpi_tracking_alert.changed"


class KpiAlertEvent(models.Model):
    """Open screens hear that alerts have changed, once it is committed.

    Whoever has to do with one gets an empty message on their own channel and asks for
    what they may see; a transaction sends one to each.
    """

    _inherit = "kpi.alert.event"

    def _announce(self, change):
        self._tell_screens()
        return super()._announce(change)

    def _tell_found(self, people, change, step):
        result = super()._tell_found(people, change, step)
        self._tell_screens()
        return result

    def _tell_screens(self):
        """Have the screens of those who have to do with these alerts ask anew."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = set()
            # Who hears it is not for whoever made the change to read.
            precommit.add(self.env["kpi.alert.event"].sudo()._send_changed)
        precommit.data[CHANGED].update(self.ids)

    @api.model
    def _send_changed(self):
        events = self.browse(self.env.cr.precommit.data.pop(CHANGED))
        report_ids, partner_ids = events._find_concerned()
        # Overviews and dashboards show alerts, too.
        self.env["kpi.report"].browse(report_ids)._announce()
        if partner_ids:
            self.env["bus.bus"]._notify_quickly()
        for partner in self.env["res.partner"].browse(partner_ids):
            self.env["bus.bus"]._sendone(partner, CHANGED, {})

    def _find_concerned(self):
        """Ids of the KPIs of these alerts; ids of partners who have to do with them.

        Those are told of them, look after them or after their KPIs.
        """
        self.flush_model()
        self.env["kpi.report"].flush_model(["owner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH event AS (
                    SELECT event.id, report_id, report.owner_id, assignee_id,
                           personal_user_id
                      FROM kpi_alert_event AS event
                      JOIN kpi_report AS report ON report.id = event.report_id
                     WHERE event.id = ANY(%(ids)s)
                ),
                concerned AS (
                    SELECT assignee_id AS user_id FROM event
                     UNION
                    SELECT personal_user_id FROM event
                     UNION
                    SELECT owner_id FROM event
                     UNION
                    SELECT res_users_id
                      FROM kpi_alert_event_told_rel
                     WHERE kpi_alert_event_id = ANY(%(ids)s)
                )
                SELECT ARRAY(SELECT DISTINCT report_id FROM event),
                       ARRAY(SELECT person.partner_id
                               FROM concerned
                               JOIN res_users AS person ON person.id = user_id
                              WHERE person.active
                           ORDER BY person.partner_id)
                """,
                ids=self.ids,
            )
        )
        return rows[0]
