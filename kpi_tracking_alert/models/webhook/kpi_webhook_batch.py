from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEPT_DAYS = 3  # once all have it
LONGEST_DAYS = 30  # for those who could not be reached


class KpiWebhookBatch(models.Model):
    """Events of one kind that happened together and are sent in one message."""

    _name = "kpi.webhook.batch"
    _description = "KPI Webhook Batch"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "event"
    _log_access = False

    event = fields.Char(required=True, readonly=True)
    happened_at = fields.Datetime(required=True, readonly=True)
    change_ids = fields.One2many("kpi.webhook.change", "batch_id", readonly=True)

    @api.model
    def _insert(self, event, count):
        """Add batches of an event; their ids in order."""
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO kpi_webhook_batch (event, happened_at)"
                " SELECT %s, %s FROM generate_series(1, %s) RETURNING id",
                event,
                fields.Datetime.now(),
                count,
            )
        )
        return sorted(batch_id for (batch_id,) in rows)

    @api.autovacuum
    def _gc_sent(self):
        """Drop batches that all webhooks have, and those that are too old to send."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kpi_webhook_batch AS batch
                 WHERE happened_at < %(longest)s
                    OR happened_at < %(kept)s
                   AND NOT EXISTS (
                         SELECT 1
                           FROM kpi_delivery AS delivery
                          WHERE delivery.webhook_batch_id = batch.id
                            AND delivery.state IN ('waiting', 'failed'))
                """,
                kept=now - timedelta(days=KEPT_DAYS),
                longest=now - timedelta(days=LONGEST_DAYS),
            )
        )
