from standardwebhooks.webhooks import Webhook

from .channel_case import ChannelCase


def verify(secret, headers, body):
    """What a receiver does with the package of the specification; the content.

    :raises WebhookVerificationError: not signed with ``secret``, or long ago
    """
    return Webhook(secret).verify(body, dict(headers))


class WebhookCase(ChannelCase):
    """A receiver that checks what it gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What was entered before is not told.
        cls.webhooks = cls.env["kpi.webhook"]

    def _webhook(self, **values):
        return self.webhooks.create(
            {
                "name": "Warehouse",
                "address": self.server.url,
                "owner_id": self.officer.id,
                "company_id": self.company.id,
                "sends_submission": True,
                "sends_target": True,
                **values,
            }
        )

    def _queued(self, webhook, event=None):
        found = self.env["kpi.delivery"].search(
            [("channel", "=", "webhook"), ("target_id", "=", webhook.id)], order="id"
        )
        return found.filtered(lambda each: event in (None, each.webhook_batch_id.event))

    def _received(self, webhook):
        """Contents of all messages, each checked."""
        secret = webhook._read_secret("secret")
        return [
            verify(secret, request.headers, request.body)
            for request in self.server.received
        ]
