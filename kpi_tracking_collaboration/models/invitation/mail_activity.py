from odoo import models


class MailActivity(models.Model):
    """Whoever an activity is assigned to is told what it is about."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "kpi.invitation.mixin"]
    _invited_fields = ("res_id", "res_model_id", "user_id")

    def _get_invited(self):
        return self.user_id.partner_id

    def _get_invited_to(self):
        return self.res_model, self.res_id
