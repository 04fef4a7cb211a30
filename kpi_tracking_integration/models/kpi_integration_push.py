from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from .kpi_integration import INTERVALS

LOOK_AGAIN = timedelta(minutes=10)


class KpiIntegration(models.Model):
    """Systems that read our values themselves, and are told when these changed."""

    _inherit = "kpi.integration"

    watched_ids = fields.Many2many(
        "kpi.definition",
        string="Refreshed For",
        check_company=True,
        help="It is refreshed when one of these KPIs changed; empty = any KPI.",
    )

    reported_state = fields.Char(readonly=True, copy=False, exportable=False)

    def action_sync(self):
        # Whoever asks for it has it refreshed, whether or not anything changed.
        self.check_access("write")
        # How syncing goes is the engine's; the right to change it was asked for.
        self.sudo().reported_state = False
        return super().action_sync()

    def _sync_push(self, owned, caller, settings):
        """Tell the system, if anything changed since it was told last; return no
        reason, and seconds until the next look."""
        state = self._describe_state()
        if state == self.reported_state:
            return "", LOOK_AGAIN.total_seconds()
        self.env["ir.cron"]._commit_progress()
        self._adapter().push(caller, settings)
        self.reported_state = state
        pause = INTERVALS.get(self.sync_frequency, LOOK_AGAIN)
        return "", max(pause, self._adapter().least_pause).total_seconds()

    def _describe_state(self):
        """A text that is another one once a value was recorded, corrected or removed.

        Moments would not do: what was recorded before may be committed after.
        """
        self.env["kpi.measurement"].flush_model(["report_id"])
        self.env["kpi.measurement.revision"].flush_model(["report_id"])
        self.env["kpi.report"].flush_model(["company_id", "definition_id"])
        watched = SQL("TRUE")
        if self.watched_ids:
            watched = SQL("definition_id = ANY(%s)", self.watched_ids.ids)
        query = SQL(
            """
              WITH watched AS (
                   SELECT id
                     FROM kpi_report
                    WHERE company_id = %(company)s
                      AND %(watched)s
                   )
            SELECT (SELECT count(*) FROM kpi_measurement
                     WHERE report_id IN (SELECT id FROM watched))
                   || ' ' ||
                   (SELECT count(*) FROM kpi_measurement_revision
                     WHERE report_id IN (SELECT id FROM watched))
            """,
            company=self.company_id.id,
            watched=watched,
        )
        return self.env.execute_query(query)[0][0]
