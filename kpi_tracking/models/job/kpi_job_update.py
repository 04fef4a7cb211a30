from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.kpi_base.roles import USER

PAUSE = timedelta(seconds=30)  # between two updates that people ask for


class KpiJob(models.Model):
    """When values were last updated, and updating them now: for whoever sees KPIs."""

    _inherit = "kpi.job"

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
        job = jobs._find_update_underway()
        last = jobs._find_last_update()
        return {
            "age_seconds": last._get_age().total_seconds() if last else None,
            "is_incomplete": jobs._find_ended_update().state == "failed",
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
        if jobs._is_update_due():
            self.env["kpi.claim"]._claim("update of values")
            jobs._enqueue_computation(self.env._("Update of changed values"), "refresh")
        return self.get_update()

    @api.model
    def _check_opens_kpis(self):
        if not self.env.user.has_group(USER):
            raise AccessError(self.env._("You do not have access to KPIs."))

    @api.model
    def _is_update_due(self):
        if self._find_update_underway():
            return False
        latest = self._find_ended_update()
        return not latest or latest._get_age() >= PAUSE

    @api.model
    def _find_update_underway(self):
        """The update that runs or waits to, or an empty recordset."""
        domain = Domain("kind", "=", "refresh")
        domain &= Domain("state", "in", ("queued", "running"))
        return self.search(domain, limit=1)

    @api.model
    def _find_ended_update(self):
        """The latest update that came to its end, with or without failures."""
        domain = Domain("kind", "=", "refresh")
        domain &= Domain("state", "in", ("done", "failed"))
        return self.search(domain, limit=1)

    @api.model
    def _find_last_update(self):
        """The latest one that updated anything: of several sources some may fail."""
        is_done = Domain("state", "=", "done")
        is_partly = Domain("state", "=", "failed") & Domain("step_done_count", ">", 0)
        domain = Domain("kind", "=", "refresh") & (is_done | is_partly)
        return self.search(domain, limit=1)

    def _get_age(self):
        """Time since the job came to its end."""
        return fields.Datetime.now() - self.finished_at
