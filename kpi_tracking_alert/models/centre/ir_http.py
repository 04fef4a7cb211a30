from odoo import models
from odoo.http import request

from odoo.addons.kpi_base.roles import USER


class IrHttp(models.AbstractModel):
    """The number of alerts beside the user's name comes with the page."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        user = self.env.user
        if user.has_group(USER):
            # The companies that the web client works with, as it finds them.
            given = request.cookies.get("cids", "").split("-") if request else []
            chosen = [int(text) for text in given if text.isdecimal()]
            if not (chosen and set(chosen) <= set(user._get_company_ids())):
                chosen = user.company_id.ids
            events = self.env["kpi.alert.event"]
            events = events.with_context(allowed_company_ids=chosen)
            info["kpi_waiting_alerts"] = events.get_waiting_count()
        return info
