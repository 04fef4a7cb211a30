from datetime import timezone

from odoo import api, fields, models

UNIT_SECONDS = {
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
    "months": 2678400,
}


class KpiJob(models.Model):
    """Health of the engine."""

    _inherit = "kpi.job"

    @api.model
    def _health(self):
        """Age of each of our crons, how its last run ended, and how much waits."""
        # Whether the engine runs is no secret to whoever has a key.
        crons = self.sudo()._our_crons()
        # As above.
        ends = self.sudo()._get_last_states(crons)
        jobs = [{**_job_health(cron), "last_state": ends.get(cron)} for cron in crons]
        is_late = any(job.pop("is_late") for job in jobs)
        return {
            "status": "late" if is_late else "ok",
            "jobs": jobs,
            # As above.
            "queues": self.sudo()._queue_depths(),
            # As above: how many, not which.
            **self.sudo()._count_undelivered(),
        }

    def _our_crons(self):
        names = self.env["ir.model.data"].search(
            [("model", "=", "ir.cron"), ("module", "=like", "kpi\\_%")]
        )
        crons = self.env["ir.cron"].with_context(active_test=False)
        return crons.search([("id", "in", names.mapped("res_id"))], order="id")

    def _get_last_states(self, crons):
        """Cron → state of its last run; those that only start other jobs have none."""
        runs = self.search_fetch(
            [("cron_id", "in", crons.ids)], ["cron_id", "state"], order="id"
        )
        return {run.cron_id: run.state for run in runs}

    @api.model
    def _get_queues(self):
        """Model → states in which its records wait; addons add their queues."""
        return {
            "kpi.job": ("queued", "running"),
            "kpi.delivery": ("waiting",),
            "kpi.import": ("queued", "running"),
        }

    def _queue_depths(self):
        return {
            model: self.env[model].search_count([("state", "in", states)])
            for model, states in self._get_queues().items()
        }

    def _count_undelivered(self):
        """Messages that were given up, and servers that are left alone as they fail."""
        failed = [("state", "=", "failed")]
        failing = [("is_paused", "=", True), ("last_error", "!=", False)]
        return {
            "failed_messages": self.env["kpi.delivery"].search_count(failed),
            "paused_servers": self.env["kpi.delivery.host"].search_count(failing),
        }


def _in_utc(moment):
    return moment.replace(tzinfo=timezone.utc) if moment else None


def _job_health(cron):
    age = None
    if cron.lastcall:
        age = int((fields.Datetime.now() - cron.lastcall).total_seconds())
    interval = cron.interval_number * UNIT_SECONDS[cron.interval_type]
    return {
        "name": cron.name,
        "is_active": cron.active,
        "last_run_at": _in_utc(cron.lastcall),
        "age_seconds": age,
        "failures": cron.failure_count,
        "is_late": cron.active and age is not None and age > 2 * interval,
    }
