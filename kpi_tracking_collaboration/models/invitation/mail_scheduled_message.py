from odoo import models


class MailScheduledMessage(models.Model):
    """A message for later names nobody whom it could not be sent to."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "kpi.invitation.mixin"]
    _invited_fields = ("partner_ids",)
