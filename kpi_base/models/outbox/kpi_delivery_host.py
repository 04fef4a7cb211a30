from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.delivery import LONGEST_PAUSE_SECONDS, pause_after
from ...rights import search_by

MINUTE_SECONDS = 60.0


class KpiDeliveryHost(models.Model):
    """A server that messages leave by: left alone while it fails, or is sent too many.

    So a silent server takes the time of one message, not that of all others.
    """

    _name = "kpi.delivery.host"
    _description = "KPI Receiving Server"
    _order = "paused_until desc, name"
    _log_access = False

    name = fields.Char("Server", required=True, readonly=True)
    failure_count = fields.Integer("Failures in a Row", readonly=True)
    paused_until = fields.Datetime(readonly=True)
    asked_seconds = fields.Integer(
        "Requested Wait (s)",
        readonly=True,
        exportable=False,
    )
    last_error = fields.Char("Reason", readonly=True)
    messages_per_minute = fields.Integer(
        string="Messages per Minute", help="Maximum; 0 means unlimited."
    )
    is_paused = fields.Boolean(
        compute="_compute_is_paused", search=search_by("_get_paused_domain")
    )

    _name_uniq = models.UniqueIndex("(name)", "This server already exists.")
    _limit_range = models.Constraint(
        "CHECK (messages_per_minute >= 0)", "Messages per minute cannot be negative."
    )

    @api.depends("paused_until")
    def _compute_is_paused(self):
        now = fields.Datetime.now()
        for host in self:
            host.is_paused = bool(host.paused_until and host.paused_until > now)

    @api.model
    def _get_paused_domain(self):
        rows = SQL("(SELECT id FROM kpi_delivery_host WHERE %s)", paused_sql())
        return Domain("id", "in", rows)

    @api.model
    def _take_turn(self, name):
        """Whether a message may be sent to a server now; it counts as sent."""
        rows = self.env.execute_query(
            SQL(
                "SELECT messages_per_minute, COALESCE(%s, FALSE)"
                "  FROM kpi_delivery_host WHERE name = %s",
                paused_sql(),
                name,
            )
        )
        if not rows:
            return True
        ((limit, is_paused),) = rows
        if limit and not is_paused:
            return self._pause(name, MINUTE_SECONDS / limit)
        return not is_paused

    @api.model
    def _pause(self, name, seconds, asked=None):
        """Keep a server free for a while; False where another run did so first.

        :param asked: the seconds, where the server asked for them: that counts anyway
        """
        rows = self.env.execute_query(
            SQL(
                "UPDATE kpi_delivery_host SET paused_until = %s, asked_seconds = %s"
                " WHERE name = %s AND (%s OR COALESCE(NOT %s, TRUE)) RETURNING id",
                fields.Datetime.now() + timedelta(seconds=seconds),
                asked,
                name,
                bool(asked),
                paused_sql(),
            )
        )
        return bool(rows)

    @api.model
    def _note_failure(self, name, reason, seconds, asked=None):
        """Count a failure of a server, and leave it alone where there are enough.

        :param seconds: how long it took to fail
        :param asked: seconds to leave it alone, where that is what it answered
        """
        ((count,),) = self.env.execute_query(
            SQL(
                """
                INSERT INTO kpi_delivery_host AS known
                       (name, failure_count, messages_per_minute, last_error)
                VALUES (%(name)s, %(count)s, 0, %(reason)s)
                    ON CONFLICT (name) DO UPDATE
                   SET failure_count = COALESCE(known.failure_count, 0) + %(count)s,
                       last_error = EXCLUDED.last_error
             RETURNING failure_count
                """,
                name=name,
                count=0 if asked else 1,
                reason=reason,
            )
        )
        if pause := asked or pause_after(count, seconds):
            self._pause(name, pause, asked)

    @api.model
    def _note_success(self, name):
        """Forget the failures of a server that took a message."""
        self.env.execute_query(
            SQL(
                "UPDATE kpi_delivery_host SET failure_count = 0, last_error = NULL"
                " WHERE name = %s AND last_error IS NOT NULL RETURNING id",
                name,
            )
        )


def paused_sql():
    """Condition on ``kpi_delivery_host``; NULL or false = it may be sent to.

    A moment further ahead than this code sets it was set by a clock that went wrong.
    """
    return SQL(
        """
        (paused_until > %(now)s
         AND paused_until <= %(now)s
             + coalesce(nullif(asked_seconds, 0), %(longest)s) * INTERVAL '1 second')
        """,
        now=fields.Datetime.now(),
        longest=LONGEST_PAUSE_SECONDS,
    )
