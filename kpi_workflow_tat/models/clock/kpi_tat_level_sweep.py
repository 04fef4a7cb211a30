from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.worktime import to_instants

from ...engine.reminding import find_next_moment, find_reminder
from .kpi_tat_level_clock import DUE_FIELDS, to_moment

BATCH = 500
BREACH = 100


class KpiTatLevel(models.Model):
    """Reminders: each threshold is announced once, on the second it falls due."""

    _inherit = "kpi.tat.level"

    @api.model
    def _sweep_due(self):
        """Announce what is due, by rows that nobody acts on; when the next is due."""
        now = fields.Datetime.now()
        due = self._claim_due(now)
        due._remind(now)
        if len(due) == BATCH:
            return now
        self.flush_model(["next_due_at", "clock"])
        ((moment,),) = self.env.execute_query(
            SQL(
                "SELECT min(next_due_at) FROM approval_levels"
                " WHERE clock = 'running' AND next_due_at > %s",
                now,
            )
        )
        return moment

    @api.model
    def _claim_due(self, now):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id
                  FROM approval_levels
                 WHERE clock = 'running'
                   AND next_due_at <= %s
              ORDER BY next_due_at, id
                 LIMIT %s
            FOR UPDATE SKIP LOCKED
                """,
                now,
                BATCH,
            )
        )
        return self.browse(row_id for (row_id,) in rows)

    def _remind(self, now):
        """Write the alert of the highest threshold that each clock has passed.

        Those that were passed with it, as while the server was down, stand in the
        alert; their flags stay as they are.
        """
        found = {}
        for row in self:
            moments = row._get_threshold_moments()
            reminder = find_reminder(
                moments, [row.reminded_percent], int(to_instants([now])[0])
            )
            if not reminder:
                row.next_due_at = False
                continue
            following = find_next_moment(moments, [reminder.percent])
            found[row] = reminder
            row.write(
                {
                    "reminded_percent": reminder.percent,
                    "next_due_at": to_moment(following),
                    **_FLAGS[reminder.percent],
                }
            )
        self.env["kpi.tat.alert"]._announce(found, now)
        late = self.filtered(lambda row: row in found and row.tat_breached)
        for row in late:
            row._act_on_timeout(now)

    def _get_threshold_moments(self):
        """Percent → instant of each threshold that is stored."""
        return {
            percent: int(to_instants([self[name]])[0]) if self[name] else None
            for percent, name in DUE_FIELDS.items()
        }

    def _act_on_timeout(self, now):
        """Do what the template says of a level that is overdue; never approve."""
        steps = self._find_steps().filtered(lambda step: step.state == "asked")
        if not steps:
            return
        if self.timeout_action == "escalate":
            steps.filtered(lambda step: not step.escalated_at)._escalate(now)
        elif self.timeout_action == "skip":
            self.request_id._skip_level(self.level_number)


_FLAGS = {
    50: {"tat50_alert_sent": True},
    75: {"tat75_alert_sent": True},
    BREACH: {"tat_breached": True},
}
