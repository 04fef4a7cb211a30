import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.tools import config

# A worker that answers requests is ended after 120 s by default.
SECONDS_OF_A_RUN = 60


class KpiJob(models.Model):
    """Run by OCA's Job Queue, on as many workers and machines as its channels allow.

    State, steps, progress and *Stop* stay the job's own. The crons go on at their
    interval: they run what the queue lost.
    """

    _inherit = "kpi.job"

    @api.model
    def _trigger(self, delay=timedelta()):
        """Hand this job, or all that wait, to the queue, each once.

        To the crons where no server starts the queue's runner: then nobody would run
        what the queue holds until their next interval.
        """
        if "queue_job" not in config["server_wide_modules"]:
            return super()._trigger(delay)
        waiting = [("state", "=", "queued"), ("kind", "!=", "cron")]
        for job in self or self.search(waiting):
            job.with_user(SUPERUSER_ID).with_delay(
                eta=delay or None,
                description=job.name,
                channel=f"root.kpi.{job.kind}",
                identity_key=f"kpi.job:{job.id}",
            )._run_delayed()
        return None

    def _run_delayed(self):
        """Run the job for a minute; what is left then is handed to the queue again.

        Of a job that ended, was stopped or is run by a cron at this moment nothing is
        left to do here. One whose worker was killed goes on.
        """
        self._resume_abandoned()
        if self.exists().state == "queued":
            end = time.monotonic() + SECONDS_OF_A_RUN
            self.with_context(kpi_run_end=end)._run()

    def _commit(self, done=0):
        left = super()._commit(done)
        end = self.env.context.get("kpi_run_end")
        return left if end is None else max(end - time.monotonic(), 0)
