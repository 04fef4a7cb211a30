from datetime import timedelta

from odoo import fields, models

from .kpi_integration import INTERVALS

LOOK_AGAIN = timedelta(minutes=10)


class KpiIntegration(models.Model):
    """Systems that read our values themselves, and are told when these changed."""

    _inherit = "kpi.integration"

    watched_ids = fields.Many2many(
        "kpi.definition",
        string="Trigger KPIs",
        check_company=True,
        help="Syncs when these KPIs change. Leave empty for any KPI.",
    )

    reported_state = fields.Char(readonly=True, copy=False, exportable=False)

    def action_sync(self):
        # Whoever asks for it has it refreshed, whether or not anything changed.
        self._note(reported_state=False)
        return super().action_sync()

    def _sync_push(self, owned, adapter):
        """Tell the system, if anything changed since it was told last; return no
        reason, and seconds until the next look."""
        state = self._describe_state()
        if state == self.reported_state:
            return "", LOOK_AGAIN.total_seconds()
        self.env["ir.cron"]._commit_progress()
        adapter.sign_in()
        adapter.push()
        self.reported_state = state
        pause = INTERVALS.get(self.sync_frequency, LOOK_AGAIN)
        return "", max(pause, adapter.least_pause).total_seconds()

    def _describe_state(self):
        """A text that is another one once a value was recorded, corrected or removed.

        Moments would not do: what was recorded before may be committed after.
        """
        watched = [("report_id.company_id", "=", self.company_id.id)]
        if self.watched_ids:
            watched.append(("report_id.definition_id", "in", self.watched_ids.ids))
        models = "kpi.measurement", "kpi.measurement.revision"
        return " ".join(str(self.env[name].search_count(watched)) for name in models)
