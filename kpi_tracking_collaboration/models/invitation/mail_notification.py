from odoo import models


class MailNotification(models.Model):
    """Whoever has a notification of a message may read it."""

    _name = "mail.notification"
    _inherit = ["mail.notification", "kpi.invitation.mixin"]
    _invited_fields = ("mail_message_id", "res_partner_id")

    def _get_invited(self):
        return self.res_partner_id

    def _get_invited_to(self):
        return self.mail_message_id.model, self.mail_message_id.res_id
