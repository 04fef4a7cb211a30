from odoo import models

from odoo.addons.kpi_tracking.models.live.kpi_report import CHANNEL

ARRANGED = "kpi_tracking_dashboard.arranged"


class KpiDashboard(models.Model):
    """Who looks at a dashboard hears that it or its tiles have changed.

    A transaction tells each dashboard's channel once, by its revision only.
    """

    _inherit = "kpi.dashboard"

    def _bump_revision(self):
        result = super()._bump_revision()
        precommit = self.env.cr.precommit
        if ARRANGED not in precommit.data:
            precommit.data[ARRANGED] = set()
            # Who hears it is not for whoever made the change to read.
            precommit.add(self.env["kpi.dashboard"].sudo()._send_arranged)
        precommit.data[ARRANGED].update(self.ids)
        return result

    def _send_ended(self, published):
        """Lead who has a draft open to the published dashboard."""
        body = {"dashboard_id": self.id, "published_id": published.id}
        self.env["bus.bus"]._sendone((self, CHANNEL), ARRANGED, body)

    def _send_arranged(self):
        ids = self.env.cr.precommit.data.pop(ARRANGED)
        for dashboard in self.browse(ids).exists():
            body = {"dashboard_id": dashboard.id, "revision": dashboard.revision}
            self.env["bus.bus"]._sendone((dashboard, CHANNEL), ARRANGED, body)
