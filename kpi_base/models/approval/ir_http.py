from odoo import models
from odoo.http import request

from ...roles import USER


class IrHttp(models.AbstractModel):
    """The page says who has approvals; how many wait is asked once it is there."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        return {**info, "kpi_has_approvals": self.env.user.has_group(USER)}

    def _in_chosen_companies(self, records):
        """Read with the companies that the web client works with, as it finds them."""
        user = self.env.user
        given = request.cookies.get("cids", "").split("-") if request else []
        chosen = [int(text) for text in given if text.isdecimal()]
        if not (chosen and set(chosen) <= set(user._get_company_ids())):
            chosen = user.company_id.ids
        return records.with_context(allowed_company_ids=chosen)
