"""The sweep of reminders: what it knows of a clock that fell due, and says of it."""

import logging
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.models import BaseModel
from odoo.tools import SQL

from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.repeat import run_apart

from ..engine.clock import (
    BREACH,
    Reading,
    Reminder,
    find_next_moment,
    find_reminder,
    read_clocks,
)
from .kpi_tat_level import DUE_FIELDS, to_instant

_logger = logging.getLogger(__name__)
BATCH = 1000
_MARKED = (
    "reminded_percent",
    "next_due_at",
    "tat50_alert_sent",
    "tat75_alert_sent",
    "tat_breached",
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A reminder of a clock, and what that shows when it is sent.

    :ivar moments: percent → instant of each of the clock's thresholds
    """

    row: BaseModel
    reminder: Reminder
    reading: Reading
    moments: dict[int, int | None]


class KpiTatLevel(models.Model):
    """Reminders: each threshold is announced once, on the second it falls due.

    A batch takes the same number of statements however many clocks are due: rows are
    read, marked and announced together, by SQL.
    """

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
        self.env.flush_all()
        rows = self.env.execute_query(self._due_sql(now))
        # What others changed before they let go of them is read anew.
        self.env.invalidate_all(flush=False)
        return self.browse(row_id for (row_id,) in rows)

    @api.model
    def _due_sql(self, now):
        """The SELECT of clocks that are due and that no other transaction holds."""
        return SQL(
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

    def _remind(self, now):
        """Write the alert of the highest threshold that each clock has passed.

        Those that were passed with it, as while the server was down, stand in the
        alert; their flags stay as they are.
        """
        if not self:
            return
        instant = to_instant(now)
        moments = {row: row._get_moments() for row in self}
        reminders = {
            row: reminder
            for row, of_row in moments.items()
            if (reminder := find_reminder(of_row, row.reminded_percent, instant))
        }
        due, readings = self.browse().union(*reminders), {}
        for calendar, rows in due.grouped("calendar_id").items():
            clocks = [row._build_clock() for row in rows]
            shown = read_clocks(calendar._get_timeline(), clocks, instant)
            readings |= zip(rows, shown, strict=True)
        found = [
            Announcement(row, reminder, readings[row], moments[row])
            for row, reminder in reminders.items()
        ]
        self._mark_reminded(moments, reminders)
        self.env["kpi.tat.alert"]._announce(found, now)
        # What templates say of levels that are overdue is done; never approve.
        late = [each.row.id for each in found if each.reminder.percent == BREACH]
        actions = ("escalate", "skip")
        run_apart(
            self.env,
            self.browse(late).filtered(lambda row: row.timeout_action in actions),
            lambda some: some._time_out(now),
            lambda row, error: row._note_timeout_failure(error),
        )

    def _get_moments(self):
        """Percent → instant of each threshold that is stored."""
        moments = {int(one): at for one, at in (self.more_due_at or {}).items()}
        for percent, name in DUE_FIELDS.items():
            moment = self[name]
            moments[percent] = to_instant(moment) if moment else None
        return moments

    def _mark_reminded(self, moments, reminders):
        """Store what was announced of these clocks, and when each is due next.

        Only the flag of the threshold that is announced is set. What was announced as
        overdue, was in time again by a correction and runs out once more is marked.
        """
        rows = []
        for row in self:
            percent = reminders[row].percent if row in reminders else None
            announced = percent or row.reminded_percent
            moment = find_next_moment(moments[row], announced)
            rows.append((row.id, percent, moment))
        ids, percents, next_moments = map(list, zip(*rows, strict=True))
        self.env.execute_query(
            SQL(
                """
                UPDATE approval_levels AS level
                   SET reminded_percent = COALESCE(
                           found.percent, level.reminded_percent),
                       next_due_at = to_timestamp(found.moment) AT TIME ZONE 'UTC',
                       tat50_alert_sent = COALESCE(found.percent = 50, FALSE)
                           OR COALESCE(level.tat50_alert_sent, FALSE),
                       tat75_alert_sent = COALESCE(found.percent = 75, FALSE)
                           OR COALESCE(level.tat75_alert_sent, FALSE),
                       tat_breached = COALESCE(found.percent = %(breach)s, FALSE)
                           OR COALESCE(level.tat_breached, FALSE)
                           OR COALESCE(level.reminded_percent >= %(breach)s
                               AND level.overdue_at <= level.next_due_at, FALSE),
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM unnest(
                           %(ids)s::int[], %(percents)s::int[], %(moments)s::bigint[])
                       AS found (id, percent, moment)
                 WHERE level.id = found.id
             RETURNING 1
                """,
                breach=BREACH,
                uid=self.env.uid,
                now=self.env.cr.now(),
                ids=ids,
                percents=percents,
                moments=next_moments,
            )
        )
        self.invalidate_recordset(_MARKED)
        self.modified(_MARKED)

    def _time_out(self, now):
        """Ask others about these levels, by ``timeout_action``."""
        # Who was asked is looked at when nobody can decide any more.
        self.request_id._count_turn()
        self.env.invalidate_all()
        of_person = self.request_id._group_steps()
        escalating = self.env["kpi.approval.step"]
        for row in self:
            own = of_person.get(row._get_key(), escalating.browse())
            asked = own.filtered(lambda step: step.state == "asked")
            if row.timeout_action == "escalate":
                escalating |= asked.filtered(lambda step: not step.escalated_at)
            elif asked:
                row.request_id._skip_level(row.level_number)
        escalating._escalate(now)

    def _note_timeout_failure(self, error):
        """Say at the request what could not be done: that holds up no other."""
        _logger.warning("Nobody else is asked for %s", self, exc_info=error)
        body = self.env._(
            "Level %(number)s is overdue, but escalating or skipping failed: "
            "%(reason)s",
            number=self.level_number,
            reason=failure_text(self.env, error),
        )
        self.request_id.message_post(body=body, subtype_xmlid="mail.mt_note")


class KpiTimer(models.AbstractModel):
    """Reminders to the second, and the end of holds."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {
            **super()._get_sweeps(),
            "kpi.tat.level": "_sweep_due",
            "kpi.tat.hold": "_sweep_due",
        }

    @api.model
    def _get_read_committed(self):
        return super()._get_read_committed() | {"kpi.tat.level", "kpi.tat.hold"}
