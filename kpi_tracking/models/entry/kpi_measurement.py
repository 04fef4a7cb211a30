from odoo import api, models
from odoo.tools import SQL


class KpiMeasurement(models.Model):
    """Values from elsewhere take the place of what people entered."""

    _inherit = "kpi.measurement"

    @api.model
    def _upsert(self, grain, rows, *, source, **options):
        result = super()._upsert(grain, rows, source=source, **options)
        if result.written and source in ("import", "api"):
            replaced = self._replaced_entries(grain, source, result)
            if replaced:
                # Entries are the engine's to write; the values were written already.
                replaced.sudo()._supersede()
        return result

    @api.model
    def _replaced_entries(self, grain, source, result):
        """Accepted entries whose value has been replaced or removed just now.

        :param result: the ``UpsertResult`` of the values from ``source``
        """
        self.env["kpi.submission"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT entry.id
                  FROM kpi_submission AS entry
             LEFT JOIN kpi_measurement AS fact
                    ON fact.report_id = entry.report_id
                   AND fact.grain = entry.grain
                   AND fact.period_start = entry.period_start
                 WHERE entry.report_id = ANY(%(report_ids)s)
                   AND entry.grain = %(grain)s
                   AND entry.period_start >= %(first_period)s
                   AND entry.is_current
                   AND entry.state = 'approved'
                   AND (fact.id IS NULL
                        OR fact.source = %(source)s
                       AND fact.recorded_at = now() AT TIME ZONE 'UTC')
                """,
                report_ids=result.report_ids,
                grain=grain,
                first_period=result.first_period,
                source=source,
            )
        )
        return self.env["kpi.submission"].browse(id_ for (id_,) in rows)
