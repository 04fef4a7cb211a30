from odoo import models


class MailMessage(models.Model):
    """Whoever is mentioned in a message may read it."""

    _name = "mail.message"
    _inherit = ["mail.message", "kpi.invitation.mixin"]
    _invited_fields = ("model", "outgoing_email_to", "partner_ids", "res_id")

    def _check_invitations(self):
        """An email that came in names whom its author named: strangers are left out."""
        arrived = self.filtered(lambda message: message.message_type == "email")
        arrived._forget_strangers()
        return super(MailMessage, self - arrived)._check_invitations()

    def _forget_strangers(self):
        mixin = self.env.registry["kpi.invited.thread.mixin"]
        for message in self.filtered("partner_ids"):
            model, res_id = message._get_invited_to()
            if res_id and model in self.env and isinstance(self.env[model], mixin):
                strangers = (
                    self.env[model].browse(res_id)._find_strangers(message.partner_ids)
                )
                if strangers:
                    message.partner_ids -= strangers

    def _get_invited(self):
        self._refuse_addresses("outgoing_email_to")
        return super()._get_invited()
