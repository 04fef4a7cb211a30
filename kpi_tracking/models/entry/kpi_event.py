from odoo import api, models
from odoo.tools import SQL


class KpiEvent(models.AbstractModel):
    """Values from elsewhere replace what people entered."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        acts = ("submitted", "approved", "rejected", "withdrawn")
        return {
            **super()._event_models(),
            **{f"submission.{act}": "kpi.submission" for act in acts},
        }

    @api.model
    def _facts_changed(self, changes):
        if changes.source in ("manual", "import", "api"):
            self.env["kpi.report"].browse(changes.report_ids)._hold_locks()
        if changes.source in ("import", "api"):
            replaced = self._find_replaced_entries(changes)
            if replaced:
                # Entries are the engine's to write; the values were written already.
                replaced.sudo()._supersede()
        return super()._facts_changed(changes)

    @api.model
    def _find_replaced_entries(self, changes):
        """Accepted entries whose value has been replaced or removed just now."""
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
                report_ids=changes.report_ids,
                grain=changes.grain,
                first_period=changes.first_period,
                source=changes.source,
            )
        )
        return self.env["kpi.submission"].browse(id_ for (id_,) in rows)
