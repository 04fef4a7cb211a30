from odoo import models
from odoo.fields import Domain

from ...tell import tell_owner

ENDED = ("done", "failed")


class KpiJob(models.Model):
    """A job that fails tells whoever asked for it, once until it goes well again."""

    _inherit = "kpi.job"

    def _finish(self, state, error=False):
        result = super()._finish(state, error)
        if state == "failed":
            self._tell_failed()
            self._commit()
        return result

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
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        name = self.name or kinds.get(self.kind, self.kind)
        tell_owner(
            self,
            self.requested_by_id,
            self.env._("Failed: %s", name),
            self.error or "",
        )
