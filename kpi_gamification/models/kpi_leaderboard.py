from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.schemas.base import GivenDay, Nothing

from .kpi_board_mixin import SUBJECT_MODELS

MOST_PERIODS = 12  # that are frozen at once, after a pause
LEAGUE = (5, 30)  # people of one
LIVE = "achievement_percentage"  # that current values are known of


class KpiLeaderboard(models.Model):
    """Ranks people, departments or teams, period by period.

    Of a closed period the scores are frozen; ranks are counted when somebody looks,
    among those whom they may see.
    """

    _name = "kpi.leaderboard"
    _description = "Leaderboard"
    _inherit = ["kpi.board.mixin"]
    _order = "sequence, name, id"
    _board_type = "leaderboard_type"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    leaderboard_type = fields.Selection(
        [
            ("department", "Department Ranking"),
            ("individual", "Individual Performance"),
            ("team", "Team Competition"),
            ("company_wide", "Company-Wide Ranking"),
        ],
        "Type",
        required=True,
        default="department",
    )
    ranking_period = fields.Selection(
        [
            ("weekly", "Weekly"),
            ("monthly", "Monthly"),
            ("quarterly", "Quarterly"),
            ("yearly", "Yearly"),
        ],
        required=True,
        default="monthly",
    )
    department_id = fields.Many2one(
        "hr.department",
        "People in Department",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "kpi.team",
        "People in Team",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    has_leagues = fields.Boolean(
        "Leagues",
        default=True,
        help="Compares each person with 5 to 30 people who have the same KPIs, or the "
        "same job position.",
    )
    frozen_from = fields.Date(readonly=True, copy=False, exportable=False)
    # Periods from the first one up to this day are stored as they were.
    frozen_until = fields.Date(readonly=True, copy=False, exportable=False)

    _leaderboard_type_choices = Choices("leaderboard_type")
    _ranking_period_choices = Choices("ranking_period")
    _score_calculation_choices = Choices("score_calculation")

    def _get_calendar(self):
        # Everybody sees the periods of the company.
        company = self.company_id.sudo()
        return company.env["kpi.calendar"]._find_company_default(company)

    def _get_grain(self):
        return self.ranking_period.removesuffix("ly")  # of "monthly": "month"

    def _competing_sql(self, period):
        subject = self._get_subject()
        if subject != "user":
            table = self.env[SUBJECT_MODELS[subject]]._table
            text = "SELECT id FROM %s WHERE active AND company_id = %s"
            return SQL(text, SQL.identifier(table), self.company_id.id)
        company = SQL("%s", self.company_id.id)
        group = self.department_id or self.team_id
        # Who takes part is asked of all, whoever looks.
        choices = self.env["kpi.gamification.choice"].sudo()
        today = SQL("%s::date", self.company_id._get_gamification_today())
        return SQL(
            """
            SELECT person.id
              FROM res_users AS person
             WHERE NOT person.share
               AND %(evaluated)s
               AND (%(group)s::int IS NULL OR EXISTS (
                     SELECT FROM kpi_membership AS member
                      WHERE member.user_id = person.id
                        AND member.company_id = %(company)s
                        AND member.scope_type = %(scope)s
                        AND member.scope_id = %(group)s
                        AND member.date_from < %(stop)s
                        AND member.date_to > %(start)s))
            """,
            evaluated=choices._evaluated(SQL("person.id"), company, today, today),
            group=group.id if group and self.leaderboard_type == "individual" else None,
            company=company,
            scope="department" if self.department_id else "team",
            start=period.start,
            stop=period.stop,
        )

    def _frozen_sql(self, place, period):
        return SQL(
            """
            SELECT %s AS subject_id, %s AS place, score::numeric, raw_score, fact_count,
                   people_count
              FROM kpi_leaderboard_line
             WHERE leaderboard_id = %s AND period_start = %s
            """,
            SQL.identifier(f"{self._get_subject()}_id"),
            place,
            self.id,
            period.start,
        )

    def _get_periods(self, day=None):
        """The ``Period`` of a day and the one before it; by default the latest one that
        has values: KPIs are judged when their period is over.
        """
        calendar = self._get_calendar()
        period = calendar._period(self._get_grain(), day or calendar._today())
        if not day and self.score_calculation != "points_earned":
            period = calendar._period_before(period)
        before = calendar._period_before(period)
        return [period, before] if before else [period]

    @api.readonly
    def get_board(self, period_start: GivenDay | Nothing = None):
        """Return a period of the board as the user may see it.

        :param period_start: a day of the period; without it the latest with values
        :return: dict of ``period``, ``period_start``, ``is_frozen``, ``message`` (why
            nobody else is shown), ``count`` and ``lines``: as ``_find_places``, with
            ``name``, ``now`` (the score after corrections), ``is_mine``,
            ``is_only_mine``, ``is_rank_hidden`` (it would show who is last)
        """
        self.ensure_one()
        self.check_access("read")
        periods = self._get_periods(fields.Date.to_date(period_start))
        mine = self._find_mine()
        frozen = [
            each
            for each in periods
            if self.frozen_until and self.frozen_from <= each.start < self.frozen_until
        ]
        places = self._find_places(periods, mine, frozen)
        period, calendar = periods[0], self._get_calendar()
        message = self._say_hidden(places, mine)
        shown = self._choose_places(places, mine, message)
        now = {}
        if shown and period in frozen:
            live = self._find_places([period], mine)
            now = {place["subject_id"]: place["score"] for place in live}
        lines = self._prepare_lines(shown, mine, now)
        is_over = period.stop <= calendar._today()
        return {
            "period": calendar._period_label(period),
            "period_start": period.start.isoformat(),
            "previous_start": (period.start - timedelta(days=1)).isoformat(),
            "next_start": is_over and period.stop.isoformat(),
            "is_frozen": period in frozen,
            "message": message or self._say_unranked(lines) or None,
            "count": 0 if message else len(places),
            "lines": lines,
        }

    @api.readonly
    def get_live_board(self):
        """Return the period that runs, by current values, as the user may see it.

        :return: as ``get_board``, or False where no current values are compared
        """
        self.ensure_one()
        self.check_access("read")
        if self.score_calculation != LIVE:
            return False
        calendar, mine = self._get_calendar(), self._find_mine()
        period = calendar._period(self._get_grain(), calendar._today())
        places = self._find_places([period], mine, is_live=True)
        message = self._say_hidden(places, mine)
        shown = self._choose_places(places, mine, message)
        lines = self._prepare_lines(shown, mine)
        return {
            "period": calendar._period_label(period),
            "period_start": period.start.isoformat(),
            "message": message or self._say_unranked(lines) or None,
            "count": 0 if message else len(places),
            "lines": lines,
        }

    def _get_race(self, period_start=None):
        """The running period where groups are ranked and values of it are there;
        otherwise, and always of people, a period as ``get_board`` has it.

        :param period_start: a day of the period; without it the latest
        :return: as ``get_board``, with ``is_live``
        """
        calendar = self._get_calendar()
        running = calendar._period(self._get_grain(), calendar._today())
        is_asked = not period_start or fields.Date.to_date(period_start) in running
        live = is_asked and self._get_subject() != "user" and self.get_live_board()
        if live and live["lines"]:
            return {**live, "is_live": True}
        return {**self.get_board(period_start), "is_live": False}

    def _find_league(self, mine):
        if not self.has_leagues or self._get_subject() != "user" or not mine:
            return []
        # Whose KPIs are alike is asked of all.
        env, (least, most) = self.sudo().env, LEAGUE
        env.flush_all()
        chosen = self.definition_ids.ids
        rows = env.execute_query(
            SQL(
                """
                WITH tracked AS (
                    SELECT report.user_id,
                           array_agg(DISTINCT report.definition_id) AS kpis
                      FROM kpi_report AS report
                     WHERE report.active
                       AND report.scope_type = 'user'
                       AND report.company_id = %(company)s
                       AND %(chosen)s
                       AND EXISTS (SELECT FROM kpi_target AS target
                                    WHERE target.report_id = report.id)
                  GROUP BY report.user_id
                ),
                work AS (
                    SELECT employee.user_id, version.job_id
                      FROM hr_employee AS employee
                      JOIN hr_version AS version
                        ON version.id = employee.current_version_id
                     WHERE employee.company_id = %(company)s
                       AND employee.active
                       AND version.job_id IS NOT NULL
                )
                SELECT basis, user_id
                  FROM (SELECT 1 AS basis, other.user_id FROM tracked AS own
                          JOIN tracked AS other USING (kpis)
                         WHERE own.user_id = %(me)s
                         UNION
                        SELECT 2, other.user_id FROM work AS own
                          JOIN work AS other USING (job_id)
                         WHERE own.user_id = %(me)s) AS alike
                 WHERE %(shown)s
              ORDER BY basis, user_id
                """,
                company=self.company_id.id,
                chosen=SQL("report.definition_id = ANY(%s)", chosen)
                if chosen
                else SQL("TRUE"),
                me=mine[0],
                # of hidden people no league is made
                shown=self.env["kpi.gamification.choice"]._shown_to_me(
                    SQL("user_id"), SQL("%s", self.company_id.id)
                ),
            )
        )
        for basis in (1, 2):
            ids = [user_id for kind, user_id in rows if kind == basis]
            if len(ids) >= max(least, env.company.gamification_least_people + 1):
                return self._cut_league(ids, mine[0], most)
        return []

    def _cut_league(self, ids, me, most):
        """The part of ``ids`` that has ``me``, of equal parts of ``most`` at most."""
        count = -(-len(ids) // most)
        parts = [ids[number::count] for number in range(count)]
        return next(part for part in parts if me in part)

    def _cron_freeze(self):
        """Freeze what has closed, days enough ago for values to be there."""
        steps = {
            f"{board.display_name} of {start}": (board._freeze, start)
            for board in self.search([])
            for start in board._find_closed()
        }
        for challenge in self.env["kpi.challenge"]._find_over():
            steps[challenge.display_name] = (challenge._end,)
        self.env["ir.cron"]._run_alone(steps)

    def _find_closed(self):
        """First days of the periods that are to be frozen, oldest first."""
        since = self.frozen_until or self.create_date.date()
        over = self.company_id._list_over(self._get_grain(), since)
        return [period.start for period in over][:MOST_PERIODS]

    def _freeze(self, start: date):
        """Store the scores of a period with what they were made of; once."""
        self.ensure_one()
        period = self._get_periods(start)[0]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH board AS (
                    -- of two at once the second is run again, and finds it done
                    UPDATE kpi_leaderboard
                       SET frozen_from = coalesce(frozen_from, %(start)s),
                           frozen_until = %(stop)s
                     WHERE id = %(id)s
                       AND coalesce(frozen_until, %(start)s) = %(start)s
                 RETURNING id, company_id
                )
                INSERT INTO kpi_leaderboard_line
                       (leaderboard_id, company_id, period_start, period_stop,
                        %(subject)s, score, raw_score, fact_count, people_count,
                        frozen_at)
                SELECT board.id, board.company_id, %(start)s, %(stop)s, subject_id,
                       score, raw_score, fact_count, people_count,
                       now() AT TIME ZONE 'UTC'
                  FROM board
            CROSS JOIN (%(scored)s) AS scored
                """,
                id=self.id,
                subject=SQL.identifier(f"{self._get_subject()}_id"),
                start=period.start,
                stop=period.stop,
                scored=self._scored_sql(0, period),
            )
        )
        self.invalidate_recordset()
        self.env["kpi.leaderboard.line"].invalidate_model()

    def write(self, vals):
        fixed = {"company_id", "leaderboard_type", "ranking_period"}
        if fixed & vals.keys() and any(self.mapped("frozen_until")):
            raise UserError(
                self.env._(
                    "Periods are stored, so these settings are fixed. Archive this "
                    "leaderboard and create another."
                )
            )
        return super().write(vals)


class KpiLeaderboardLine(models.Model):
    """A score of a closed period as it was, with what it was made of."""

    _name = "kpi.leaderboard.line"
    _description = "Leaderboard Line"
    _inherit = ["kpi.append.only.mixin", "kpi.gamification.person.mixin"]
    _log_access = False
    _rec_name = "leaderboard_id"
    _order = "period_start desc, id"

    leaderboard_id = fields.Many2one(
        "kpi.leaderboard", required=True, ondelete="restrict"
    )
    user_id = fields.Many2one(required=False)
    department_id = fields.Many2one("hr.department", ondelete="restrict")
    team_id = fields.Many2one("kpi.team", ondelete="restrict")
    period_start = fields.Date("Period", required=True)
    period_stop = fields.Date("Period End", required=True, exportable=False)
    score = fields.Float(required=True, aggregator=None)
    raw_score = fields.Float(required=True, aggregator=None)
    fact_count = fields.Integer("Values", required=True, aggregator=None)
    people_count = fields.Integer("People", required=True, aggregator=None)
    frozen_at = fields.Datetime(required=True)

    _period_idx = models.Index("(leaderboard_id, period_start)")

    def _get_shown_domain(self):
        """One's own, and of one's groups: what else to show the board decides."""
        own = Domain("user_id", "=", self.env.uid)
        for subject in ("department", "team"):
            groups = self.env["kpi.leaderboard"]._find_my_groups(subject)
            own |= Domain(f"{subject}_id", "in", groups)
        return own
