from odoo import api, models
from odoo.http import request

from odoo.addons.kpi_base.roles import USER


class IrHttp(models.AbstractModel):
    """The number of alerts beside the user's name comes with the page."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group(USER):
            chosen = {"allowed_company_ids": self._get_chosen_companies()}
            events = self.env["kpi.alert.event"].with_context(**chosen)
            info["kpi_waiting_alerts"] = events.get_waiting_count()
        return info

    @api.model
    def _get_chosen_companies(self):
        """Ids of the companies that the web client works with, as it finds them."""
        user = self.env.user
        given = request.cookies.get("cids", "").split("-") if request else []
        chosen = [int(text) for text in given if text.isdecimal()]
        if chosen and set(chosen) <= set(user._get_company_ids()):
            return chosen
        return user.company_id.ids
