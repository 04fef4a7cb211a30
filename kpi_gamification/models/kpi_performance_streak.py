import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.postgres import array_text
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

from ..engine.streaks import fold, trace
from .kpi_achievement import STREAK_TYPES

AT_RISK = ("at_risk", "off_target")
# Of a row that is folded.
COLUMNS = SQL(
    "kpi_id, user_id, current_streak, best_streak, streak_start_date, reached_date,"
    " freezes"
)


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
    streak_start_date = fields.Date(readonly=True, groups=fields.NO_ACCESS)
    period_start = fields.Date("Last Period", readonly=True)
    reached_date = fields.Date(readonly=True, groups=fields.NO_ACCESS)
    freezes = fields.Integer(readonly=True, groups=fields.NO_ACCESS)
    since = fields.Date(compute="_compute_own", exportable=False)
    freezes_left = fields.Integer(compute="_compute_own", exportable=False)

    _streak_type_choices = Choices("streak_type")
    _kpi_type_uniq = models.UniqueIndex(
        "(kpi_id, grain, streak_type)", "This streak already exists."
    )

    _company_idx = models.Index("(company_id, grain, streak_type)")

    def init(self):
        # Each period changes every row: with room beside it no index is written again.
        self.env.cr.execute("ALTER TABLE kpi_performance_streak SET (fillfactor = 45)")

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_own(self):
        for streak in self:
            # Both say what was missed, or that somebody was away: one's own business.
            own = streak.sudo().filtered(lambda one: one.user_id == self.env.user)
            streak.since, streak.freezes_left = own.streak_start_date, own.freezes

    def _say(self):
        """How long it is, as “6 months on target”."""
        count, types = self.current_streak, self._fields["streak_type"]
        kinds = self.env["kpi.achievement.kind"]
        return self.env._(
            "%(length)s %(outcome)s",
            length=kinds._format_length(self.grain, count),
            outcome=types.convert_to_export(self.streak_type, self).lower(),
        )

    def _is_at_risk(self):
        """Whether its KPI is off target in a period that is not decided yet."""
        kpi = self.kpi_id
        is_off = self.streak_type == "target_met" and kpi.status in AT_RISK
        return is_off and kpi.current_period_start > self.period_start

    def _trace(self, calendar, alike=None):
        """What each decided period did to this streak, oldest first.

        Called as superuser, for the person whose it is.

        :param calendar: of the company
        :param alike: ``Asked`` of the person, of which is used what was read
        :return: list of pairs: first day, and a mark as ``trace`` says
        """
        self.ensure_one()
        outcomes = self.env["kpi.gamification.outcome"]
        period = calendar._period(self.grain, self.period_start)
        people = (self.user_id.id,)
        asked = (
            outcomes._ask_alike(alike, period, "now")
            if alike
            else outcomes._ask(self.company_id, period, "now", people, calendar)
        )
        query = SQL(
            "SELECT min(period_start) FROM kpi_target_value"
            " WHERE report_id = %s AND grain = %s",
            self.kpi_id.id,
            self.grain,
        )
        ((first,),) = self.env.execute_query(query)
        reports = SQL("report.id = %s", self.kpi_id.id)
        rows = self.env.execute_query(
            SQL(
                "SELECT period_start, outcome FROM (%s) AS fact ORDER BY period_start",
                outcomes._outcomes_sql(
                    asked, self.streak_type, first or asked.start, None, reports
                ),
            )
        )
        company = self.company_id
        marks = trace(
            [outcome for _start, outcome in rows],
            company.gamification_freeze_every,
            company.gamification_freeze_most,
        )
        return [(start, mark) for (start, _), mark in zip(rows, marks, strict=True)]

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
        for streak_type in sorted({"target_met", *conditions.mapped("streak_type")}):
            query = SQL(
                """
                WITH fold AS MATERIALIZED (%(fold)s),
                changed AS (
                    UPDATE kpi_performance_streak AS known
                       SET (period_start, %(columns)s) = ROW(%(start)s::date, fold.*)
                      FROM fold
                     WHERE known.kpi_id = fold.kpi_id
                       AND known.grain = %(grain)s
                       AND known.streak_type = %(streak_type)s
                       AND (known.period_start, known.kpi_id, known.user_id,
                            known.current_streak, known.best_streak,
                            known.streak_start_date, known.reached_date, known.freezes)
                           IS DISTINCT FROM ROW(%(start)s::date, fold.*)
                 RETURNING known.kpi_id
                )
                INSERT INTO kpi_performance_streak
                       (company_id, grain, streak_type, period_start, %(columns)s)
                SELECT %(company_id)s, %(grain)s, %(streak_type)s, %(start)s, fold.*
                  FROM fold
                 WHERE NOT EXISTS (SELECT FROM changed
                                    WHERE changed.kpi_id = fold.kpi_id)
                    ON CONFLICT DO NOTHING;
                DELETE FROM kpi_performance_streak AS known
                 WHERE known.company_id = %(company_id)s
                   AND known.grain = %(grain)s
                   AND known.streak_type = %(streak_type)s
                   AND known.period_start <> %(start)s
                   AND %(of_people)s
                """,
                **asked.params,
                streak_type=streak_type,
                of_people=asked.of_people_sql("known"),
                fold=self._fold_sql(asked, streak_type),
                columns=COLUMNS,
            )
            self.env.cr.execute(query)
        self.invalidate_model()

    def _fold_sql(self, asked, streak_type, definition_id=None, report_ids=None):
        """SQL of ``COLUMNS``: streaks up to the period of ``asked``, worked out now.

        One statement makes a text for each period, of the numbers of its KPIs with how
        it went, and numpy folds over these: nothing is sorted.

        :param definition_id, report_ids: the KPIs; by default all
        """
        outcomes = self.env["kpi.gamification.outcome"]

        def choose(first, *period):
            reports = outcomes._reports_sql(asked, first, definition_id, *period)
            chosen = list(report_ids or ())
            every = report_ids is None
            return SQL("%s AND (%s OR report.id = ANY(%s))", reports, every, chosen)

        reports = choose(SQL("held.period_start"))
        is_of_all = definition_id is None and report_ids is None and not asked.user_ids
        if is_of_all and self._is_of_everybody(asked):
            reports = SQL("TRUE")  # sorted out below, sooner than by a join
        first = self._find_first(asked)
        key = ("fold", asked.period, asked.basis, streak_type, definition_id)
        rows = asked.known.get(key) if report_ids is None else None
        if rows is None:
            facts = outcomes._outcomes_sql(
                asked, streak_type, first, definition_id, reports
            )
            rows = self.env.execute_query(self._codes_sql(facts))
        periods = [np.frombuffer(codes, ">i4").astype(int) for _start, codes in rows]
        ids = np.unique(np.concatenate([[], *periods]).astype(int) // 4)

        def list_marks():
            for codes in periods:
                marks = np.zeros((3, len(ids)), bool)
                marks[codes % 4, np.searchsorted(ids, codes // 4)] = True
                yield marks[1:]

        company = asked.company
        every, most = (
            company.gamification_freeze_every,
            company.gamification_freeze_most,
        )
        streaks = fold(list_marks(), len(ids), every, most)
        return SQL(
            """
            SELECT report.id AS kpi_id, report.user_id, current_streak, best_streak,
                   day[start + 1] AS streak_start_date, day[last + 1] AS reached_date,
                   freezes
              FROM unnest(%s) AS fold(kpi_id, current_streak, best_streak, start, last,
                                      freezes)
        CROSS JOIN (SELECT %s::date[]) AS days(day)
              JOIN kpi_report AS report ON report.id = fold.kpi_id
             WHERE %s
            """,
            SQL(", ").join(
                SQL("%s::int[]", array_text(each.tolist())) for each in (ids, *streaks)
            ),
            [start for start, _codes in rows],
            choose(SQL("'infinity'::date"), asked.ends_sql),
        )

    def _codes_sql(self, facts):
        """SELECT of each period of ``facts`` with its KPIs and how it went, as text."""
        return SQL(
            """
            SELECT fact.period_start,
                   string_agg(int4send(4 * fact.report_id
                                       + position(fact.outcome IN 'hm')), '')
              FROM (%s) AS fact
          GROUP BY fact.period_start
          ORDER BY fact.period_start
            """,
            facts,
        )

    def _read_folds(self, wanted):
        """Read at once what ``_fold_sql`` reads of several streaks of few people.

        :param wanted: triples as ``_as_of_sql`` takes them, all of what is shared
        """
        outcomes = self.env["kpi.gamification.outcome"]
        keys, parts = [], []
        for asked, streak_type, definition_id in wanted:
            key = ("fold", asked.period, asked.basis, streak_type, definition_id)
            is_stored = self._find_latest(asked, streak_type) == asked.start
            if is_stored or key in keys:
                continue
            reports = outcomes._reports_sql(
                asked, SQL("held.period_start"), definition_id
            )
            facts = outcomes._outcomes_sql(
                asked, streak_type, self._find_first(asked), definition_id, reports
            )
            codes = self._codes_sql(facts)
            parts.append(SQL("SELECT %s, codes.* FROM (%s) AS codes", len(keys), codes))
            keys.append(key)
            asked.known[key] = []
        if parts:
            for at, *row in self.env.execute_query(SQL(" UNION ALL ").join(parts)):
                asked.known[keys[at]].append(row)
            for key in keys:
                asked.known[key].sort()

    def _find_first(self, asked):
        """First day of all ratings, at most that of ``asked``; read once."""
        if "first" not in asked.known:
            query = SQL("SELECT min(period_start + 0) FROM kpi_target_value")
            ((asked.known["first"],),) = self.env.execute_query(query)
        return min(asked.known["first"] or asked.start, asked.start)

    def _find_latest(self, asked, streak_type):
        """First day of the last period that streaks include, or None."""
        if "latest" not in asked.known:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT known.grain, types.type, (SELECT period_start
                                           FROM kpi_performance_streak AS streak
                                          WHERE streak.company_id = %s
                                            AND streak.grain = known.grain
                                            AND streak.streak_type = types.type
                                          LIMIT 1) -- all are of one period
                      FROM unnest(%s::varchar[]) AS known(grain)
                CROSS JOIN unnest(%s::varchar[]) AS types(type)
                    """,
                    asked.company.id,
                    [grain for grain, _label in GRAINS],
                    [key for key, _label in STREAK_TYPES],
                )
            )
            asked.known["latest"] = {row[:2]: row[2] for row in rows}
        return asked.known["latest"][asked.grain, streak_type]

    def _is_of_everybody(self, asked):
        """Whether all judgements count: of one company, to which no one came back;
        read once.
        """
        if "everybody" not in asked.known:
            is_one = self.env["res.company"].search_count([], limit=2) < 2
            back = [("counts_from", "!=", False)]
            choices = self.env["kpi.gamification.choice"]
            asked.known["everybody"] = is_one and not choices.search(back, limit=1)
        return asked.known["everybody"]

    def _as_of_sql(self, asked, streak_type, definition_id=None):
        """SQL of ``COLUMNS``, up to the period of ``asked``.

        What is stored where that was decided last; worked out for others, and, as
        judged, for KPIs of which something was corrected.

        :param definition_id: only of this KPI
        """
        if self._find_latest(asked, streak_type) != asked.start:
            return self._fold_sql(asked, streak_type, definition_id)
        corrected = self.env["kpi.achievement.correction"]._list_reports(asked)
        others = corrected if asked.basis == "judged" else []
        stored = SQL(
            """
            SELECT %(columns)s
              FROM kpi_performance_streak AS streak
             WHERE streak.company_id = %(company_id)s
               AND streak.grain = %(grain)s
               AND streak.streak_type = %(streak_type)s
               AND streak.kpi_id <> ALL(%(others)s)
               AND %(of_people)s
               AND (%(definition_id)s::int IS NULL
                    OR kpi_id IN (SELECT id FROM kpi_report
                                   WHERE definition_id = %(definition_id)s))
            """,
            **asked.params,
            columns=COLUMNS,
            streak_type=streak_type,
            others=others,
            of_people=asked.of_people_sql("streak"),
            definition_id=definition_id,
        )
        if not others:
            return stored
        fold = self._fold_sql(asked, streak_type, definition_id, others)
        return SQL("%s UNION ALL %s", stored, fold)
