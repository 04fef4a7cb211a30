from odoo import models


class MailMail(models.Model):
    """Emails about a discussion go to people who may see it."""

    _name = "mail.mail"
    _inherit = ["mail.mail", "kpi.invitation.mixin"]
    _invited_fields = ("email_cc", "email_to", "recipient_ids")

    def _get_invited(self):
        self._refuse_addresses("email_to")
        self._refuse_addresses("email_cc")
        return self.recipient_ids
