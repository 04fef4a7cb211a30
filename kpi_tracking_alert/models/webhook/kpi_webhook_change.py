from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.fields import OptionalFloat

from .kpi_webhook import plain

KEPT_DAYS = 3  # once all have it
LONGEST_DAYS = 30  # for those who could not be reached
MOST_CHANGES = 1000  # of one message
PART_OF = {"required": True, "readonly": True, "ondelete": "cascade", "index": True}
_NUMBER_SQL = SQL(
    """
    counted AS (
        INSERT INTO kpi_webhook_counter AS counter (report_id, last)
        SELECT report_id, count(*)
          FROM changed
      GROUP BY report_id
      ORDER BY report_id
            ON CONFLICT (report_id) DO UPDATE
           SET last = counter.last + excluded.last
     RETURNING report_id, last
    ),
    numbered AS (
        SELECT changed.*,
               counted.last + 1 - row_number() OVER (
                 PARTITION BY report_id
                     ORDER BY period_start DESC, place DESC) AS sequence,
               row_number() OVER (ORDER BY report_id, period_start, place) AS number
          FROM changed
          JOIN counted USING (report_id)
    )
    """
)


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
    def _insert(self, event, total):
        """Add batches for so many changes by an event; their ids in order."""
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO kpi_webhook_batch (event, happened_at)"
                " SELECT %s, %s FROM generate_series(1, %s) RETURNING id",
                event,
                fields.Datetime.now(),
                -(-total // MOST_CHANGES),
            )
        )
        return sorted(batch_id for (batch_id,) in rows)

    @api.autovacuum
    def _gc_sent(self):
        """Drop batches that all webhooks have, and those that are too old to send."""
        now = fields.Datetime.now()
        statement = SQL(
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
        self.env.cr.execute(statement)


class KpiWebhookChange(models.Model):
    """One event of a KPI, as it is sent to those who may know of it."""

    _name = "kpi.webhook.change"
    _description = "KPI Webhook Event"
    _inherit = ["kpi.readonly.mixin"]
    _order = "batch_id, id"
    _rec_name = "report_id"
    _log_access = False

    batch_id = fields.Many2one("kpi.webhook.batch", **PART_OF)
    report_id = fields.Many2one("kpi.report", "KPI", **PART_OF)
    sequence = fields.Integer(required=True, readonly=True, aggregator=False)
    # a value
    grain = fields.Char(readonly=True)
    period_start = fields.Date(readonly=True)
    old_value = OptionalFloat(readonly=True, digits=False, aggregator=False)
    new_value = OptionalFloat(readonly=True, digits=False, aggregator=False)
    cause = fields.Char(readonly=True)
    # anything else, as it was then
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Record ID", model_field="res_model", readonly=True
    )
    content = fields.Json(readonly=True)

    @api.model
    def _keep_facts(self, changes):
        """Keep changed values, ``FactChanges``; ids of the batches."""
        total = len(changes.added_ids) + len(changes.revision_ids)
        batch_ids = self.env["kpi.webhook.batch"]._insert("measurement.changed", total)
        statement = SQL(
            """
            WITH changed AS (
                SELECT report_id, period_start, NULL::float8 AS old_value,
                       value AS new_value, id AS place
                  FROM kpi_measurement
                 WHERE id = ANY(%(added_ids)s)
             UNION ALL
                SELECT report_id, period_start, old_value, new_value, id
                  FROM kpi_measurement_revision
                 WHERE id = ANY(%(revision_ids)s)
            ),
            %(numbering)s
            INSERT INTO kpi_webhook_change
                   (batch_id, report_id, sequence, grain, period_start,
                    old_value, new_value, cause)
            SELECT (%(batch_ids)s::int[])[((number - 1) / %(most)s + 1)::int],
                   report_id, sequence, %(grain)s, period_start, old_value,
                   new_value, %(cause)s
              FROM numbered
          ORDER BY number
            """,
            added_ids=changes.added_ids,
            revision_ids=changes.revision_ids,
            numbering=_NUMBER_SQL,
            batch_ids=batch_ids,
            most=MOST_CHANGES,
            grain=changes.grain,
            cause=changes.cause,
        )
        self.env.cr.execute(statement)
        return batch_ids

    @api.model
    def _keep_records(self, event, reports_of):
        """Keep what happened to records of KPIs, as of now; ids of the batches."""
        json = self._fields["content"].convert_to_column_insert
        model = next(iter(reports_of))._name
        _name, names = self.env["kpi.webhook"]._get_content_fields()[model]
        rows = []
        for record, reports in reports_of.items():
            known = [name for name in names if name in record._fields]
            content = json({name: plain(record[name]) for name in known}, self)
            rows += [(report.id, record.id, content) for report in reports]
        batch_ids = []
        for part in split_every(MOST_CHANGES, rows):
            batch_ids += self.env["kpi.webhook.batch"]._insert(event, 1)
            statement = SQL(
                """
                WITH changed AS (
                    SELECT report_id, place, content, NULL::date AS period_start
                      FROM (VALUES %(rows)s) AS happened (report_id, place, content)
                ),
                %(numbering)s
                INSERT INTO kpi_webhook_change
                       (batch_id, report_id, sequence, res_model, res_id, content)
                SELECT %(batch_id)s, report_id, sequence, %(model)s, place,
                       content::jsonb
                  FROM numbered
              ORDER BY number
                """,
                rows=SQL(", ").join(SQL("%s", row) for row in part),
                numbering=_NUMBER_SQL,
                batch_id=batch_ids[-1],
                model=model,
            )
            self.env.cr.execute(statement)
        return batch_ids


class KpiWebhookCounter(models.Model):
    """How many events of a KPI there have been: what comes later has a higher number.

    Transactions that change one KPI wait for each other here, so that numbers have the
    order in which they were committed.
    """

    _name = "kpi.webhook.counter"
    _description = "KPI Webhook Counter"
    _inherit = ["kpi.readonly.mixin"]
    _order = "report_id"
    _rec_name = "report_id"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    last = fields.Integer(required=True, readonly=True, aggregator=False)

    _report_uniq = models.UniqueIndex("(report_id)", "This KPI already has a counter.")
