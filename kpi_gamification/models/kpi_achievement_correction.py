from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine.status import Judged
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

MOST = 5000  # corrections of one step


class KpiAchievementCorrection(models.Model):
    """Periods whose value differs from the one that they were judged with.

    Few beside the judgements: statements about what is now prefer these rows. A row is
    a mark first, that something of the period changed; a job works it out and drops it
    where the value came back.
    """

    _name = "kpi.achievement.correction"
    _description = "Corrected Period"
    _inherit = ["kpi.engine.rows.mixin"]
    _order = "id"
    _rec_name = "period_start"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    rated_value = fields.Float("Value", readonly=True, aggregator=False)
    achievement = fields.Float("Achievement (%)", readonly=True, aggregator=False)
    status = fields.Char(readonly=True)
    is_known = fields.Boolean("Calculated", readonly=True)
    is_stale = fields.Boolean("Changed", readonly=True)
    is_late = fields.Boolean("Status Arrived Late", readonly=True)

    _report_period_uniq = models.UniqueIndex(
        "(report_id, grain, period_start)", "This period is already listed."
    )
    _stale_idx = models.Index("(id) WHERE is_stale")

    def _mark(self, periods, is_late):
        """Have the closings of these periods looked at again.

        :param periods: SQL of ``report_id``, ``grain`` and ``period_start``
        :param is_late: they were judged only now, which counts where an entry waited
            for its approval; else their value changed
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_achievement_correction AS known
                       (report_id, grain, period_start, is_known, is_stale, is_late)
                SELECT held.report_id, held.grain, held.period_start, FALSE, TRUE,
                       %(is_late)s AND report.computation = 'manual'
                  FROM (%(periods)s) AS changed
                  JOIN kpi_target_value AS held
                    ON held.report_id = changed.report_id
                   AND held.grain = changed.grain
                   AND held.period_start = changed.period_start
                  JOIN kpi_report AS report ON report.id = held.report_id
                 WHERE held.rated_at IS NOT NULL
                   AND report.scope_type = 'user'
                   AND EXISTS (
                         SELECT FROM kpi_achievement_closing AS closing
                          WHERE closing.company_id = report.company_id
                            AND closing.grain = held.grain
                            AND closing.period_start >= held.period_start)
              ORDER BY held.report_id, held.grain, held.period_start
                    ON CONFLICT (report_id, grain, period_start) DO UPDATE
                   SET is_stale = TRUE, is_late = known.is_late OR excluded.is_late
             RETURNING id
                """,
                periods=periods,
                is_late=is_late,
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model()
            self.env["kpi.job"]._enqueue_awards()

    def _list_reports(self, asked):
        """Ids of KPIs of which some period up to that of ``asked`` was corrected."""
        known = Domain("is_known", "=", True) & Domain("grain", "=", asked.grain)
        known &= Domain("period_start", "<=", asked.start)
        known &= Domain("report_id.company_id", "=", asked.company.id)
        return [one.id for (one,) in self._read_group(known, ["report_id"])]

    def _work_out(self):
        """Work out some marks: ``(company, grain)`` → first period, people, and those
        people of whom something was judged late.
        """
        marks, rows, work = self.search([("is_stale", "=", True)], limit=MOST), [], {}
        found = marks.grouped(lambda mark: (mark.report_id.company_id, mark.grain))
        for (company, grain), some in found.items():
            late = some.filtered("is_late").report_id.user_id.ids
            first = min(some.mapped("period_start"))
            work[company, grain] = (first, some.report_id.user_id.ids, late)
            rows += self._read_now(grain, some)
        self._store(rows, marks.ids)
        return work

    def _read_now(self, grain, marks):
        """Id of each mark, with value, achievement and status of now."""
        days = marks.mapped("period_start")
        found = marks.report_id._series(grain, min(days), max(days), basis="stored")
        now = {}
        for series in found:
            now |= series.list_judged()
        for mark in marks:
            one = now.get(mark.report_id.id, {}).get(mark.period_start, Judged())
            status = None if one.value is None else one.status
            yield mark.id, one.value, one.achievement, status

    def _store(self, rows, ids):
        """Write what was worked out; a value that came back leaves nothing."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_achievement_correction AS known
                   SET rated_value = new.value, achievement = new.achievement,
                       status = new.status, is_known = TRUE, is_stale = FALSE,
                       is_late = FALSE
                  FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::varchar[])
                       AS new(id, value, achievement, status)
                 WHERE new.id = known.id;
                DELETE FROM kpi_achievement_correction AS known
                 USING kpi_target_value AS held
                 WHERE known.id = ANY(%s)
                   AND held.report_id = known.report_id
                   AND held.grain = known.grain
                   AND held.period_start = known.period_start
                   AND (held.rated_value, held.status)
                       IS NOT DISTINCT FROM (known.rated_value, known.status)
                """,
                *([row[at] for row in rows] for at in range(4)),
                list(ids),
            )
        )
        self.invalidate_model()
