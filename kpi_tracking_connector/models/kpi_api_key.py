from odoo import fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import SQL

from odoo.addons.kpi_base.rest.call import current_call

from ..engine.oauth import MCP_PATH


class KpiApiKey(models.Model):
    """Keys of assistants that a user signed in: with tokens instead of a text."""

    _inherit = "kpi.api.key"

    oauth_client_id = fields.Char(
        "Assistant ID", readonly=True, copy=False, exportable=False
    )

    def action_rotate(self):
        if self.oauth_client_id:
            raise UserError(
                self.env._(
                    "An assistant renews its own sign-in. To replace it, revoke it and"
                    " sign in again in the assistant."
                )
            )
        return super().action_rotate()

    def _verify_credential(self, credential, address):
        """Tokens of assistants open their address, and no other route."""
        if request and current_call().route == MCP_PATH:
            key_id = self.env["kpi.oauth"]._find_key(credential)
            row = key_id and self._row(SQL("own.id = %s", key_id), address)
            if row:
                return self._identify(row, frozenset(row["scopes"]), is_token=True)
        return super()._verify_credential(credential, address)
