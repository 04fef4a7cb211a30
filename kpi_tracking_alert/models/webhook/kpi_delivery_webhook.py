from odoo import api, fields, models

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.outbox import (
    DeliveryGone,
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
)


class KpiDelivery(models.Model):
    """Messages to webhooks: a batch of events each."""

    _inherit = "kpi.delivery"

    channel = fields.Selection(
        selection_add=[("webhook", "Webhook")], ondelete={"webhook": "cascade"}
    )
    webhook_batch_id = fields.Many2one(
        "kpi.webhook.batch",
        "Events",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        exportable=False,
    )

    webhook_items = fields.Json(
        readonly=True,
        exportable=False,
        groups="base.group_system",
        help="Events of KPIs that were deleted before the message was sent.",
    )

    @api.model
    def _row(self, vals):
        batch_id = vals.get("webhook_batch_id") or None
        return {**super()._row(vals), "webhook_batch_id": batch_id}

    def _find_webhook_host(self):
        target = self._get_target()
        return target and self.env["kpi.outgoing"]._find_origin(target.address)

    def _send_webhook(self):
        """Send what the owner of the webhook may know of its batch.

        :raises DeliverySkipped: nothing of it, or it is too old
        """
        webhook, batch = self._get_target(), self.webhook_batch_id
        if not batch:
            raise DeliverySkipped(self.env._("These events are too old to be sent."))
        items = [*(self.webhook_items or ()), *webhook._get_items(batch)]
        if not items:
            raise DeliverySkipped(
                self.env._("%s may see nothing of it.", webhook.owner_id.name)
            )
        body = webhook._get_body(batch.event, batch.happened_at, items)
        try:
            webhook._post(self._get_webhook_id(), body)
        except DeliveryGone as error:
            webhook._give_up(self.env._("The receiver is gone: %s", error))
            raise
        except (DeliveryLater, DeliveryRefused, OutgoingFailed) as error:
            webhook._note_failure(str(error))
            raise
        webhook._note_success()

    def _get_webhook_id(self):
        """The same for all attempts, and different for every message."""
        return f"msg_{self.message_id.partition('@')[0].rpartition('.')[2]}"

    def _find_owner(self):
        """Who is responsible for the channel, where the message goes to one."""
        target = self._get_target()
        if target is not None and "owner_id" in target._fields:
            return target.owner_id
        return super()._find_owner()
