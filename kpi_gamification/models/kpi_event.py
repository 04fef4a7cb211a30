from odoo import models
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
