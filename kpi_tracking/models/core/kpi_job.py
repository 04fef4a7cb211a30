import logging
import time
from datetime import timedelta

from psycopg2 import errors

from odoo import Command, api, fields, models
from odoo.exceptions import ConcurrencyError

from .kpi_source import session_unlock, try_session_lock

_logger = logging.getLogger(__name__)
LOCK_SPACE = 1_262_570_837  # of jobs; sources have the number before
FORMULAS = 0  # the number of no job: formulas are evaluated by one session at a time
KEPT_DAYS = 90
RECONCILED_DAYS = 92
ATTEMPTS = 4


class KpiJob(models.Model):
    """A piece of computation: what was asked, how far it is, what came of it.

    Run by a cron in chunks; each chunk is committed, so that a crash or a stop loses
    at most the chunk at hand and no value.
    """

    _name = "kpi.job"
    _description = "KPI Job"
    _order = "id desc"
    _rec_name = "name"

    name = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("refresh", "What has changed"),
            ("recompute", "Everything in a range"),
            ("reconcile", "Nightly check"),
        ],
        required=True,
        default="refresh",
    )
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="queued",
        index=True,
    )
    definition_ids = fields.Many2many("kpi.definition", string="KPIs")
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    requested_by_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, readonly=True
    )
    can_stop = fields.Boolean("May Be Stopped by Me", compute="_compute_can_stop")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    duration_seconds = fields.Float(compute="_compute_duration_seconds")
    step_count = fields.Integer("Number of Steps", readonly=True)
    step_done_count = fields.Integer("Steps Done", readonly=True)
    progress_ratio = fields.Float("Progress", compute="_compute_progress_ratio")
    written_count = fields.Integer("Values Written", readonly=True)
    drift_count = fields.Integer("Differences Found", readonly=True)
    is_cancel_requested = fields.Boolean(readonly=True)
    error = fields.Text(readonly=True)
    line_ids = fields.One2many("kpi.job.line", "job_id", "Steps")

    @api.depends_context("uid")
    @api.depends("requested_by_id")
    def _compute_can_stop(self):
        """Who asked for a job may take it back, beside the administrators."""
        for job in self:
            is_mine = job.requested_by_id == self.env.user
            job.can_stop = is_mine or job.has_access("write")

    @api.depends("started_at", "finished_at")
    def _compute_duration_seconds(self):
        for job in self:
            finished = job.finished_at or fields.Datetime.now()
            started = job.started_at or finished
            job.duration_seconds = (finished - started).total_seconds()

    @api.depends("step_count", "step_done_count", "state")
    def _compute_progress_ratio(self):
        for job in self:
            done = job.step_done_count / job.step_count if job.step_count else 0.0
            job.progress_ratio = 1.0 if job.state == "done" else done

    def action_cancel(self):
        """Ask the job to stop after the chunk at hand; what is computed stays."""
        self.check_access("read")
        if not all(self.mapped("can_stop")):
            self.check_access("write")
        # Who may stop a job was checked above; its rows are written by the engine.
        jobs = self.sudo()
        waiting = jobs.filtered(lambda job: job.state == "queued")
        waiting.write({"state": "cancelled", "finished_at": fields.Datetime.now()})
        running = jobs.filtered(lambda job: job.state == "running")
        running.is_cancel_requested = True

    def action_retry(self):
        self.check_access("write")
        self.filtered(lambda job: job.state in ("failed", "cancelled")).write(
            {
                "state": "queued",
                "is_cancel_requested": False,
                "error": False,
                "step_done_count": 0,
            }
        )
        self._trigger()

    @api.model
    def _enqueue(self, name, kind, definitions=None, first=None, last=None):
        """Queue a job, or find the same one waiting, and wake the cron that runs it."""
        definition_ids = definitions.ids if definitions else []
        values = {"kind": kind, "date_from": first, "date_to": last}
        job = self._waiting(values, definition_ids) or self.create(
            {
                **values,
                "name": name,
                "definition_ids": [Command.set(definition_ids)],
            }
        )
        self._trigger()
        return job

    @api.model
    def _waiting(self, values, definition_ids):
        """A job of these values and KPIs that has not begun, or an empty recordset."""
        values = {**values, "state": "queued", "started_at": False}
        jobs = self.with_context(active_test=False).search(
            [(name, "=", value or False) for name, value in values.items()]
        )
        same = jobs.filtered(
            lambda job: set(job.definition_ids.ids) == set(definition_ids)
        )
        # One that a run takes up at this moment may be past the first KPIs.
        return same[:1].try_lock_for_update()

    @api.model
    def _trigger(self, delay=timedelta()):
        # Crons are the administrators'; waking this one only makes it look earlier.
        crons = self.env["ir.cron"].sudo()
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "kpi_tracking.kpi_job_cron", raise_if_not_found=True
        )
        crons.browse(cron_id)._trigger(fields.Datetime.now() + delay)

    @api.model
    def _cron_run(self):
        """Run what waits, oldest first; a job left running by a crash starts again."""
        self._resume_abandoned()
        self._ensure_refresh_queued()
        waiting = self.search([("state", "=", "queued")], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for job in waiting:
            left = job._run()
            if not left:
                break

    @api.model
    def _resume_abandoned(self):
        """Queue again what no living session is working on."""
        for job in self.search([("state", "=", "running")]):
            if job._lock():
                job._unlock()
                job.write({"state": "queued", "step_done_count": 0})

    @api.model
    def _ensure_refresh_queued(self):
        if not self.search_count([("state", "=", "queued"), ("kind", "=", "refresh")]):
            self.create({"name": self.env._("What has changed"), "kind": "refresh"})

    def _lock(self):
        """Take the session lock of this job; False where another session has it."""
        return try_session_lock(self.env.cr, LOCK_SPACE, self.id)

    def _unlock(self):
        session_unlock(self.env.cr, LOCK_SPACE, self.id)

    def _run(self):
        """Run this job to its end, its cancellation or the end of the cron's time.

        :return: False when the cron has to stop now
        """
        self.ensure_one()
        if not self._lock():
            return True
        try:
            self._start()
            return self._run_steps()
        except Exception as error:
            # Recorded for the administrator; what earlier chunks wrote stays.
            self.env.cr.rollback()
            _logger.exception("KPI job %s failed", self.id)
            self._finish("failed", error=str(error))
            return True
        finally:
            self._unlock()

    def _start(self):
        self.write(
            {
                "state": "running",
                "started_at": fields.Datetime.now(),
                "written_count": 0,
                "drift_count": 0,
            }
        )
        self.line_ids.unlink()
        self._commit()

    def _finish(self, state, error=False):
        self.write(
            {"state": state, "finished_at": fields.Datetime.now(), "error": error}
        )
        self._commit(1)

    def _commit(self, done=0):
        """Commit through the cron's progress; seconds left, or infinity outside it."""
        return self.env["ir.cron"]._commit_progress(done)

    def _run_steps(self):
        sources = self._sources()
        left = self._again_where_late(self._prepare, sources)
        deferred, failures = False, []
        for source in sources:
            if not left or self._cancelled():
                break
            if not source._lock():
                deferred = True
                continue
            left, failure = self._try_source(source)
            failures += [failure] if failure else []
        if self._cancelled():
            self._finish("cancelled")
            return bool(left)
        if left and not deferred:
            deferred = not self._try_formulas()
        if not left or deferred:
            # The rest is found again by its fingerprints; nothing is done twice.
            self.write({"state": "queued"})
            # What another session holds is not asked for again at once.
            self._trigger(delay=timedelta(minutes=1) if deferred else timedelta())
            self._commit()
            return bool(left)
        self._finish(
            "failed" if failures else "done", error="\n".join(failures) or False
        )
        return True

    def _prepare(self, sources):
        """Bring what all sources join up to date; seconds left."""
        self.env["kpi.source"]._refresh_shared(force=self.kind == "reconcile")
        self.step_count = len(sources) + 1
        return self._commit()

    def _try_source(self, source):
        """Compute a locked source; one that breaks does not stop the others.

        :return: seconds left, and what went wrong
        """
        failure = ""
        try:
            left = self._run_source(source)
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("KPI job %s failed on %s", self.id, source.name)
            failure = f"{source.name}: {error}"
            source.last_error = str(error)
            left = self._commit()
        finally:
            source._unlock()
        return left, failure

    def _sources(self):
        if not self.definition_ids:
            return self.env["kpi.source"].search([("definition_ids.active", "=", True)])
        return self.definition_ids._with_components().source_ids

    def _cancelled(self):
        self.invalidate_recordset(["is_cancel_requested"])
        return self.is_cancel_requested

    def _run_source(self, source):
        """Compute one source chunk by chunk; seconds left."""
        statement, chunks = source._plan(self.date_from, self.date_to)
        left = self._commit()
        for periods in chunks:
            if self._cancelled() or not left:
                return left
            left = self._again_where_late(self._run_chunk, source, statement, periods)
        source.write({"last_run_at": fields.Datetime.now(), "last_error": False})
        self.step_done_count += 1
        return self._commit()

    def _run_chunk(self, source, statement, periods):
        """Compute one chunk, tell what came of it and commit; seconds left."""
        started = time.monotonic()
        outcome = source._compute(
            statement,
            periods,
            force=self.kind != "refresh",
            reason=self._revision_reason(),
        )
        self._log_chunk(source, periods, outcome, time.monotonic() - started)
        return self._commit()

    def _again_where_late(self, step, *arguments):
        """Call ``step``, again where another writer came first."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return step(*arguments)
            except (errors.SerializationFailure, ConcurrencyError):
                self.env.cr.rollback()
                if attempt == ATTEMPTS:
                    raise

    def _revision_reason(self):
        return self.env._("Nightly check") if self.kind == "reconcile" else None

    def _log_chunk(self, source, periods, outcome, seconds):
        drift = outcome.drifted if self.kind == "reconcile" else 0
        self.written_count += outcome.written
        self.drift_count += drift
        if outcome.written or drift:
            self.env["kpi.job.line"].create(
                {
                    "job_id": self.id,
                    "name": source.name,
                    "date_from": periods[0].start,
                    "date_to": periods[-1].stop,
                    "written_count": outcome.written,
                    "drift_count": drift,
                    "duration_seconds": seconds,
                }
            )

    def _try_formulas(self):
        """Evaluate the formulas; False where another session is at it."""
        if not try_session_lock(self.env.cr, LOCK_SPACE, FORMULAS):
            return False
        try:
            self._again_where_late(self._run_formulas)
        except Exception:
            # A failed transaction could not give the lock back.
            self.env.cr.rollback()
            raise
        finally:
            session_unlock(self.env.cr, LOCK_SPACE, FORMULAS)
        return True

    def _run_formulas(self):
        # Empty for a refresh: then what is stale decides.
        first, last = self.date_from or None, self.date_to or None
        definitions = self.env["kpi.definition"]
        result = definitions._recompute_formulas(first, last, self.definition_ids)
        self.env["kpi.report"]._judge_closed()
        self.written_count += result.written
        self.step_done_count += 1
        self._commit()

    @api.model
    def _cron_reconcile(self):
        """Queue the nightly check of the last months and drop old log entries."""
        today = fields.Date.context_today(self)
        self.search(
            [
                ("state", "in", ("done", "cancelled", "failed")),
                ("finished_at", "<", today - timedelta(days=KEPT_DAYS)),
            ]
        ).unlink()
        self._enqueue(
            self.env._("Nightly check"),
            "reconcile",
            first=today - timedelta(days=RECONCILED_DAYS),
        )
