from odoo import models
from odoo.http import request

from ...formatting import full_table
from ...roles import USER


class IrHttp(models.AbstractModel):
    """The page holds whether somebody has approvals, and how their language writes."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        return {
            **info,
            "kpi_has_approvals": self.env.user.has_group(USER),
            "kpi_formatting": full_table(self.env),
        }

    def _in_chosen_companies(self, records):
        """Read with the companies that the web client works with, as it finds them."""
        user = self.env.user
        given = request.cookies.get("cids", "").split("-") if request else []
        chosen = [int(text) for text in given if text.isdecimal()]
        if not (chosen and set(chosen) <= set(user._get_company_ids())):
            chosen = user.company_id.ids
        return records.with_context(allowed_company_ids=chosen)
