from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.webhook_signature import SecretError, load_secret, new_secret, sign

OVERLAP_DAYS = 7  # both secrets sign for so long


class KpiWebhook(models.Model):
    """Secrets that sign: the receiver has the same, and is shown it once."""

    _inherit = "kpi.webhook"

    both_sign_until = fields.Datetime(
        "Both Secrets Sign Until",
        compute="_compute_both_sign_until",
        help="Until then messages have two signatures: of this secret, and of the one"
        " before.",
    )

    @api.depends("rotated_at")
    def _compute_both_sign_until(self):
        now, overlap = fields.Datetime.now(), timedelta(days=OVERLAP_DAYS)
        for webhook in self:
            until = webhook.rotated_at and webhook.rotated_at + overlap
            webhook.both_sign_until = until if until and until > now else False

    @api.constrains("secret")
    def _check_secret(self):
        for webhook in self:
            text = webhook._read_secret("secret")
            try:
                load_secret(text or new_secret())
            except SecretError as error:
                raise ValidationError(
                    self.env._(
                        "A signing secret is whsec_ and 24 to 64 bytes in base64."
                        " Leave it empty to have one made."
                    )
                ) from error

    def action_new_secret(self):
        """Make a secret and show it, which cannot be done again.

        The one before signs beside it for a while, so that receivers can change over.
        """
        self.ensure_one()
        self.check_access("write")
        text = self._renew_secret()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Signing Secret"),
            "res_model": "res.users.apikeys.show",
            "views": [
                (
                    self.env.ref("kpi_tracking_alert.kpi_webhook_secret_view_form").id,
                    "form",
                )
            ],
            "target": "new",
            "context": {"default_key": text},
        }

    def _renew_secret(self):
        """Put a new secret in place of the present one; its text."""
        text, before = new_secret(), self._read_secret("secret")
        # When it was made is the engine's to write.
        self.sudo().write(
            {
                "secret": text,
                "previous_secret": before,
                "rotated_at": fields.Datetime.now() if before else False,
            }
        )
        return text

    def _get_signing_secrets(self):
        """The present secret, and the one before while receivers change over."""
        secrets = [self._read_secret("secret")]
        if self.both_sign_until:
            secrets.append(self._read_secret("previous_secret"))
        return list(filter(None, secrets))

    def _sign(self, webhook_id, timestamp, body):
        """Headers of a message (Standard Webhooks)."""
        secrets = self._get_signing_secrets()
        return {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secrets, webhook_id, timestamp, body),
        }
