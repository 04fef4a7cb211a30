import logging

from odoo import api, fields, models

from ...repeat import repeat_late

_logger = logging.getLogger(__name__)


class KpiTimer(models.AbstractModel):
    """Sweeps that fail are a failed run of the timer, until all go well again.

    So they are in the list of jobs and in what health reports, and administrators are
    told once.
    """

    _inherit = "kpi.timer"

    @api.model
    def _note_failures(self, failures):
        """Record and commit how a pass ended; that it cannot be stops no timer.

        :param failures: what failed and why, as texts; empty if nothing did
        """
        try:
            repeat_late(self.env, self._record_failures, "\n".join(failures))
            # What the sweeps did is committed; this must not wait for the next.
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception:
            self.env.cr.rollback()
            self.env.transaction.reset()
            _logger.exception("KPI timer: failures could not be recorded")

    @api.model
    def _record_failures(self, reason):
        """Write the run of the timer where something has changed since the last one.

        :param reason: why sweeps failed; empty if none did
        """
        cron = self.env.ref("kpi_base.kpi_timer_cron", raise_if_not_found=False)
        if not cron:
            return
        jobs = self.env["kpi.job"]
        last = jobs.search([("cron_id", "=", cron.id)], order="id desc", limit=1)
        is_open = last.state in ("failed", "queued")  # queued by Retry
        if not reason:
            if is_open:
                last.write({"state": "done", "finished_at": fields.Datetime.now()})
        elif not is_open:
            self._begin_failure(cron, reason)
        elif (last.state, last.error) != ("failed", reason):
            last.write({"state": "failed", "error": reason})

    @api.model
    def _begin_failure(self, cron, reason):
        now = fields.Datetime.now()
        job = self.env["kpi.job"].create(
            {
                "name": cron.name,
                "kind": "cron",
                "cron_id": cron.id,
                "state": "failed",
                "started_at": now,
                "finished_at": now,
                "error": reason,
            }
        )
        job._tell_failed()
