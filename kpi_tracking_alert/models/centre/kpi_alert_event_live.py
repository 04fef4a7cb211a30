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

    def _note_addressees(self):
        result = super()._note_addressees()
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
        partner_ids = events._find_concerned_partner_ids()
        events._announce_kpis()
        if partner_ids:
            self.env["bus.bus"]._notify_quickly()
        for partner in self.env["res.partner"].browse(partner_ids):
            self.env["bus.bus"]._sendone(partner, CHANGED, {})

    def _announce_kpis(self):
        """Overviews and dashboards show alerts, too."""
        self.exists().report_id._announce()

    def _find_concerned_partner_ids(self):
        """Partners of those whom these alerts are addressed to or look after them."""
        self.flush_model()
        self.env["kpi.report"].flush_model(["owner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH event AS (
                    SELECT id, report_id, assignee_id, personal_user_id
                      FROM kpi_alert_event
                     WHERE id = ANY(%(ids)s)
                ),
                concerned AS (
                    SELECT assignee_id AS user_id FROM event
                     UNION
                    SELECT personal_user_id FROM event
                     UNION
                    SELECT report.owner_id
                      FROM event
                      JOIN kpi_report AS report ON report.id = event.report_id
                     UNION
                    SELECT res_users_id
                      FROM kpi_alert_event_told_rel
                     WHERE kpi_alert_event_id = ANY(%(ids)s)
                )
                SELECT person.partner_id
                  FROM concerned
                  JOIN res_users AS person ON person.id = concerned.user_id
                 WHERE person.active
              ORDER BY person.partner_id
                """,
                ids=self.ids,
            )
        )
        return [partner_id for (partner_id,) in rows]
