from odoo import models

from odoo.addons.kpi_base.roles import USER


class IrHttp(models.AbstractModel):
    """The number of alerts beside the user's name comes with the page."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group(USER):
            waiting = self.env["kpi.alert.event"].get_waiting_count()
            info["kpi_waiting_alerts"] = waiting
        return info
