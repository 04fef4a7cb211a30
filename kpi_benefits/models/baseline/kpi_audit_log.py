from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of KPIs of initiatives."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "initiative_kpi_created": self.env._("KPI of an initiative created"),
        }
