from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of warehouses."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "warehouse_previewed": self.env._("Warehouse rows viewed"),
        }
