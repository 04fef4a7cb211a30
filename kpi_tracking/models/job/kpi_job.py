import logging
import time
from datetime import date, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.models.job.kpi_job import LOCK_SPACE
from odoo.addons.kpi_base.models.record.session_lock import (
    session_lock,
    session_unlock,
    try_session_lock,
)
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.roles import USER

_logger = logging.getLogger(__name__)
# Numbers of no job: of what is done by one session at a time.
FORMULAS = 0
SETTLING = -2
RECONCILED_DAYS = 92
REPORTS_AT_ONCE = 5_000  # that are judged before the next commit
PAUSE = timedelta(seconds=30)  # between two updates that people ask for
COMPUTATIONS = ("refresh", "change", "recompute", "reconcile")


class KpiJob(models.Model):
    """Computing KPIs: what has changed, a range, and the nightly check."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[
            ("refresh", "Update of Changed Values"),
            ("change", "Definition Change"),
            ("recompute", "Recalculation"),
            ("reconcile", "Nightly Check"),
        ],
        default="refresh",
        ondelete=dict.fromkeys(COMPUTATIONS, "cascade"),
        string="Type",
    )
    definition_ids = fields.Many2many("kpi.definition", string="KPIs")
    drift_count = fields.Integer("Differences Found", readonly=True)

    @api.model
    def _enqueue_computation(self, name, kind, definitions=None, first=None, last=None):
        """Queue the computation of ``definitions``, of all where there are none.

        :param first: first day to compute; None = the start of each KPI's history
        """
        return self._enqueue(
            name,
            kind,
            definition_ids=definitions.ids if definitions else [],
            date_from=first,
            date_to=last,
        )

    @api.model
    def _get_quick_kinds(self):
        return [*super()._get_quick_kinds(), "refresh", "change"]

    @api.model
    def _get_shared_kinds(self):
        return [*super()._get_shared_kinds(), *COMPUTATIONS]

    @api.model
    def _enqueue_regular(self):
        if not self._find_update("queued", "running"):
            self.create(
                {"name": self.env._("Update of changed values"), "kind": "refresh"}
            )
        return super()._enqueue_regular()

    def init(self):
        result = super().init()
        # How far a job is with each source.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_job_source (
                job_id integer NOT NULL REFERENCES kpi_job ON DELETE CASCADE,
                source_id integer NOT NULL REFERENCES kpi_source ON DELETE CASCADE,
                looked_at timestamp,
                done_until date,
                is_done boolean NOT NULL DEFAULT FALSE,
                error text,
                PRIMARY KEY (job_id, source_id)
            );
            ALTER TABLE kpi_job_source
              ADD COLUMN IF NOT EXISTS written_count integer NOT NULL DEFAULT 0,
              ADD COLUMN IF NOT EXISTS drift_count integer NOT NULL DEFAULT 0;
            -- What chunks have changed: only added to, so that they never collide.
            CREATE TABLE IF NOT EXISTS kpi_job_change (
                report_ids integer[] NOT NULL,
                first_period date NOT NULL,
                cause varchar
            )
            """
        )
        return result

    def _prepare_retry_values(self):
        return {**super()._prepare_retry_values(), "drift_count": 0}

    def _run(self):
        """Compute the sources chunk by chunk, then the formulas.

        Several lanes do one job: each takes the next source that nobody holds, and
        whoever is the last to leave ends it. They share the job's lock while they
        compute; who has it alone begins the job or ends it.

        A run goes on where the one before it ended. It does one chunk at least, so that
        a job comes to its end however little time each run has.
        """
        if self.kind not in COMPUTATIONS:
            return super()._run()
        cr = self.env.cr
        with session_lock(cr, LOCK_SPACE, self.id) as is_first:
            if is_first:
                self._try(self._begin_computation)
            # Before the lock is given back: nobody takes the job for abandoned.
            is_joined = try_session_lock(cr, LOCK_SPACE, self.id, shared=True)
        if not is_joined:
            return True
        try:
            left = self._try(self._compute_sources)
        finally:
            session_unlock(cr, LOCK_SPACE, self.id, shared=True)
        with session_lock(cr, LOCK_SPACE, self.id) as is_last:
            if is_last:
                self._try(lambda: self._end_computation(left))
        return bool(left)

    def _begin_computation(self):
        if repeat_late(self.env, self._start):
            sources = repeat_late(self.env, self._prepare)
            mine = self.env.context.get("cron_id")
            # Not the first lane: each time it wakes it begins an update of its own.
            for cron in self._find_lanes()[1:] if len(sources) > 1 else ():
                if cron.id != mine:
                    cron._trigger()
            self._commit()

    def _compute_sources(self):
        """Compute what is left and nobody else computes; seconds left."""
        left = True
        is_running = self._is_still("running")
        for source in self._find_left() if is_running else ():
            if not left or self._is_cancelled():
                break
            if source._lock():
                left = self._try_source(source)
        return left

    def _end_computation(self, left):
        self._settle(is_last=True)
        if not self._is_still("running"):
            return
        if self._is_cancelled():
            self._finish("cancelled")
            return
        is_held = left and bool(self._find_left())
        if not left or is_held or not self._try_formulas():
            # What another session holds is not asked for again at once.
            self._queue_again(timedelta(seconds=10) if left else timedelta())
            return
        sources = self.env["kpi.source"]
        error = "\n".join(
            f"{sources.browse(source_id).name}: {error}"
            for source_id, _is_done, error in self._fetch_looked_at()
            if error
        )
        self._finish("failed" if error else "done", error=error or False)

    def _prepare(self):
        """Note the sources to look at, and first bring what they join up to date."""
        sources = self._sources()
        if not self._fetch_looked_at():
            self.env["kpi.definition"]._take_over_due()
            self.env["kpi.source"]._refresh_shared(force=self.kind == "reconcile")
        sources.flush_recordset(["last_run_at"])
        self.env.cr.execute(
            """
            INSERT INTO kpi_job_source (job_id, source_id, looked_at)
            SELECT %s, id, last_run_at FROM kpi_source WHERE id = ANY(%s)
                ON CONFLICT DO NOTHING
            """,
            (self.id, sources.ids),
        )
        self._write_progress()
        return sources

    def _find_left(self):
        """Sources that are left, least recently looked at first."""
        return self.env["kpi.source"].browse(
            source_id
            for source_id, is_done, _error in self._fetch_looked_at()
            if not is_done
        )

    def _fetch_looked_at(self):
        """Id of each source, whether the job is through with it, and its error."""
        return self.env.execute_query(
            SQL(
                "SELECT source_id, is_done, error FROM kpi_job_source WHERE job_id = %s"
                " ORDER BY looked_at NULLS FIRST, source_id",
                self.id,
            )
        )

    def _finish(self, state, error=False):
        finished = super()._finish(state, error)
        # Should the job be run again, it looks at all of them again.
        forget = "DELETE FROM kpi_job_source WHERE job_id = %s"
        repeat_late(self.env, self.env.cr.execute, forget, self.ids)
        self._commit()
        return finished

    def _note_source(self, source, **columns):
        """Write how far the job is with ``source``, and count what was written.

        :return: the day it has come to, or None, in a list; none if it is done
        """
        is_count = {"written_count", "drift_count"}
        changes = [
            SQL(
                "%s = %s", name, SQL("%s + %s", name, value) if n in is_count else value
            )
            for n, value in columns.items()
            for name in [SQL.identifier(n)]
        ]
        rows = self.env.execute_query(
            SQL(
                "UPDATE kpi_job_source SET %s WHERE job_id = %s AND source_id = %s"
                " AND NOT is_done RETURNING done_until",
                SQL(", ").join(changes),
                self.id,
                source.id,
            )
        )
        return [done_until for (done_until,) in rows]

    def _write_progress(self):
        """Write how far all lanes are with the job, in a transaction of its own.

        One in which a chunk is computed would fail when another lane ends one.
        """
        self.invalidate_recordset()
        ((count, done, written, drift),) = self.env.execute_query(
            SQL(
                """
                SELECT count(*), count(*) FILTER (WHERE is_done AND error IS NULL),
                       sum(written_count), sum(drift_count)
                  FROM kpi_job_source
                 WHERE job_id = %s
                """,
                self.id,
            )
        )
        self.write(
            {
                "step_count": count + 1,
                "step_done_count": done,
                "written_count": written or 0,
                "drift_count": drift or 0,
                "progressed_at": fields.Datetime.now(),
            }
        )
        return self._commit()

    def _try_source(self, source):
        """Compute a locked source and note what came of it; seconds left."""
        try:
            return self._run_source(source)
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("KPI job %s failed on %s", self.id, source.name)
            text = failure_text(self.env, error)
            repeat_late(self.env, self._end_source, source, text)
            return repeat_late(self.env, self._write_progress)
        finally:
            source._unlock()

    def _end_source(self, source, error=None, look=None):
        source.last_error = error
        source._note_look(look)
        if not error:
            source.last_run_at = fields.Datetime.now()
        self._note_source(source, is_done=True, error=error)
        return self._commit()

    def _sources(self):
        if self.kind == "change":  # what its formula is made of stays as it is
            return self.definition_ids.source_ids
        if not self.definition_ids:
            return self.env["kpi.source"].search([("definition_ids.active", "=", True)])
        return self.definition_ids._with_components().source_ids

    def _run_source(self, source):
        """Compute one source chunk by chunk; seconds left."""
        self._commit()  # what was done before the lock was free is seen from now on
        plan = repeat_late(self.env, self._plan_source, source)
        if plan is None:
            return True
        chunks, look = plan
        for statement, periods in chunks:
            repeat_late(self.env, self._run_chunk, source, statement, periods)
            left = repeat_late(self.env, self._write_progress)
            if not left or self._is_cancelled():
                return left
        repeat_late(self.env, self._end_source, source, None, look)
        self._settle()
        return repeat_late(self.env, self._write_progress)

    def _plan_source(self, source):
        """The chunks of ``source`` that are left, and what to note after them.

        :return: None where another lane did it
        """
        # One that takes the whole process down comes last when the job goes on.
        noted = self._note_source(source, looked_at=fields.Datetime.now())
        if not noted:
            return None
        (done_until,) = noted
        self._commit()
        if self._is_regular() and not done_until:
            plan = source._plan_changed()
            self._commit()
            return plan
        chunks = source._plan(self.date_from, self.date_to)
        self._commit()
        chunks = [
            (statement, periods)
            for statement, periods in chunks
            if not done_until or periods[-1].stop > done_until
        ]
        return chunks, {}

    def _is_regular(self):
        """Whether nobody has asked for it: what people ask for trusts no counters."""
        return self.kind == "refresh" and self.requested_by_id.id == SUPERUSER_ID

    def _run_chunk(self, source, statement, periods):
        """Compute one chunk, tell what came of it and commit."""
        started = time.monotonic()
        outcome = source.with_context(kpi_settles_later=True)._compute(
            statement,
            periods,
            force=self.kind not in ("refresh", "change"),
            reason=self._revision_reason(),
        )
        self._log_chunk(source, periods, outcome, time.monotonic() - started)
        self._commit()

    @api.model
    def _settles_later(self, report_ids, first_period, cause=None):
        """In a chunk: note what it has changed, for ``_settle``; else False.

        :param cause: of a change of values, which makes formulas stale; None: bring
            the current values in line
        """
        if not self.env.context.get("kpi_settles_later"):
            return False
        note = "INSERT INTO kpi_job_change VALUES (%s, %s, %s)"
        self.env.cr.execute(SQL(note, report_ids, first_period, cause))
        return True

    def _settle(self, *, is_last=False):
        """Bring in line what stands on values of chunks, in a transaction of its own.

        Formulas, targets and scorecards stand on several sources: two chunks that wrote
        to them would have to be computed one after the other.

        :param is_last: nobody will come after this session; else whoever settles at
            this moment, or comes next, does it
        """
        with session_lock(self.env.cr, LOCK_SPACE, SETTLING) as is_ours:
            if is_ours or is_last:
                self._commit()  # what others have noted is seen from now on
                repeat_late(self.env, self._settle_changes)

    def _settle_changes(self):
        current, first = set(), date.max
        take = "DELETE FROM kpi_job_change RETURNING report_ids, first_period, cause"
        for report_ids, period, cause in self.env.execute_query(SQL(take)):
            if cause:
                self.env["kpi.definition"]._mark_stale(report_ids, period, cause)
            else:
                current.update(report_ids)
                first = min(first, period)
        if current:
            self.env["kpi.report"].browse(current).exists()._refresh_current(first)
        self._commit()

    def _revision_reason(self):
        return self.env._("Nightly check") if self.kind == "reconcile" else None

    def _log_chunk(self, source, periods, outcome, seconds):
        drift = outcome.drifted if self.kind == "reconcile" else 0
        self._note_source(
            source,
            done_until=periods[-1].stop,
            written_count=outcome.write_count,
            drift_count=drift,
        )
        if outcome.write_count or drift:
            self.env["kpi.job.line"].create(
                {
                    "job_id": self.id,
                    "name": source.name,
                    "date_from": periods[0].start,
                    "date_to": periods[-1].stop,
                    "written_count": outcome.write_count,
                    "drift_count": drift,
                    "duration_seconds": seconds,
                }
            )

    def _try_formulas(self):
        """Evaluate the formulas and judge; False where another session is at it."""
        with session_lock(self.env.cr, LOCK_SPACE, FORMULAS) as is_ours:
            if is_ours:
                repeat_late(self.env, self._run_formulas)
                unjudged = repeat_late(self.env, self.env["kpi.report"]._find_unjudged)
                for ids in split_every(REPORTS_AT_ONCE, unjudged.ids):
                    repeat_late(self.env, self._judge, unjudged.browse(ids))
                repeat_late(self.env, self._commit_step)
        return is_ours

    def _run_formulas(self):
        # Empty for a refresh: then what is stale decides.
        first, last = self.date_from or None, self.date_to or None
        definitions = self.env["kpi.definition"]
        result = definitions._recompute_formulas(first, last, self.definition_ids)
        self.written_count += result.write_count
        self._commit_step(0)

    def _judge(self, reports):
        reports._refresh_current()
        self._commit_step(0)

    @api.model
    def _cron_reconcile(self):
        """Queue the nightly check of the last months."""
        repeat_late(self.env, self._queue_reconciling)

    @api.model
    def _queue_reconciling(self):
        today = fields.Date.context_today(self)
        self._enqueue_computation(
            self.env._("Nightly check"),
            "reconcile",
            first=today - timedelta(days=RECONCILED_DAYS),
        )

    @api.model
    @api.readonly
    def get_update(self):
        """Return when values were last updated and whether an update is on its way.

        :return: dict of ``age_seconds`` (since the last update; None = never),
            ``is_incomplete`` (some values could not be updated), ``state`` (``idle``,
            ``queued`` or ``running``) and ``progress`` (from 0 to 1)
        :raises AccessError: the user may not open KPIs
        """
        self._check_opens_kpis()
        # How old values are is no secret to those who see them.
        jobs = self.sudo()
        job = jobs._find_update("queued", "running")
        # Of several sources some may fail: that updates values, too.
        is_partly = Domain("state", "=", "failed") & Domain("step_done_count", ">", 0)
        has_updated = Domain("state", "=", "done") | is_partly
        last = jobs.search(Domain("kind", "=", "refresh") & has_updated, limit=1)
        return {
            "age_seconds": last._get_age().total_seconds() if last else None,
            "is_incomplete": jobs._find_update("done", "failed").state == "failed",
            "state": job.state or "idle",
            "progress": job.progress_ratio,
        }

    @api.model
    def request_update(self):
        """Update values that have changed, unless that is or was done just now.

        :return: as ``get_update``
        :raises AccessError: the user may not open KPIs
        """
        self._check_opens_kpis()
        # Jobs are the engine's: whoever sees values may have them updated, and of all
        # who ask for it one at a time has it done.
        jobs = self.sudo()
        latest = jobs._find_update("done", "failed")
        is_recent = latest and latest._get_age() < PAUSE
        if not is_recent and not jobs._find_update("queued", "running"):
            self.env["kpi.claim"]._claim("update of values")
            jobs._enqueue_computation(self.env._("Update of changed values"), "refresh")
        return self.get_update()

    @api.model
    def _check_opens_kpis(self):
        if not self.env.user.has_group(USER):
            raise AccessError(self.env._("You do not have access to KPIs."))

    @api.model
    def _find_update(self, *states):
        """The latest update in one of these states, or an empty recordset."""
        return self.search([("kind", "=", "refresh"), ("state", "in", states)], limit=1)

    def _get_age(self):
        """Time since the job came to its end."""
        return fields.Datetime.now() - self.finished_at


class KpiJobLine(models.Model):
    """Differences that the nightly check found in a chunk."""

    _inherit = "kpi.job.line"

    drift_count = fields.Integer("Differences")
