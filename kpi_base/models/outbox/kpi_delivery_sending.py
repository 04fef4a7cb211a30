import logging
import random
import secrets
import time
from contextlib import contextmanager
from datetime import timedelta

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...engine.delivery import (
    ATTEMPTS,
    FIRST_DELAY_SECONDS,
    LONGEST_DELAY_SECONDS,
    MOST_UNCONFIRMED,
    asked_delay,
    is_server_failure,
    retry_delay,
)
from ...failure import failure_text
from ...outbox import (
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
    DeliveryUnanswered,
    DeliveryUnconfirmed,
)
from ...tell import TOLD, tell_owner
from ..record.session_lock import held_locks_sql, session_lock
from .kpi_delivery import CRONS
from .kpi_delivery_host import paused_sql

_logger = logging.getLogger(__name__)
LOCK_SPACE = 1_262_570_839  # of runs that send; imports have the number before
BATCH = 20
LONGEST_ANSWER = 1024  # characters that are kept of what a server said
SEND_SECONDS = 15  # for all up to the dot that ends a message
DOT_SECONDS = 30  # how long a run waits for the answer to it
ANSWER_SECONDS = 600  # how long a server may take over it (RFC 5321, 4.5.3.2.6)
START_SECONDS = 45  # no send begins later, so that a run ends within 90 seconds
CLAIM_SECONDS = 120  # longer than any run
ANSWER_CLAIM_SECONDS = ANSWER_SECONDS + 60  # longer than any answer
QUIET = timedelta(days=1)
MOST_CONNECTIONS = 4  # each may hold a connection to the database as well


@contextmanager
def statement_cursor(registry):
    """A cursor of its own on which each statement is a transaction by itself.

    What it claims and marks is committed at once, and nothing is open while a far
    server is waited for.
    """
    with registry.cursor() as cr:
        cr.connection.set_session(
            isolation_level=ISOLATION_LEVEL_READ_COMMITTED, autocommit=True
        )
        try:
            yield cr
        finally:
            cr.connection.set_session(autocommit=False)


@contextmanager
def claiming_run(cr):
    """Number of a run, whose claims hold for as long as its session lives."""
    run = secrets.randbits(31)
    with session_lock(cr, LOCK_SPACE, run):
        yield run


def _is_due_sql(now):
    """Whether the time for the next attempt has come.

    A time further ahead than this code sets it was set by a clock that went wrong.
    """
    return SQL(
        """
        (due_at IS NULL OR due_at <= %(now)s
         OR due_at IS DISTINCT FROM scheduled_at
            AND due_at > %(now)s + INTERVAL '1 second' * greatest(
                    least(%(first)s * power(2, attempt_count - 1), %(longest)s),
                    asked_seconds))
        """,
        now=now,
        first=FIRST_DELAY_SECONDS,
        longest=LONGEST_DELAY_SECONDS,
    )


def _is_open_sql():
    """Whether the server of the message is not left alone at the moment."""
    return SQL(
        "(host IS NULL OR host NOT IN (SELECT name FROM kpi_delivery_host WHERE %s))",
        paused_sql(),
    )


def _is_free_sql(now):
    """Whether no living run has the message, or one that hangs."""
    return SQL(
        """
        (claimed_until IS NULL OR claimed_until <= %s OR claimed_until > %s
         OR claimed_by NOT IN (%s))
        """,
        now,
        now + timedelta(seconds=ANSWER_CLAIM_SECONDS),
        held_locks_sql(LOCK_SPACE),
    )


class KpiDelivery(models.Model):
    """Claim, send, mark: how the outbox is emptied.

    A crash after a message left and before it is marked has it sent again, with the
    same Message-Id: at least once, never lost. So has a server that takes a message and
    gives no answer, three times at most.
    """

    _inherit = "kpi.delivery"

    @api.model
    def _cron_send(self, lane):
        """Send what is due in ``lane`` for up to a minute."""
        # The cron's transaction ends here: none may be open while others answer.
        self.env["ir.cron"]._commit_progress(remaining=self._due_count(lane))
        with statement_cursor(self.env.registry) as cr:
            own = api.Environment(cr, SUPERUSER_ID, {})
            done = own[self._name]._send_due(lane, time.monotonic() + START_SECONDS)
        # Odoo would run it again at once, past the minute: the trigger does that.
        self.env["ir.cron"]._commit_progress(done, remaining=0)
        self._wake_for_next(lane)

    @api.model
    def _due_count(self, lane):
        ((count,),) = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM kpi_delivery"
                " WHERE state = 'waiting' AND lane = %s AND %s AND %s",
                lane,
                _is_due_sql(fields.Datetime.now()),
                _is_open_sql(),
            )
        )
        return count

    @api.model
    def _wake_for_next(self, lane):
        if moment := self._find_next_moment(lane):
            self._wake_lane(lane, moment)

    @api.model
    def _find_next_moment(self, lane):
        """When a message of the lane is due that no living run has; None = never."""
        now = fields.Datetime.now()
        ((moment,),) = self.env.execute_query(
            SQL(
                """
                SELECT min(greatest(
                         CASE WHEN %(is_due)s THEN %(now)s ELSE due_at END,
                         CASE WHEN NOT %(is_free)s THEN claimed_until END,
                         (SELECT paused_until FROM kpi_delivery_host
                           WHERE name = kpi_delivery.host AND %(is_paused)s)))
                  FROM kpi_delivery
                 WHERE state = 'waiting' AND lane = %(lane)s
                """,
                is_due=_is_due_sql(now),
                is_free=_is_free_sql(now),
                is_paused=paused_sql(),
                now=now,
                lane=lane,
            )
        )
        return moment

    @api.model
    def _send_due(self, lane, deadline):
        """Send due batches until ``deadline`` of the monotonic clock; how many."""
        done = 0
        with claiming_run(self.env.cr) as run, Connections() as connections:
            outbox = self.with_context(kpi_connections=connections)
            while time.monotonic() < deadline and (batch := outbox._claim(lane, run)):
                for place, delivery in enumerate(batch):
                    if time.monotonic() >= deadline:
                        batch[place:]._release(run)
                        break
                    delivery._send_and_mark(run)
                    done += 1
        return done

    @api.model
    def _claim(self, lane, run):
        """Take the oldest messages that are due and that no living run has taken."""
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE kpi_delivery
                   SET claimed_by = %(run)s, claimed_until = %(until)s
                 WHERE id IN (
                       SELECT id
                         FROM kpi_delivery
                        WHERE state = 'waiting'
                          AND lane = %(lane)s
                          AND %(is_due)s
                          AND %(is_free)s
                          AND %(is_open)s
                     ORDER BY id
                        LIMIT %(batch)s
                   FOR UPDATE SKIP LOCKED)
                RETURNING id
                """,
                run=run,
                lane=lane,
                until=now + timedelta(seconds=CLAIM_SECONDS),
                is_due=_is_due_sql(now),
                is_free=_is_free_sql(now),
                is_open=_is_open_sql(),
                batch=BATCH,
            )
        )
        self.env.invalidate_all()
        return self.browse(sorted(record_id for (record_id,) in rows))

    def _update_claimed(self, is_held, **columns):
        """Write to those of these that wait and, as the SQL says, are still held."""
        changes = [SQL("%s = %s", SQL.identifier(n), v) for n, v in columns.items()]
        self.env.cr.execute(
            SQL(
                "UPDATE kpi_delivery SET %s"
                " WHERE id = ANY(%s) AND state = 'waiting' AND %s",
                SQL(", ").join(changes),
                self.ids,
                is_held,
            )
        )

    def _release(self, run, **columns):
        """Give back what was not tried: for want of time, or as its server rests."""
        held = SQL("claimed_by = %s", run)
        self._update_claimed(held, claimed_by=None, claimed_until=None, **columns)

    def _send_and_mark(self, run):
        """Send one claimed message and store the result, at once."""
        if self.renderer:
            # Written from rights and records as they are now. Later it would forget
            # its claim, which another run may have got meanwhile.
            self.env.invalidate_all()
        if self.attempt_count >= ATTEMPTS:
            # Each was begun, and none came back.
            self._mark(
                "failed",
                self.env._(
                    "Failed: the server stopped %s times while sending the message.",
                    ATTEMPTS,
                ),
            )
            return
        try:
            host = self._call_channel("_find_%s_host")
        except Exception as error:
            if self._begin_attempt(run):
                self._mark_error(error)
            return
        if host and not self.env["kpi.delivery.host"]._take_turn(host):
            self._release(run, host=host)
        elif self._begin_attempt(run):
            self._try_to_send(host)

    def _try_to_send(self, host):
        """Make the attempt that was begun, and store its result."""
        started = time.monotonic()
        try:
            self._check_receiver()
            self._call_channel("_send_%s")
        except DeliveryUnanswered:
            _logger.info("KPI delivery %s left; its answer is waited for", self.id)
        except Exception as error:
            self._mark_error(error)
            # also behind Odoo's own error
            causes = filter(None, (error, error.__cause__, error.__context__))
            is_later = isinstance(error, DeliveryLater)
            if host and (is_later or any(map(is_server_failure, causes))):
                self.env["kpi.delivery.host"]._note_failure(
                    host,
                    failure_text(self.env, error)[:LONGEST_ANSWER],
                    time.monotonic() - started,
                    asked_delay(error.seconds) if is_later else None,
                )
        else:
            self._mark("sent")
            if host:
                self.env["kpi.delivery.host"]._note_success(host)

    def _call_channel(self, name):
        """Call the method of this message's channel; ``%s`` in ``name`` stands for it.

        :raises DeliveryRefused: no installed addon has it
        """
        method = getattr(self, name % self.channel, None)
        if method is None:
            raise DeliveryRefused(f"{self._name} has no method {name % self.channel}")
        return method()

    def _begin_attempt(self, run):
        """Count an attempt before it is made, which may end us; whether it is ours."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH begun AS (
                    UPDATE kpi_delivery
                       SET attempt_count = attempt_count + 1
                     WHERE id = %s AND state = 'waiting' AND claimed_by = %s
                 RETURNING id, attempt_count
                )
                INSERT INTO kpi_delivery_attempt (delivery_id, number, started_at)
                SELECT id, attempt_count, clock_timestamp() AT TIME ZONE 'UTC'
                  FROM begun
             RETURNING id
                """,
                self.id,
                run,
            )
        )
        self.invalidate_recordset(["attempt_count", "attempt_ids"])
        return bool(rows)

    def _mark_error(self, error):
        """Have it tried again later, unless this was the last attempt or of no use."""
        reason, asked_seconds = str(error), None
        is_last = isinstance(error, DeliveryRefused) or self.attempt_count >= ATTEMPTS
        is_unconfirmed = isinstance(error, DeliveryUnconfirmed)
        if isinstance(error, DeliverySkipped):
            self._mark("skipped", reason)
            return
        if isinstance(error, DeliveryLater):
            # when the server wants it
            asked_seconds = asked_delay(error.seconds)
        elif not isinstance(error, DeliveryRefused):
            # Whatever else went wrong may go right later; the last attempt says what.
            _logger.info("KPI delivery %s failed", self.id, exc_info=error)
            reason = failure_text(self.env, error)
        if is_unconfirmed:
            outcomes = self.attempt_ids.mapped("outcome")
            is_last |= outcomes.count("unconfirmed") + 1 >= MOST_UNCONFIRMED
            reason = self.env._(
                "The server did not confirm the message, which may have arrived: %s",
                reason,
            )
        if is_last:
            self._mark("failed", reason)
            return
        # Spread, so that what failed together does not return together.
        delay = asked_seconds or retry_delay(self.attempt_count, random.Random())
        due_at = fields.Datetime.now() + timedelta(seconds=delay)
        outcome = "unconfirmed" if is_unconfirmed else "waiting"
        self._mark("waiting", reason, due_at, asked_seconds, outcome)

    def _hold_claim(self, run):
        """Keep the claim for as long as a mail server may take to answer."""
        until = fields.Datetime.now() + timedelta(seconds=ANSWER_CLAIM_SECONDS)
        held = SQL("claimed_until = %s", self.claimed_until or None)
        self._update_claimed(held, claimed_by=run, claimed_until=until)
        self.invalidate_recordset(["claimed_until"])

    def _mark(self, state, reason=None, due_at=None, asked_seconds=None, outcome=None):
        """Set the outcome, unless another run has taken the message and sent it.

        A failure counts only for the run that still holds the claim.
        """
        self.env.execute_query(
            SQL(
                """
                WITH marked AS (
                    UPDATE kpi_delivery
                       SET state = %(state)s,
                           last_error = %(reason)s,
                           due_at = coalesce(%(due_at)s, due_at),
                           asked_seconds = %(asked_seconds)s,
                           sent_at = CASE WHEN %(state)s = 'sent' THEN %(now)s END,
                           claimed_by = NULL,
                           claimed_until = NULL,
                           write_date = %(now)s
                     WHERE id = %(id)s
                       AND state = 'waiting'
                       AND (%(state)s = 'sent' OR claimed_until = %(claim)s)
                 RETURNING id, attempt_count
                )
                UPDATE kpi_delivery_attempt AS attempt
                   SET outcome = %(outcome)s,
                       answer = %(reason)s,
                       milliseconds = 1000 * extract(
                         epoch FROM clock_timestamp() AT TIME ZONE 'UTC' - started_at)
                  FROM marked
                 WHERE attempt.delivery_id = marked.id
                   AND attempt.number = marked.attempt_count
                   AND attempt.outcome IS NULL
             RETURNING attempt.id
                """,
                state=state,
                outcome=outcome or state,
                reason=reason and reason[:LONGEST_ANSWER],
                due_at=due_at,
                asked_seconds=asked_seconds,
                now=fields.Datetime.now(),
                claim=self.claimed_until or None,
                id=self.id,
            )
        )
        if state == "failed":
            self.invalidate_recordset()
            if self.state == "failed":
                self._tell_failed()

    @api.model
    def _sweep_due(self):
        """Wake the lanes that have something due; when the next message is due."""
        now = fields.Datetime.now()
        moments = {lane: self._find_next_moment(lane) for lane in CRONS}
        for lane, moment in moments.items():
            if moment and moment <= now:
                cron = self._get_cron(lane)
                asked = [("cron_id", "=", cron.id), ("call_at", "<=", now)]
                # a trigger set before its time woke nobody
                if cron.env["ir.cron.trigger"].search_count(asked, limit=1):
                    self.env.cr.postcommit.add(cron._notifydb)
                else:
                    cron._trigger(now)
        later = [moment for moment in moments.values() if moment and moment > now]
        return min(later, default=None)

    def _tell_failed(self):
        """Have somebody know, unless others of the same record were told of.

        What itself tells of a failure is only seen in the outbox.
        """
        others = [
            ("res_model", "=", self.res_model),
            ("res_id", "=", self.res_id),
            ("id", "!=", self.id),
            ("state", "=", "failed"),
            ("write_date", ">", fields.Datetime.now() - QUIET),
        ]
        if self.key.startswith(TOLD) or self.search(others, limit=1):
            return
        tell_owner(
            self,
            self._find_owner(),
            self.env._("Not delivered: %s", self.subject),
            self.env._(
                "To %(person)s: %(reason)s",
                person=self.recipient,
                reason=self.last_error or "",
            ),
        )

    def _find_owner(self):
        """Who made the record that the message is about; nobody if it is gone.

        Of a message about no record that goes to no person, who answers for it.
        """
        people = self.env["res.users"]
        if not self.res_id:
            return people if self.user_id else self.reader_id
        if self.res_model not in self.env:
            return people
        record = self.env[self.res_model].browse(self.res_id).exists()
        return record.create_uid if "create_uid" in record._fields else people


class Connections:
    """Connections of a run to far servers; what was not used for longest gives way.

    An adapter opens what it needs::

        connection = self.env.context["kpi_connections"].get(key, lambda: open_it(...))

    A connection has ``is_usable()`` and ``close()``.
    """

    def __init__(self):
        self._open = {}
        self._known = {}

    def get(self, key, connect):
        """The connection of ``key``, which ``connect`` opens where there is none."""
        connection = self._open.pop(key, None)
        if connection is None or not connection.is_usable():
            connection = connect()
        self._open[key] = connection
        if len(self._open) > MOST_CONNECTIONS:
            self._open.pop(next(iter(self._open))).close()
        return connection

    def remember(self, key, find):
        """What ``find`` gives for ``key``: it is asked once in a run."""
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for connection in self._open.values():
            connection.close()
