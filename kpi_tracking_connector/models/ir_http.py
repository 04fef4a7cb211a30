from odoo import models

from odoo.addons.kpi_base.rest.call import current_call
from odoo.addons.kpi_base.rest.problem import Problem

SCOPE = "kpi.read"


class IrHttp(models.AbstractModel):
    """Authentication of what analysis programs read: a key, also as a password."""

    _inherit = "ir.http"

    @classmethod
    def _auth_method_kpi_odata(cls):
        cls._auth_method_api_key()
        if SCOPE not in current_call().identity.scopes:
            raise Problem("insufficient-scope")
