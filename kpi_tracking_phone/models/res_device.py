from odoo import models


class ResDevice(models.Model):
    """Whose session is revoked gets no notifications there any more."""

    _inherit = "res.device"

    def _revoke(self):
        self.env["mail.push.device"]._forget_sessions(self.mapped("session_identifier"))
        return super()._revoke()
