from odoo import models
from odoo.http import request

from ...roles import USER


class IrHttp(models.AbstractModel):
    """The number of approvals beside the user's name comes with the page."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group(USER):
            items = self._in_chosen_companies(self.env["kpi.approval.item"])
            info["kpi_waiting_approvals"] = items.get_waiting_count()
        return info

    def _in_chosen_companies(self, records):
        """Read with the companies that the web client works with, as it finds them."""
        user = self.env.user
        given = request.cookies.get("cids", "").split("-") if request else []
        chosen = [int(text) for text in given if text.isdecimal()]
        if not (chosen and set(chosen) <= set(user._get_company_ids())):
            chosen = user.company_id.ids
        return records.with_context(allowed_company_ids=chosen)
