from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.models.record.base import arrays_sql

from ..engine.streaks import EXCUSED, Freezes, fold
from .kpi_achievement import GRAINS, STREAK_TYPES

# place in a row of ``_fold`` → column
COLUMNS = {
    0: "kpi_id",
    1: "user_id",
    3: "current_streak",
    4: "best_streak",
    5: "streak_start_date",
    6: "freezes",
}
SAME = ("company_id", "grain", "streak_type", "period_start")


class KpiPerformanceStreak(models.Model):
    """Periods in a row that somebody's KPI went well, up to the last decided one.

    Others see the number, never how single periods went.
    """

    _name = "kpi.performance.streak"
    _description = "KPI Streak"
    _inherit = ["kpi.engine.rows.mixin", "kpi.gamification.person.mixin"]
    _order = "current_streak desc, id"
    _rec_name = "kpi_id"
    _log_access = False

    user_id = fields.Many2one(ondelete="cascade", index=True)
    company_id = fields.Many2one(ondelete="cascade")
    kpi_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    streak_type = fields.Selection(STREAK_TYPES, "Type", required=True, readonly=True)
    current_streak = fields.Integer(readonly=True, aggregator="max")
    best_streak = fields.Integer(readonly=True, aggregator="max")
    streak_start_date = fields.Date("Since", readonly=True)
    period_start = fields.Date("Last Period", readonly=True)
    freezes = fields.Integer(readonly=True, groups=fields.NO_ACCESS)
    freezes_left = fields.Integer(compute="_compute_freezes_left", exportable=False)

    _kpi_type_uniq = models.UniqueIndex(
        "(kpi_id, grain, streak_type)", "This streak is there already."
    )

    _latest_idx = models.Index("(company_id, grain, streak_type, period_start)")

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_freezes_left(self):
        for streak in self:
            # What is left says what was missed: one's own business.
            own = streak.sudo().freezes if streak.user_id == self.env.user else 0
            streak.freezes_left = own

    @api.model
    def _refresh(self, asked):
        """Work out the streaks of all, or of the people of ``asked``, up to its period.

        :return: number of streaks
        """
        wanted = {"target_met", *self._find_types(asked)}
        return sum(self._refresh_type(asked, each) for each in sorted(wanted))

    @api.model
    def _find_types(self, asked):
        """Types that conditions ask for in periods of this length."""
        conditions = self.env["kpi.achievement.condition"].search(
            Domain("kind", "=", "streak")
            & Domain("achievement_id.grain", "=", asked.grain)
            & Domain("achievement_id.active", "=", True)
            & Domain("company_id", "=", asked.company.id)
        )
        return set(conditions.mapped("streak_type"))

    @api.model
    def _refresh_type(self, asked, streak_type):
        rows = self._fold(asked, streak_type)
        columns = {name: [row[at] for row in rows] for at, name in COLUMNS.items()}
        same = (asked.company.id, asked.grain, streak_type)
        names = (*SAME, *columns)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kpi_performance_streak AS known
                 WHERE (known.company_id, known.grain, known.streak_type) = %(same)s
                   AND %(of_people)s
                   -- hashed, however few rows PostgreSQL takes the table for
                   AND known.kpi_id NOT IN (SELECT unnest(%(kpi_ids)s::int[]));
                INSERT INTO kpi_performance_streak AS known (%(names)s)
                SELECT %(same_columns)s, %(start)s::date, fold.*
                  FROM unnest(%(columns)s) AS fold
                    ON CONFLICT (kpi_id, grain, streak_type) DO UPDATE
                   SET (%(names)s) = ROW(%(incoming)s)
                 WHERE (%(known)s) IS DISTINCT FROM (%(incoming)s)
                """,
                same=same,
                same_columns=SQL("%s, %s, %s", *same),
                start=asked.start,
                of_people=asked.of_people_sql("known"),
                kpi_ids=columns["kpi_id"],
                columns=arrays_sql(self, columns),
                names=SQL(", ").join(map(SQL.identifier, names)),
                known=_columns_sql("known", names),
                incoming=_columns_sql("excluded", names),
            )
        )
        self.invalidate_model()
        return len(rows)

    @api.model
    def _fold(self, asked, streak_type, report_ids=None):
        """Streaks up to the period of ``asked``: rows of KPI, person, definition,
        current, best, start and freezes left.

        One statement makes a text for each KPI, and numpy folds over their columns.
        """
        starts = self._list_starts(asked)
        if not starts:
            return []
        company = asked.company
        outcomes = self.env["kpi.gamification.outcome"]
        found = self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, min(fact.user_id), min(fact.definition_id),
                       string_agg(fact.outcome, '' ORDER BY fact.period_start),
                       min(fact.period_start), max(fact.period_start)
                  FROM (%(outcomes)s) AS fact
                 WHERE %(evaluated)s
                   AND %(of_reports)s
              GROUP BY fact.report_id
              ORDER BY fact.report_id
                """,
                outcomes=outcomes._outcomes_sql(asked, streak_type, starts[0]),
                evaluated=asked.evaluated_sql("fact"),
                of_reports=SQL("TRUE")
                if report_ids is None
                else SQL("fact.report_id = ANY(%s)", list(report_ids)),
            )
        )
        place_of = {start: place for place, start in enumerate(starts)}
        spread = [
            (report_id, text, place_of.get(first), place_of.get(last))
            for report_id, _user, _definition, text, first, last in found
        ]
        texts = self._spread(asked, streak_type, place_of, spread)
        freezes = Freezes(
            company.gamification_freeze_every, company.gamification_freeze_most
        )
        streaks = fold(texts, freezes)
        columns = (streaks.current, streaks.best, streaks.start, streaks.freezes)
        return [
            (*row[:3], current, best, starts[start] if start >= 0 else None, left)
            for row, current, best, start, left in zip(
                found, *(column.tolist() for column in columns), strict=True
            )
        ]

    @api.model
    def _spread(self, asked, streak_type, place_of, rows):
        """Texts over all periods: what was not judged in between is excused.

        :param rows: KPI, text, and places of its first and last period, None where
            the company has no such period
        """
        width = len(place_of)
        known = {}
        gaps = [
            report_id
            for report_id, text, first, last in rows
            if None in (first, last) or len(text) <= last - first
        ]
        if gaps:
            outcomes = self.env["kpi.gamification.outcome"]
            found = self.env.execute_query(
                SQL(
                    "SELECT report_id, period_start, outcome FROM (%s) AS fact"
                    " WHERE report_id = ANY(%s)",
                    outcomes._outcomes_sql(asked, streak_type, min(place_of)),
                    gaps,
                )
            )
            known = {report_id: [EXCUSED] * width for report_id in gaps}
            for report_id, start, outcome in found:
                if start in place_of:
                    known[report_id][place_of[start]] = outcome
        return [
            "".join(known[report_id])
            if report_id in known
            else text.rjust(last + 1, EXCUSED).ljust(width, EXCUSED)
            for report_id, text, _first, last in rows
        ]

    @api.model
    def _list_starts(self, asked):
        """First days of the periods from the first judgement to that of ``asked``."""
        (first,) = self.env.execute_query(
            SQL(
                """
                SELECT min(held.period_start)
                  FROM kpi_target_value AS held
                 WHERE held.grain = %s
                """,
                asked.grain,
            )
        )[0]
        if not first or first > asked.start:
            return []
        self.env["kpi.gamification.outcome"]._prepare(asked, first)
        periods = asked.calendar._periods(asked.grain, first, asked.start)
        return [period.start for period in periods]

    @api.model
    def _as_of_sql(self, asked, streak_type):
        """SQL of ``report_id``, ``user_id``, ``definition_id``, ``current_streak`` and
        ``streak_start_date``, up to the period of ``asked``.

        What is stored where that was decided last; worked out for others, and, as
        judged, for KPIs of which something was corrected.
        """
        corrected = self.env["kpi.achievement.correction"]._list_reports(asked)
        is_stored = self._is_stored(asked, streak_type)
        if is_stored:
            stored = SQL(
                """
                SELECT streak.kpi_id AS report_id, streak.user_id, report.definition_id,
                       streak.current_streak, streak.streak_start_date
                  FROM kpi_performance_streak AS streak
                  JOIN kpi_report AS report ON report.id = streak.kpi_id
                 WHERE streak.company_id = %(company_id)s
                   AND streak.grain = %(grain)s
                   AND streak.streak_type = %(streak_type)s
                   AND streak.kpi_id <> ALL(%(others)s)
                   AND %(of_people)s
                """,
                company_id=asked.company.id,
                grain=asked.grain,
                streak_type=streak_type,
                others=corrected if asked.basis == "judged" else [],
                of_people=asked.of_people_sql("streak"),
            )
            if asked.basis == "now" or not corrected:
                return stored
        rows = self._fold(asked, streak_type, corrected if is_stored else None)
        folded = [[row[at] for row in rows] for at in (0, 1, 2, 3, 5)]
        worked_out = SQL(
            "SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[],"
            " %s::date[]) AS fold(report_id, user_id, definition_id, current_streak,"
            " streak_start_date)",
            *folded,
        )
        if is_stored:
            return SQL("%s UNION ALL %s", stored, worked_out)
        return worked_out

    @api.model
    def _is_stored(self, asked, streak_type):
        """Check whether streaks of this type end with this period."""
        latest = self.search(
            Domain("company_id", "=", asked.company.id)
            & Domain("grain", "=", asked.grain)
            & Domain("streak_type", "=", streak_type),
            order="period_start desc",
            limit=1,
        )
        return latest.period_start == asked.start


def _columns_sql(table, names):
    return SQL(", ").join(SQL.identifier(table, name) for name in names)
