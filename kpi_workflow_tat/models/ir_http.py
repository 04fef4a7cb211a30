from odoo import models


class IrHttp(models.AbstractModel):
    """Screens know whether the server measures hours in minutes."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env["kpi.tat.request"]._is_test_mode():
            info["tat_test_mode"] = True
        return info
