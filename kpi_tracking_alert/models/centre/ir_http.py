from odoo import models

from odoo.addons.kpi_base.roles import USER


class IrHttp(models.AbstractModel):
    """The number of alerts beside the user's name comes with the page."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group(USER):
            events = self._in_chosen_companies(self.env["kpi.alert.event"])
            info["kpi_waiting_alerts"] = events.get_waiting_count()
        return info
