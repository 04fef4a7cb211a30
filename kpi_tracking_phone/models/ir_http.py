from contextlib import nullcontext

from odoo import SUPERUSER_ID, api, models
from odoo.http import request

from .mail_push_device import get_session_identifier


class IrHttp(models.AbstractModel):
    """Signing out leaves nothing in the browser, and nothing rings there."""

    _inherit = "ir.http"

    @classmethod
    def _post_logout(cls):
        super()._post_logout()
        headers = request.future_response.headers
        headers.set("Clear-Site-Data", '"cache", "storage"')
        cursor = request.env.cr
        # The routes by which people sign out only read.
        own = request.env.registry.cursor() if cursor.readonly else nullcontext(cursor)
        with own as cr:
            devices = api.Environment(cr, SUPERUSER_ID, {})["mail.push.device"]
            devices._forget_sessions([get_session_identifier()])
