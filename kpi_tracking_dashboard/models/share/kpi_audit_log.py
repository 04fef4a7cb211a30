from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of links to dashboards."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "dashboard_link_made": self.env._("Link created"),
            "dashboard_link_renewed": self.env._("Link renewed"),
            "dashboard_link_revoked": self.env._("Link revoked"),
        }
