from urllib.parse import urlsplit

from odoo import models
from odoo.http import request

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.problem import Problem

from .kpi_mcp_tool import IS_ON

SCOPE = "kpi.read"
MCP_SCOPE = "kpi.mcp"


class IrHttp(models.AbstractModel):
    """Authentication of programs other than those of REST: a key, also a password."""

    _inherit = "ir.http"

    @classmethod
    def _auth_method_kpi_odata(cls):
        cls._auth_method_api_key()
        if SCOPE not in current_call().identity.scopes:
            raise Problem("insufficient-scope")

    @classmethod
    def _auth_method_kpi_mcp(cls):
        origin = request.httprequest.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.httprequest.host:
            # The name of another host may lead here (DNS rebinding).
            raise Problem("forbidden", "Pages of other hosts may not ask here.")
        cls._auth_method_api_key()
        if MCP_SCOPE not in current_call().identity.scopes:
            raise Problem("insufficient-scope")
        # Settings are the administrators'; whether this is on is no secret.
        if not request.env["ir.config_parameter"].sudo().get_param(IS_ON):
            raise Problem(
                "forbidden",
                "Assistants may not ask here: an administrator has to turn it on.",
            )
