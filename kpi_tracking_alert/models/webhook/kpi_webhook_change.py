from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.fields import OptionalFloat

MOST_CHANGES = 1000  # of one message
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


class KpiWebhookChange(models.Model):
    """One event of a KPI, as it is sent to those who may know of it."""

    _name = "kpi.webhook.change"
    _description = "KPI Webhook Event"
    _inherit = ["kpi.readonly.mixin"]
    _order = "batch_id, id"
    _rec_name = "report_id"
    _log_access = False

    batch_id = fields.Many2one(
        "kpi.webhook.batch",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
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
        """Keep changed values, however many, by a few statements.

        :param changes: ``FactChanges``
        :return: ids of the batches
        """
        total = len(changes.added_ids) + len(changes.revision_ids)
        batch_ids = self._insert_batches("measurement.changed", total)
        self.env.cr.execute(
            SQL(
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
        )
        return batch_ids

    @api.model
    def _keep_records(self, event, reports_of, contents):
        """Keep what happened to records of KPIs.

        :param reports_of: dict record → the KPIs that it is about
        :param contents: what to say of each record, as they are now
        :return: ids of the batches
        """
        json = self._fields["content"].convert_to_column_insert
        rows = [
            (report.id, record.id, json(content, self))
            for (record, reports), content in zip(
                reports_of.items(), contents, strict=True
            )
            for report in reports
        ]
        model = next(iter(reports_of))._name
        batch_ids = []
        for part in split_every(MOST_CHANGES, rows):
            ids = self._insert_batches(event, 1)
            batch_ids += ids
            self.env.cr.execute(
                SQL(
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
                    batch_id=ids[0],
                    model=model,
                )
            )
        return batch_ids

    @api.model
    def _insert_batches(self, event, total):
        count = -(-total // MOST_CHANGES)
        return self.env["kpi.webhook.batch"]._insert(event, count)
