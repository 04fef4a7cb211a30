from odoo import api, models
from odoo.tools import SQL


class KpiEvent(models.AbstractModel):
    """Values that change after a period was decided, and judgements that come late."""

    _inherit = "kpi.event"

    def _facts_changed(self, changes):
        result = super()._facts_changed(changes)
        changed = SQL(
            """
            SELECT report_id, grain, period_start
              FROM kpi_measurement WHERE id = ANY(%s)
             UNION
            SELECT report_id, grain, period_start
              FROM kpi_measurement_revision WHERE id = ANY(%s)
            """,
            [*changes.added_ids, *changes.changed_ids],
            list(changes.revision_ids),
        )
        self.env["kpi.achievement.correction"]._mark(changed, is_late=False)
        if changes.source == "manual" and changes.added_ids:
            person = SQL(
                """
                SELECT coalesce(entry.entered_by_id, fact.recorded_by_id)
                  FROM kpi_measurement AS fact
             LEFT JOIN kpi_submission AS entry
                    ON entry.report_id = fact.report_id
                   AND entry.grain = fact.grain
                   AND entry.period_start = fact.period_start
                   AND entry.is_current
                 WHERE fact.id = ANY(%s)
                """,
                list(changes.added_ids),
            )
            self.env["kpi.job"]._award_at_once("entered", person)
        return result

    @api.model
    def _event(self, name, records):
        result = super()._event(name, records)
        if name == "action.created":
            # Whose comment led to it is asked of all.
            people = records.sudo().discussion_id.user_id
            if people:
                ids = SQL("SELECT unnest(%s::int[])", people.ids)
                self.env["kpi.job"]._award_at_once("discussed", ids)
        return result

    def _periods_judged(self, rows):
        result = super()._periods_judged(rows)
        judged = SQL(
            "SELECT report_id, grain, period_start FROM kpi_target_value"
            " WHERE id = ANY(%s)",
            rows.ids,
        )
        self.env["kpi.achievement.correction"]._mark(judged, is_late=True)
        return result
