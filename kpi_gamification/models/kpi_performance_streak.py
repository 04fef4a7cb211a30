from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.models.record.base import arrays_sql

from ..engine.streaks import EXCUSED, Freezes, fold
from .kpi_achievement import GRAINS, STREAK_TYPES

AT_RISK = ("at_risk", "off_target")
# Of a row that is folded, and what all rows of a fold have in common.
COLUMNS = "kpi_id user_id current_streak best_streak streak_start_date freezes".split()
SAME = ["company_id", "grain", "streak_type", "period_start"]


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
            is_own = streak.user_id == self.env.user
            # What is left says what was missed: one's own business.
            streak.freezes_left = streak.sudo().freezes if is_own else 0

    def _say(self):
        """How long it is, as “6 months on target”."""
        count, types = self.current_streak, self._fields["streak_type"]
        lengths = {
            "day": self.env._("%s days", count),
            "week": self.env._("%s weeks", count),
            "month": self.env._("%s months", count),
            "quarter": self.env._("%s quarters", count),
            "year": self.env._("%s years", count),
        }
        return self.env._(
            "%(length)s %(outcome)s",
            length=lengths[self.grain],
            outcome=types.convert_to_export(self.streak_type, self).lower(),
        )

    def _is_at_risk(self):
        """Whether its KPI is off target in a period that is not decided yet."""
        kpi = self.kpi_id
        is_off = self.streak_type == "target_met" and kpi.status in AT_RISK
        return is_off and kpi.current_period_start > self.period_start

    @api.model
    def _refresh(self, asked):
        """Work out the streaks of all, or of the people of ``asked``, up to its period:
        those on target, and of the types that conditions ask for.
        """
        conditions = self.env["kpi.achievement.condition"].search(
            Domain("kind", "=", "streak")
            & Domain("achievement_id.grain", "=", asked.grain)
            & Domain("achievement_id.active", "=", True)
            & Domain("company_id", "=", asked.company.id)
        )
        for each in sorted({"target_met", *conditions.mapped("streak_type")}):
            self._refresh_type(asked, each)

    @api.model
    def _refresh_type(self, asked, streak_type):
        columns = self._fold(asked, streak_type)
        same = (asked.company.id, asked.grain, streak_type)
        names = SAME + COLUMNS
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

    @api.model
    def _fold(self, asked, streak_type, report_ids=None):
        """Streaks up to the period of ``asked``: a list for each of ``COLUMNS``.

        One statement makes a text for each KPI, and numpy folds over their columns.
        """
        starts = self._list_starts(asked)
        if not starts:
            return {name: [] for name in COLUMNS}
        outcomes = self.env["kpi.gamification.outcome"]
        facts = outcomes._outcomes_sql(asked, streak_type, starts[0])
        found = self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, min(fact.user_id),
                       string_agg(fact.outcome, '' ORDER BY fact.period_start),
                       min(fact.period_start), max(fact.period_start)
                  FROM (%(facts)s) AS fact
                 WHERE %(is_all)s OR fact.report_id = ANY(%(report_ids)s)
              GROUP BY fact.report_id
              ORDER BY fact.report_id
                """,
                facts=facts,
                is_all=report_ids is None,
                report_ids=list(report_ids or ()),
            )
        )
        company = asked.company
        streaks = fold(
            self._spread(facts, starts, found),
            Freezes(
                company.gamification_freeze_every, company.gamification_freeze_most
            ),
        )
        since = [starts[at] if at >= 0 else None for at in streaks.start]
        numbers = (streaks.current.tolist(), streaks.best.tolist(), since)
        people = ([row[0] for row in found], [row[1] for row in found])
        columns = (*people, *numbers, streaks.freezes.tolist())
        return dict(zip(COLUMNS, columns, strict=True))

    @api.model
    def _spread(self, facts, starts, rows):
        """Texts over all periods: what was not judged in between is excused.

        :param facts: SQL that ``rows`` were made of: KPI, person, text of what was
            judged, first and last of its periods
        """
        width, texts = len(starts), {}
        place_of = {start: place for place, start in enumerate(starts)}
        for report_id, _user_id, text, first, last in rows:
            end = place_of.get(last, -1) + 1
            if first in place_of and len(text) == end - place_of[first]:
                texts[report_id] = text.rjust(end, EXCUSED).ljust(width, EXCUSED)
        gaps = {row[0]: [EXCUSED] * width for row in rows if row[0] not in texts}
        if gaps:
            query = SQL(
                "SELECT report_id, period_start, outcome FROM (%s) AS fact", facts
            )
            query = SQL("%s WHERE report_id = ANY(%s)", query, list(gaps))
            for report_id, start, outcome in self.env.execute_query(query):
                if start in place_of:
                    gaps[report_id][place_of[start]] = outcome
        return [texts.get(row[0]) or "".join(gaps[row[0]]) for row in rows]

    @api.model
    def _list_starts(self, asked):
        """First days of the periods from the first judgement to that of ``asked``."""
        query = SQL(
            "SELECT min(period_start) FROM kpi_target_value WHERE grain = %s",
            asked.grain,
        )
        ((first,),) = self.env.execute_query(query)
        if not first or first > asked.start:
            return []
        self.env["kpi.gamification.outcome"]._prepare(asked, first)
        periods = asked.calendar._periods(asked.grain, first, asked.start)
        return [period.start for period in periods]

    @api.model
    def _as_of_sql(self, asked, streak_type):
        """SQL of ``kpi_id``, ``user_id``, ``current_streak`` and ``streak_start_date``,
        up to the period of ``asked``.

        What is stored where that was decided last; worked out for others, and, as
        judged, for KPIs of which something was corrected.
        """
        corrected = self.env["kpi.achievement.correction"]._list_reports(asked)
        latest = self.search(
            Domain("company_id", "=", asked.company.id)
            & Domain("grain", "=", asked.grain)
            & Domain("streak_type", "=", streak_type),
            order="period_start desc",
            limit=1,
        )
        is_stored = latest.period_start == asked.start
        if is_stored:
            stored = SQL(
                """
                SELECT kpi_id, user_id, current_streak, streak_start_date
                  FROM kpi_performance_streak AS streak
                 WHERE streak.company_id = %(company_id)s
                   AND streak.grain = %(grain)s
                   AND streak.streak_type = %(streak_type)s
                   AND streak.kpi_id <> ALL(%(others)s)
                   AND %(of_people)s
                """,
                **asked.params,
                streak_type=streak_type,
                others=corrected if asked.basis == "judged" else [],
                of_people=asked.of_people_sql("streak"),
            )
            if asked.basis == "now" or not corrected:
                return stored
        columns = self._fold(asked, streak_type, corrected if is_stored else None)
        worked_out = SQL(
            "SELECT kpi_id, user_id, current_streak, streak_start_date"
            " FROM unnest(%s) AS fold(%s)",
            arrays_sql(self, columns),
            SQL(", ").join(map(SQL.identifier, COLUMNS)),
        )
        return SQL("%s UNION ALL %s", stored, worked_out) if is_stored else worked_out


def _columns_sql(table, names):
    return SQL(", ").join(SQL.identifier(table, name) for name in names)
