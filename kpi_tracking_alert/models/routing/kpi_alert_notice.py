from odoo import api, fields, models
from odoo.tools import SQL

CHANGES = [
    ("fired", "Fired"),
    ("escalated", "Escalated"),
    ("reminded", "Reminder"),
    ("resolved", "Resolved"),
]
STATES = [("waiting", "Waiting"), ("told", "Told"), ("dropped", "Not needed")]
HOLDS = [
    ("muted", "Rule muted"),
    ("snoozed", "Alert snoozed"),
    ("silence", "KPI silenced"),
    ("flapping", "Changes often"),
    ("cooldown", "Cooldown"),
    ("part_of", "Part of a KPI with an alert"),
    ("quiet", "Quiet hours"),
]


class KpiAlertNotice(models.Model):
    """Somebody who is to be told of a change of an alert, or was.

    It is written with the change, so that nothing is lost when a process ends: a sweep
    of the timer takes what is due, and tells each person all of it by one message.
    """

    _name = "kpi.alert.notice"
    _description = "KPI Alert Notice"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "change"
    _log_access = False

    event_id = fields.Many2one(
        "kpi.alert.event", "Alert", required=True, readonly=True, ondelete="cascade"
    )
    change = fields.Selection(CHANGES, "What", required=True, readonly=True)
    step = fields.Integer(
        required=True,
        readonly=True,
        exportable=False,
        help="Of escalations their minutes, of reminders their number.",
    )
    user_id = fields.Many2one(
        "res.users", "Whom", readonly=True, ondelete="cascade", index=True
    )
    channel_id = fields.Many2one(
        "kpi.alert.channel", readonly=True, ondelete="cascade", index=True
    )
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="waiting"
    )
    created_at = fields.Datetime("Since", required=True, readonly=True)
    # Who has muted a rule, or rests until when, is nobody else's business.
    due_at = fields.Datetime(
        "Decided Again",
        readonly=True,
        groups="base.group_system",
        help="Empty = at once.",
    )
    hold_reason = fields.Selection(
        HOLDS, "Waits For", readonly=True, groups="base.group_system"
    )
    told_at = fields.Datetime("Told On", readonly=True)

    _once_uniq = models.UniqueIndex(
        "(event_id, change, step, coalesce(user_id, 0), coalesce(channel_id, 0))",
        "They are told of this already.",
    )
    _waiting_idx = models.Index("(due_at NULLS FIRST) WHERE state = 'waiting'")
    _held_idx = models.Index("(hold_reason) WHERE state = 'waiting'")

    @api.model
    def _add(self, rows_sql):
        """Have people told, by one statement; who is to be told already is skipped.

        They may act on the alert from now on, before they are told, too.

        :param rows_sql: SELECT of event id, change, step, user id, channel id
        :return: ids of the alerts that somebody new is told of
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH added AS (
                    INSERT INTO kpi_alert_notice (event_id, change, step, user_id,
                                                  channel_id, state, created_at)
                    SELECT event_id, change, step, user_id, channel_id, 'waiting',
                           %(now)s
                      FROM (%(rows)s)
                           AS row (event_id, change, step, user_id, channel_id)
                  ORDER BY event_id, change, step, user_id, channel_id
                        ON CONFLICT DO NOTHING
                 RETURNING event_id, user_id
                ),
                told AS (
                    INSERT INTO kpi_alert_event_told_rel
                           (kpi_alert_event_id, res_users_id)
                    SELECT DISTINCT event_id, user_id
                      FROM added
                     WHERE user_id IS NOT NULL
                        ON CONFLICT DO NOTHING
                )
                SELECT DISTINCT event_id FROM added
                """,
                rows=rows_sql,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return [event_id for (event_id,) in rows]

    @api.model
    def _wake(self, reason, users=None):
        """Decide anew about what waits for a reason that may be gone.

        :param users: only theirs; default: everybody's
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_notice
                   SET due_at = NULL
                 WHERE state = 'waiting'
                   AND hold_reason = %s
                   AND due_at IS NOT NULL
                   AND %s
                """,
                reason,
                SQL("user_id = ANY(%s)", users.ids) if users else SQL("TRUE"),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model()
            self.env["kpi.timer"]._notify()
