from odoo import models


class MailFollowers(models.Model):
    """Followers hear of what is written later."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "kpi.invitation.mixin"]
    _invited_fields = ("partner_id", "res_id", "res_model")

    def _get_invited(self):
        return self.partner_id

    def _get_invited_to(self):
        return self.res_model, self.res_id
