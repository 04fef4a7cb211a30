from odoo import api, fields, models

from ..outbox.kpi_delivery import CRONS


class KpiDelivery(models.Model):
    """Messages that wait for a moment, and those of a process that died."""

    _inherit = "kpi.delivery"

    @api.model
    def _sweep_due(self):
        """Wake the lanes that have something due; when the next message is due."""
        now = fields.Datetime.now()
        moments = {lane: self._find_next_moment(lane) for lane in CRONS}
        for lane, moment in moments.items():
            if moment and moment <= now:
                self._wake_lane_now(lane, now)
        later = [moment for moment in moments.values() if moment and moment > now]
        return min(later, default=None)

    @api.model
    def _wake_lane_now(self, lane, now):
        """Wake the workers for a lane; a trigger set before its time woke nobody."""
        cron = self._get_cron(lane)
        asked = [("cron_id", "=", cron.id), ("call_at", "<=", now)]
        if cron.env["ir.cron.trigger"].search_count(asked, limit=1):
            self.env.cr.postcommit.add(cron._notifydb)
        else:
            cron._trigger(now)

    @api.model
    def _wake_lane(self, lane, moment):
        result = super()._wake_lane(lane, moment)
        self.env["kpi.timer"]._notify()
        return result
