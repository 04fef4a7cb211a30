from odoo import models
from odoo.tools import SQL

ACTS = ("submitted", "approved", "rejected", "withdrawn")
# What people do that changes what waits for others.
EVENT_MODELS = {
    "target.changed": "kpi.target",
    **{f"submission.{act}": "kpi.submission" for act in ACTS},
}


class KpiEvent(models.AbstractModel):
    """Events of facts and judgements, and of what people do with KPIs."""

    _inherit = "kpi.event"

    def _event_models(self):
        return super()._event_models() | EVENT_MODELS

    def _event(self, name, records):
        if name in EVENT_MODELS:
            records.report_id._announce()
        return super()._event(name, records)

    def _facts_changed(self, changes):
        """Listen to values: called once they are written, before they are judged::

            for change in changes.rows():
                change.report_id, change.period_start, change.old, change.new

        :param changes: ``FactChanges``, of one grain and cause, not empty
        """
        reports = self.env["kpi.report"].browse(changes.report_ids)
        # Also what changed in periods that are not the current ones.
        reports._announce()
        if changes.source in ("manual", "import", "api"):
            reports._hold_locks()
        if changes.source in ("import", "api"):
            replaced = self._find_replaced_entries(changes)
            if replaced:
                # Entries are the engine's to write; the values were written already.
                replaced.sudo()._supersede()
        self.env["kpi.restatement"]._watch_changes(changes)
        # Formulas made of these values are evaluated from the first change on.
        self.env["kpi.definition"]._mark_stale(
            changes.report_ids, changes.first_period, changes.cause
        )

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

    def _periods_judged(self, rows):
        """Listen to periods that have closed and were judged, each once::

            for row in rows:
                row.report_id, row.period_start, row.achievement, row.status

        :param rows: ``kpi.target.value`` as superuser, not empty
        """

    def _current_changed(self, reports):
        """Listen to current values, achievements and statuses that were worked out.

        :param reports: ``kpi.report`` as superuser; some may be as they were
        """
        reports._announce()
        self.env["kpi.report.group"]._refresh_with(reports)

    def _values_restated(self, restatements):
        """Listen to closed periods that left their tolerance, or moved on outside it.

        :param restatements: ``kpi.restatement`` as superuser, not empty
        """
