from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

CHANGES = [
    ("fired", "Fired"),
    ("acknowledged", "Acknowledged"),
    ("snoozed", "Snoozed"),
    ("reminded", "Reminded"),
    ("resolved", "Resolved"),
]


class KpiAlertChange(models.Model):
    """What happened to an alert, and who did it."""

    _name = "kpi.alert.change"
    _description = "KPI Alert History"
    _inherit = ["kpi.readonly.mixin"]
    _order = "changed_at desc, id desc"
    _rec_name = "change"
    _log_access = False

    event_id = fields.Many2one(
        "kpi.alert.event",
        "Alert",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    change = fields.Selection(CHANGES, required=True, readonly=True)
    changed_at = fields.Datetime("On", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "By", readonly=True, ondelete="set null", index="btree_not_null"
    )
    snoozed_until = fields.Datetime(readonly=True)

    @api.model
    def _log(self, events, change):
        """Note a change of all these alerts, by one statement."""
        person = None if self.env.uid == SUPERUSER_ID else self.env.uid
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_alert_change
                       (event_id, change, changed_at, user_id, snoozed_until)
                SELECT id, %(change)s, %(now)s, %(person)s,
                       CASE WHEN %(change)s = 'snoozed' THEN snoozed_until END
                  FROM kpi_alert_event
                 WHERE id = ANY(%(ids)s)
              ORDER BY id
                """,
                change=change,
                now=fields.Datetime.now(),
                person=person,
                ids=events.ids,
            )
        )
        self.invalidate_model()
