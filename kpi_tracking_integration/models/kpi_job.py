from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base import roles
from odoo.addons.kpi_base.models.record.session_lock import (
    are_locks_kept,
    session_lock,
)
from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_integration import LOCK_SPACE

LANE = "sync"
SYNC = Domain("kind", "=", "sync")


class KpiJob(models.Model):
    """Syncs: one integration a job, in a separate lane.

    Computations never wait for another system, and companies take turns: the one whose
    last sync began longest ago is next, with integrations that failed after the others.
    """

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("sync", "Sync")], ondelete={"sync": "cascade"}
    )
    integration_id = fields.Many2one(
        "kpi.integration",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        exportable=False,
        groups=roles.ADMIN,
    )

    @api.model
    def _get_lane_domain(self, lane):
        return SYNC if lane == LANE else super()._get_lane_domain(lane) & ~SYNC

    @api.model
    def _trigger(self, delay=timedelta()):
        result = super()._trigger(delay)
        # Crons are the administrators'; waking this one only makes it look earlier.
        cron = self.env.ref("kpi_tracking_integration.kpi_integration_cron").sudo()
        cron._trigger(fields.Datetime.now() + delay)
        return result

    @api.model
    def _run_syncs(self):
        """Queue and run the syncs that are due, until none is left or time is over."""
        if not are_locks_kept(self.env.registry):
            return
        repeat_late(self.env, self._resume_abandoned)
        tried = self.env["kpi.integration"]
        while True:
            repeat_late(self.env, self._queue_syncs, tried)
            waiting = self._find_waiting_syncs(tried)
            self.env["ir.cron"]._commit_progress(remaining=len(waiting))
            if not waiting:
                return

            tried |= waiting[0].integration_id
            if not waiting[0]._run():
                # The rest at a later wake, as Odoo warns of a run that ended none.
                self._trigger()
                self.env["ir.cron"]._commit_progress(remaining=0)
                return

    @api.model
    def _queue_syncs(self, tried):
        """Queue a job for each integration that is due and has none, without those
        ``tried`` in this run, which another process may be reading.
        """
        unfinished = self.search(SYNC & Domain("state", "in", ("queued", "running")))
        due = self.env["kpi.integration"]._find_due()
        self.create(
            [
                {
                    "name": self.env._("Sync: %s", each._kind().name),
                    "kind": "sync",
                    "integration_id": each.id,
                }
                for each in due - unfinished.integration_id - tried
            ]
        )

    @api.model
    def _find_waiting_syncs(self, tried):
        """Jobs that wait, the next one first."""
        waiting = self.search(
            self._get_lane_domain(LANE)
            & Domain("state", "=", "queued")
            & Domain("integration_id", "not in", tried.ids)
        )
        companies = waiting.integration_id.company_id
        began = self._read_group(
            SYNC
            & Domain("started_at", "!=", False)
            & Domain("integration_id.company_id", "in", companies.ids),
            ["integration_id"],
            ["started_at:max"],
        )
        last = dict.fromkeys(companies, fields.Datetime.to_datetime("1970-01-01"))
        for integration, moment in began:
            company = integration.company_id
            last[company] = max(last[company], moment)

        def place(job):
            integration = job.integration_id
            is_failing = integration.sync_status == "error"
            return last[integration.company_id], is_failing, job.id

        return waiting.sorted(place)

    def _run_sync(self):
        """Read one integration, unless another process has just done so."""
        integration = self.integration_id
        with session_lock(self.env.cr, LOCK_SPACE, integration.id) as is_ours:
            self._commit()  # what another process has noted is seen from now on
            if is_ours and integration in integration._find_due():
                integration._sync()
        is_failed = integration.sync_status == "error"
        self._finish("failed" if is_failed else "done")
        return bool(self._commit())

    def _tell_failed(self):
        # The integration notifies its owner itself.
        return None if self.kind == "sync" else super()._tell_failed()
