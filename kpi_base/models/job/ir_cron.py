import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...failure import failure_text, try_alone
from ...repeat import repeat_late

# Their runs are the jobs themselves, or too many and too short to be any.
UNRECORDED = ("kpi.job", "kpi.timer")
OURS = "kpi\\_%"
_logger = logging.getLogger(__name__)


class IrCron(models.Model):
    """Each run of a cron of the KPI addons is a job: seen, measured, to be stopped.

    The progress that a cron reports by ``_commit_progress`` is that of its job, and a
    cron that stops when its time is over stops when somebody asks for it.
    """

    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        if not self._is_recorded():
            return super()._callback(cron_name, server_action_id)
        # Rows of jobs are written by the engine, whoever runs the cron.
        jobs = self.env["kpi.job"].sudo()
        unfinished = [("cron_id", "=", self.id), ("state", "in", ("queued", "running"))]
        job = jobs.search(unfinished, limit=1)
        if not job:
            values = {"name": cron_name, "kind": "cron", "cron_id": self.id}
            job = jobs.create({**values, "state": "running"})
            # A run that is cut off has left its row.
            self.env.cr.commit()  # pylint: disable=invalid-commit
        self._note_on_job(
            job.id,
            state="running",
            started_at=fields.Datetime.now(),
            is_cancel_requested=False,
        )
        job_id = job.id
        cron = self.with_context(kpi_job_id=job_id)
        try:
            result = super(IrCron, cron)._callback(cron_name, server_action_id)
        except Exception as error:
            # What the run did is rolled back by now; why is for the administrator.
            self._end_job(job_id, error=failure_text(self.env, error))
            raise
        self._end_job(job_id)
        return result

    @api.model
    def _commit_progress(self, processed=0, *, remaining=None, deactivate=False):
        left = super()._commit_progress(
            processed, remaining=remaining, deactivate=deactivate
        )
        job_id = self.env.context.get("kpi_job_id")
        if not job_id:
            return left
        progress = self._get_progress()
        done = progress.done
        steps = {"step_count": done + progress.remaining, "step_done_count": done}
        if processed:
            steps["progressed_at"] = fields.Datetime.now()
        is_cancelled = self._note_on_job(job_id, **steps)
        return 0 if is_cancelled else left

    @api.model
    def _run_alone(self, steps):
        """Do steps, each a transaction, while there is time; who fails holds up nobody.

        :param steps: what each is about → a method and its arguments
        """
        self._commit_progress(remaining=len(steps))
        for about, step in steps.items():
            if error := repeat_late(self.env, try_alone, self.env, *step):
                _logger.error("Failed: %s", about, exc_info=error)
            if not self._commit_progress(1):
                break

    def _is_recorded(self):
        """Check whether a run of this cron is a job: of the KPI addons most are."""
        # What a cron runs and which addon brings it: for whoever may run the cron.
        if self.sudo().model_id.model in UNRECORDED:
            return False
        # As above.
        names = self.env["ir.model.data"].sudo()
        own = [("model", "=", self._name), ("res_id", "=", self.id)]
        return bool(names.search_count([*own, ("module", "=like", OURS)], limit=1))

    def _end_job(self, job_id, error=None):
        """Report the result of the run; the rest, if any, is for the next one."""
        progress = self._get_progress()
        done = progress.done
        is_cancelled = self._note_on_job(job_id, written_count=done, error=error)
        state = "done"
        if error:
            state = "failed"
        elif is_cancelled:
            state = "cancelled"
            progress.remaining = 0  # else Odoo would begin it again at once
        elif progress.remaining:
            state = "queued"
        finished = None if state == "queued" else fields.Datetime.now()
        self._note_on_job(job_id, state=state, finished_at=finished)
        if error:
            # Rows of jobs are the engine's, whoever runs the cron.
            self.env["kpi.job"].sudo().browse(job_id)._tell_failed()
            # The run has ended; what tells of it must not wait for the next.
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _note_on_job(self, job_id, **columns):
        """Write to the row of the run and commit; nothing else may be uncommitted.

        Somebody who asks it to stop writes to the row at the same moment: then again.

        :return: whether somebody asked it to stop
        """
        changes = [SQL("%s = %s", SQL.identifier(n), v) for n, v in columns.items()]
        rows = repeat_late(
            self.env,
            self.env.execute_query,
            SQL(
                "UPDATE kpi_job SET %s WHERE id = %s RETURNING is_cancel_requested",
                SQL(", ").join(changes),
                job_id,
            ),
        )
        # Odoo has just committed the step, or rolled it back.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env["kpi.job"].browse(job_id).invalidate_recordset()
        return any(is_cancelled for (is_cancelled,) in rows)

    def _get_progress(self):
        """Return the progress of the run, empty outside of one."""
        progress_id = self.env.context.get("ir_cron_progress_id")
        # Odoo's own row of the run at hand.
        return self.env["ir.cron.progress"].sudo().browse(progress_id)
