import logging
from datetime import timedelta, timezone

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import _intervalTypes

from ...failure import failure_text
from ...repeat import repeat_late
from ...tell import tell_owner
from ..record.session_lock import are_locks_kept, session_lock

_logger = logging.getLogger(__name__)
LOCK_SPACE = 1_262_570_837  # of jobs; sources have the number before
REGULAR = -1  # the number of no job: what each run does is queued by one at a time
MOST_LANES = 8
KEPT_DAYS = 90
KEPT_RUNS = 20  # of each cron, beside those that failed
STUCK_AFTER = timedelta(hours=1)  # without a step

ENDED = ("done", "failed")
# model → states in which its records wait
QUEUES = {
    "kpi.job": ("queued", "running"),
    "kpi.delivery": ("waiting",),
    "kpi.import": ("queued", "running"),
}


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
    # An addon adds its kinds, each with a method ``_run_<kind>``; a run of a cron is
    # recorded by the cron itself.
    kind = fields.Selection([("cron", "Scheduled Run")], "Type", required=True)
    cron_id = fields.Many2one(
        "ir.cron",
        "Scheduled Action",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        exportable=False,
    )
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Canceled"),
        ],
        "Status",
        required=True,
        default="queued",
        index=True,
    )
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    requested_by_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, readonly=True
    )
    can_stop = fields.Boolean(compute="_compute_can_stop", exportable=False)
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    duration_seconds = fields.Float("Duration (s)", compute="_compute_duration_seconds")
    step_count = fields.Integer("Number of Steps", readonly=True, exportable=False)
    step_done_count = fields.Integer("Steps Done", readonly=True, exportable=False)
    # when it was asked for, until there is a step
    progressed_at = fields.Datetime(
        "Last Progress", default=fields.Datetime.now, readonly=True, exportable=False
    )
    progress_ratio = fields.Float("Progress", compute="_compute_progress_ratio")
    written_count = fields.Integer("Updated Values", readonly=True)
    is_cancel_requested = fields.Boolean(
        "Stop Requested", readonly=True, exportable=False
    )
    error = fields.Text(readonly=True)
    line_ids = fields.One2many("kpi.job.line", "job_id", "Steps")

    @api.depends_context("uid")
    @api.depends("requested_by_id")
    def _compute_can_stop(self):
        """Allow whoever asked for a job to stop it, beside the administrators."""
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
        again = self.filtered(lambda job: job.state in ("failed", "cancelled"))
        again.write(self._prepare_retry_values())
        again.line_ids.unlink()
        # Crons are the administrators'; waking them only makes them look earlier.
        for cron in again.sudo().cron_id:
            cron._trigger()
        self._trigger()

    def _prepare_retry_values(self):
        return {
            "state": "queued",
            "is_cancel_requested": False,
            "error": False,
            "written_count": 0,
            "progressed_at": fields.Datetime.now(),
        }

    @api.model
    def _enqueue(self, name, kind, **values):
        """Queue a job, or find the same one waiting, and wake the cron that runs it.

            self.env["kpi.job"]._enqueue("Everything anew", "recompute",
                                         definition_ids=definitions.ids)

        :param values: what the job is about, by field; ids where a field has several
        """
        values = {"kind": kind, **values}
        job = self._find_waiting(values)
        if not job:
            several = [n for n in values if self._fields[n].type == "many2many"]
            links = {name: [Command.set(values[name])] for name in several}
            job = self.create({"name": name, **values, **links})
        self._trigger()
        return job

    @api.model
    def _find_waiting(self, values):
        """A job of these values that has not begun, or an empty recordset."""
        several = {n for n in values if self._fields[n].type == "many2many"}
        plain = {"state": "queued", "started_at": False} | {
            name: value for name, value in values.items() if name not in several
        }
        jobs = self.with_context(active_test=False).search(
            [(name, "=", value or False) for name, value in plain.items()]
        )
        same = jobs.filtered(
            lambda job: all(set(job[name].ids) == set(values[name]) for name in several)
        )
        # One that a run takes up at this moment may be past the first steps.
        return same[:1].try_lock_for_update()

    @api.model
    def _trigger(self, delay=timedelta()):
        for cron in self._find_lanes():
            cron._trigger(fields.Datetime.now() + delay)

    @api.model
    def _find_lanes(self):
        """The crons that run jobs, one at a time each; the first is always there."""
        # Crons are the administrators'; waking these only makes them look earlier.
        env = self.sudo().env
        names = env["ir.model.data"].search(
            [("module", "=", "kpi_base"), ("name", "=like", "kpi\\_job\\_cron%")]
        )
        return env["ir.cron"].search([("id", "in", names.mapped("res_id"))], order="id")

    @api.model
    def _set_lane_count(self, count):
        """Have so many jobs run at once, where there are as many cron workers."""
        lanes = self._find_lanes()
        lanes[count:].unlink()
        for lane in range(len(lanes) + 1, count + 1):
            name, code = f"{lanes[0].name} ({lane})", f"model._cron_run({lane})"
            values = {"cron_name": name, "name": name, "code": code}
            cron = lanes[0].copy(values)
            xml_id = f"kpi_base.kpi_job_cron_{lane}"
            cron.env["ir.model.data"]._update_xmlids(
                [{"xml_id": xml_id, "record": cron, "noupdate": True}]
            )

    @api.model
    def _get_lane_domain(self, lane):
        """Jobs that a lane takes: the first of several none that others wait behind."""
        domain = Domain("kind", "!=", "cron")
        if lane == 1 and len(self._find_lanes()) > 1:
            domain &= Domain("kind", "in", self._get_quick_kinds())
        return domain

    @api.model
    def _get_quick_kinds(self):
        """Kinds that never wait for jobs of other kinds where there are two lanes."""
        return []

    @api.model
    def _get_shared_kinds(self):
        """Kinds of which several lanes run one job together."""
        return []

    @api.model
    def _cron_run(self, lane=1):
        """Run what waits; a job left running by a crash goes on.

        In turn: one whose time was over comes after all that were asked for since its
        turn began, so that none is held up by another for longer than one run.
        """
        if not are_locks_kept(self.env.registry):
            _logger.error("No jobs are run: PgBouncer has pool_mode = transaction")
            return
        repeat_late(self.env, self._resume_abandoned)
        if lane == 1:
            self._enqueue_regular_once()
        shared = Domain("kind", "in", self._get_shared_kinds())
        running = Domain("state", "=", "running") & shared
        waiting = self.search(
            self._get_lane_domain(lane) & (Domain("state", "=", "queued") | running),
            order="id",
        ).sorted(lambda job: job.started_at or job.create_date)
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for job in waiting:
            if not job._run():
                # The rest at a wake of its own, as Odoo warns of a run that ended none.
                self._trigger()
                break
        # What another lane ends would have this one run again at once.
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _resume_abandoned(self):
        """Queue again what no living session is working on."""
        for job in self.search([("state", "=", "running"), ("kind", "!=", "cron")]):
            with session_lock(self.env.cr, LOCK_SPACE, job.id) as is_ours:
                if is_ours and job._is_still("running"):
                    job._queue_again()

    @api.model
    def _enqueue_regular_once(self):
        with session_lock(self.env.cr, LOCK_SPACE, REGULAR) as is_ours:
            if is_ours:
                self._commit()  # what the session before has queued is seen from now on
                repeat_late(self.env, self._enqueue_regular)
                self._commit()

    @api.model
    def _enqueue_regular(self):
        """Queue what every run of the first lane does; addons add theirs."""

    def _run(self):
        """Run this job to its end, its cancellation or the end of the cron's time.

        ``_run_<kind>()`` does what ``step_done_count`` lacks by ``_run_steps``, in
        steps that are committed: a run that was cut off goes on from there.
        ``docs/architecture.md`` shows one.

        :return: False when the cron has to stop now
        """
        self.ensure_one()
        with session_lock(self.env.cr, LOCK_SPACE, self.id) as is_ours:
            return self._try(self._run_alone) if is_ours else True

    def _run_alone(self):
        if not repeat_late(self.env, self._start):
            return True
        return getattr(self, f"_run_{self.kind}")()

    def _try(self, part):
        """Call a part of the run; where it fails, the job has failed."""
        try:
            return part()
        except Exception as error:
            # Recorded for the administrator; what earlier chunks wrote stays.
            self.env.cr.rollback()
            _logger.exception("KPI job %s failed", self.id)
            self._finish("failed", error=failure_text(self.env, error))
            return True

    def _run_steps(self, step, steps):
        """Call ``step`` with the arguments of each of the steps left, and end the job.

        One at least, however late the run is; the job is queued again where there is
        no time for the others, and ends where somebody stops it meanwhile.

        :return: False when the cron has to stop now
        """
        self.step_count = self.step_done_count + len(steps)
        self._commit()
        left = True
        for arguments in steps:
            if self._is_cancelled():
                self._finish("cancelled")
                return bool(left)
            if not left:
                self._queue_again()
                return False
            left = self._run_step(step, *arguments)
        self._finish("done")
        return bool(left)

    def _run_step(self, step, *arguments):
        """Call ``step``, count it as done and commit; seconds left.

        Again from its beginning where another transaction came first: whoever asks the
        job to stop meanwhile writes to the row that the step is counted in.
        """

        def run():
            step(*arguments)
            return self._commit_step()

        return repeat_late(self.env, run)

    def _commit_step(self, count=1):
        """Commit what brings the job on, as so many of its steps; seconds left."""
        self.step_done_count += count
        self.progressed_at = fields.Datetime.now()
        return self._commit()

    def _start(self):
        """Begin a job that still waits; False where another lane has run it."""
        if not self._is_still("queued"):
            return False
        self.write({"state": "running", "started_at": fields.Datetime.now()})
        self._commit()
        return True

    def _is_still(self, state):
        """Whether the job is in this state now, whatever was so when it was found."""
        self._commit()  # a transaction sees what was there when it began
        self.invalidate_recordset(["state"])
        return self.exists().state == state

    def _queue_again(self, delay=timedelta()):
        """Have the rest done by a later run, which begins after ``delay``."""
        self._write_committed({"state": "queued"})
        self._trigger(delay=delay)
        self._commit()

    def _is_cancelled(self):
        self.invalidate_recordset(["is_cancel_requested"])
        return self.is_cancel_requested

    def _finish(self, state, error=False):
        values = {"state": state, "finished_at": fields.Datetime.now(), "error": error}
        self._write_committed(values, 1)
        if state == "failed":
            self._tell_failed()
            self._commit()

    def _write_committed(self, values, done=0):
        """Write to the job, which others ask to stop meanwhile; seconds left."""

        def write():
            self.write(values)
            return self._commit(done)

        return repeat_late(self.env, write)

    def _commit(self, done=0):
        """Commit through the cron's progress; seconds left, or infinity outside it."""
        return self.env["ir.cron"]._commit_progress(done)

    @api.model
    def _sweep_stuck(self):
        """Tell the officers of jobs without a step for an hour, once until they get on.

        Those that wait behind another are among them.
        """
        since = fields.Datetime.now() - STUCK_AFTER
        waiting = Domain("state", "in", ("queued", "running"))
        for job in self.search(waiting & Domain("progressed_at", "<=", since)):
            subject = self.env._("Stuck for an hour: %s", job.name)
            body = self.env._(
                "%(done)s of %(count)s steps are done. Other jobs are still "
                "running. If this one hangs, stop it and check the server log.",
                done=job.step_done_count,
                count=job.step_count,
            )
            nobody = job.requested_by_id.browse()
            tell_owner(job, nobody, subject, body, moment=job.progressed_at)

    @api.autovacuum
    def _gc_finished(self):
        """Drop what ended long ago, and of each cron all but its latest runs."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        ended = Domain("state", "in", ("done", "cancelled", "failed"))
        self.search(ended & Domain("finished_at", "<", limit)).unlink()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id
                  FROM (
                    SELECT id, row_number() OVER (
                             PARTITION BY cron_id ORDER BY id DESC) AS place
                      FROM kpi_job
                     WHERE kind = 'cron'
                       AND state = 'done'
                  ) AS run
                 WHERE place > %s
                """,
                KEPT_RUNS,
            )
        )
        self.browse(job_id for (job_id,) in rows).unlink()

    @api.model
    def _health(self):
        """Age of each of our crons, how its last run ended, and how much waits."""
        # Whether the engine runs is no secret to whoever has a key: how many messages
        # and jobs there are, not which.
        env = self.sudo().env
        names = env["ir.model.data"].search(
            [("model", "=", "ir.cron"), ("module", "=like", "kpi\\_%")]
        )
        crons = env["ir.cron"].with_context(active_test=False)
        crons = crons.search([("id", "in", names.mapped("res_id"))], order="id")
        runs = env["kpi.job"].search_fetch(
            [("cron_id", "in", crons.ids)], ["cron_id", "state"], order="id"
        )
        # of its last run; those that only start other jobs have none
        ends = {run.cron_id: run.state for run in runs}
        jobs = [{**_job_health(cron), "last_state": ends.get(cron)} for cron in crons]
        is_late = any(job.pop("is_late") for job in jobs)
        failing = [("is_paused", "=", True), ("last_error", "!=", False)]
        return {
            "status": "late" if is_late else "ok",
            "jobs": jobs,
            "queues": {
                model: env[model].search_count([("state", "in", states)])
                for model, states in QUEUES.items()
            },
            # given up
            "failed_messages": env["kpi.delivery"].search_count(
                [("state", "=", "failed")]
            ),
            # left alone as they fail
            "paused_servers": env["kpi.delivery.host"].search_count(failing),
            **self.env["kpi.server"]._health(),
        }

    def _tell_failed(self):
        """Notify of this failure, unless the run before had failed as well."""
        alike = Domain("kind", "=", self.kind) & Domain("cron_id", "=", self.cron_id.id)
        before = self.search(
            alike & Domain("id", "<", self.id) & Domain("state", "in", ENDED),
            order="id desc",
            limit=1,
        )
        if before.state == "failed" and before.requested_by_id == self.requested_by_id:
            return
        subject = self.env._("Failed: %s", self.name)
        tell_owner(self, self.requested_by_id, subject, self.error or "")


def _job_health(cron):
    last, now = cron.lastcall or None, fields.Datetime.now()
    late_after = _intervalTypes[cron.interval_type](2 * cron.interval_number)
    return {
        "name": cron.name,
        "is_active": cron.active,
        "last_run_at": last and last.replace(tzinfo=timezone.utc),
        "age_seconds": int((now - last).total_seconds()) if last else None,
        "failures": cron.failure_count,
        "is_late": bool(cron.active and last and now > last + late_after),
    }


class KpiJobLine(models.Model):
    """Changes that one chunk of a job made."""

    _name = "kpi.job.line"
    _description = "KPI Job Step"
    _order = "id"

    job_id = fields.Many2one("kpi.job", required=True, ondelete="cascade", index=True)
    name = fields.Char(required=True)
    date_from = fields.Date("From")
    date_to = fields.Date("To (Excluded)")
    written_count = fields.Integer("Updated Values")
    duration_seconds = fields.Float("Duration (s)")
