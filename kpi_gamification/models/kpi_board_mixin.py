from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import GRAINS, Period

from .kpi_gamification_outcome import FACTS, HELD

SCORES = [
    ("achievement_percentage", "Achievement"),
    ("points_earned", "Points Earned"),
    ("improvement_rate", "Improvement"),
    ("consistency_score", "Consistency"),
]
SUBJECT_MODELS = {
    "user": "res.users",
    "department": "hr.department",
    "team": "kpi.team",
}
MOST_ACHIEVEMENT = 120  # what is above counts as this
PODIUM, NEIGHBOURS = 3, 2
DECIMALS = 1  # of scores, as they are shown and compared
# A group of so many people counts as much by itself as by the mean of all groups.
USUAL_PEOPLE = 3
# Of fewer people the score of a group is that of a person.
LEAST_GROUP = 5
# So many of those who are not shown could be the last one, at least.
LEAST_HIDDEN = 2


class KpiBoardMixin(models.AbstractModel):
    """Scores people, departments or teams by KPIs or points, and ranks them.

    Models name their type, ``_board_type``, and who is ranked, ``_competing_sql``, a
    SELECT of ids; ``_frozen_sql`` where they store periods. A score is a value of
    ``score_calculation`` and a method ``_score_<value>(period)``: SELECT of
    ``subject_id``, ``raw_score``, ``fact_count``.
    """

    _name = "kpi.board.mixin"
    _description = "Scored Board"
    _inherit = ["kpi.gamification.company.mixin"]
    _board_type = ""

    definition_ids = fields.Many2many(
        "kpi.definition", string="KPIs", help="Leave empty for all KPIs with a target."
    )
    score_calculation = fields.Selection(
        SCORES,
        "Ranked By",
        required=True,
        default="achievement_percentage",
        help="Improvement: change since the previous period. Consistency: share of "
        "the year's periods on target. Achievement is capped at 120%.",
    )
    least_facts = fields.Integer(
        "Minimum Values",
        default=1,
        required=True,
        aggregator=None,
        help="Minimum values needed to be ranked.",
    )

    _least_facts_positive = models.Constraint(
        "CHECK (least_facts >= 1)", "“Minimum Values” must be 1 or more."
    )

    board = fields.Json(compute="_compute_board", exportable=False)

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_board(self):
        for board in self:
            board.board = board._origin and board._origin.get_board() or False

    @api.constrains("score_calculation")
    def _check_points_of_people(self):
        for board in self:
            is_of_points = board.score_calculation == "points_earned"
            if is_of_points and board._get_subject() != "user":
                raise ValidationError(
                    self.env._("Only people can be ranked by points.")
                )

    def _get_subject(self):
        """Whom it ranks: a key of ``SUBJECT_MODELS``."""
        kind = self[self._board_type]
        return kind if kind in SUBJECT_MODELS else "user"

    def _find_places(self, periods, mine=(), frozen=(), *, is_live=False):
        """Rank all whom the user may see, in the first of ``periods``.

        Hidden people are left out before ranks are counted: no gap betrays them.

        :param periods: the ``Period`` and the one before it, if there is one
        :param mine: ids of those that are the user's own, seen in any case
        :param frozen: periods whose scores are read as they were stored
        :param is_live: by the current values of periods that run
        :return: list of dicts, best first: ``subject_id``, ``score``, ``fact_count``,
            ``rank`` (None: not ranked yet), ``previous_rank`` (None: none, or the last
            one), ``gap`` (what is missing to the next better score; None for the first)
        """
        self.ensure_one()
        self.env.flush_all()
        parts = [
            self._frozen_sql(place, period)
            if period in frozen
            else self._scored_sql(place, period, is_live=is_live)
            for place, period in enumerate(periods)
        ]
        league = self._find_league(mine)
        return self.env.execute_query_dict(
            SQL(
                """
                WITH scored AS (%(scored)s),
                ranked AS (
                    SELECT scored.*,
                           CASE WHEN %(is_ranked)s THEN rank() OVER best END AS rank,
                           CASE WHEN %(is_ranked)s THEN
                                max(score) OVER (best GROUPS BETWEEN 1 PRECEDING
                                                               AND 1 PRECEDING) - score
                            END AS gap
                      FROM scored
                     WHERE %(shown)s
                    WINDOW best AS (PARTITION BY place, %(is_ranked)s
                                        ORDER BY score DESC)
                )
                SELECT subject_id, score::float8, fact_count, rank,
                       -- nor is it said who was the last one before
                       nullif(previous_rank, previous_last) AS previous_rank,
                       gap::float8
                  -- no join: it would compare everybody with everybody
                  FROM (SELECT ranked.*, max(rank) FILTER (WHERE place = 1)
                               OVER (PARTITION BY subject_id) AS previous_rank,
                               max(rank) FILTER (WHERE place = 1)
                               OVER () AS previous_last
                          FROM ranked) AS placed
                 WHERE place = 0
              ORDER BY rank NULLS LAST, score DESC, subject_id
                """,
                scored=SQL(" UNION ALL ").join(parts),
                is_ranked=SQL(
                    "(fact_count >= %s AND people_count >= %s)",
                    self.least_facts,
                    1 if self._get_subject() == "user" else LEAST_GROUP,
                ),
                shown=SQL(
                    "%s AND %s",
                    self._shown_sql(mine),
                    SQL("subject_id = ANY(%s)", league) if league else SQL("TRUE"),
                ),
            )
        )

    def _shown_sql(self, mine):
        """SQL of whether a row ``scored`` may be shown to the user."""
        if self._get_subject() != "user":
            return SQL("TRUE")
        # Of who left nobody sees a place any more: they cannot choose.
        return SQL(
            """
            (subject_id = ANY(%s)
             OR %s AND EXISTS (SELECT FROM res_users AS person
                                WHERE person.id = subject_id AND person.active))
            """,
            list(mine),
            self.env["kpi.gamification.choice"]._shown_to_me(
                SQL("subject_id"), SQL("%s", self.company_id.id)
            ),
        )

    def _find_league(self, mine):
        """Ids of the people with whom the user is compared; none: all of the board.

        :param mine: ids of those on the board that are the user's own
        """
        return []

    def _scored_sql(self, place, period, *, is_live=False):
        """SELECT of subject_id, place, score, raw_score, fact_count, people_count.

        Few people go up and down by chance: their group leans to the mean of all.
        """
        people, is_of_users = SQL("1"), self._get_subject() == "user"
        if not is_of_users:
            people = SQL(
                """
                (SELECT greatest(count(DISTINCT member.user_id), 1)
                   FROM kpi_membership AS member
                  WHERE member.scope_type = %(subject)s
                    AND member.scope_id = facts.subject_id
                    AND member.date_from < %(stop)s
                    AND member.date_to >= %(stop)s)::int
                """,
                subject=self._get_subject(),
                stop=period.stop,
            )
        return SQL(
            """
            SELECT subject_id, %(place)s AS place,
                   round((raw_score + %(usual)s * (avg(raw_score) OVER () - raw_score)
                          / (people_count + %(usual)s))::numeric, %(decimals)s)
                     AS score,
                   raw_score, fact_count, people_count
              FROM (SELECT facts.*, %(people)s AS people_count
                      FROM (%(facts)s) AS facts
                     WHERE subject_id IN (%(competing)s)) AS counted
            """,
            place=place,
            usual=0 if is_of_users else USUAL_PEOPLE,
            decimals=DECIMALS,
            people=people,
            facts=self._live_sql(period)
            if is_live
            else getattr(self, f"_score_{self.score_calculation}")(period),
            competing=self._competing_sql(period),
        )

    def _score_achievement_percentage(self, period):
        return self._judged_sql(period, SQL("value.achievement"))

    def _live_sql(self, period):
        """SELECT of the mean achievement of current values in a period that runs, of
        the target to date, by the weights of the KPIs.
        """
        chosen = self.definition_ids.ids
        # The same for all: who takes part, and the day of the company.
        choices = self.env["kpi.gamification.choice"].sudo()
        today = SQL("%s::date", self.company_id._get_gamification_today())
        weight = choices.env["kpi.gamification.change"]._weight_sql(period)
        return SQL(
            """
            SELECT report.scope_id AS subject_id,
                   sum(%(weight)s * least(%(most)s, greatest(0, report.achievement)))
                     / sum(%(weight)s) AS raw_score,
                   count(*)::int AS fact_count
              FROM kpi_report AS report
              JOIN kpi_definition AS kpi ON kpi.id = report.definition_id
             WHERE report.active
               AND report.scope_type = %(subject)s
               AND report.company_id = %(company_id)s
               AND report.achievement IS NOT NULL
               AND report.current_period_start < %(stop)s
               AND report.current_period_stop > %(today)s
               AND %(weight)s > 0
               AND %(chosen)s
               AND %(evaluated)s
          GROUP BY report.scope_id
            """,
            most=MOST_ACHIEVEMENT,
            weight=weight,
            subject=self._get_subject(),
            company_id=self.company_id.id,
            stop=period.stop,
            today=today,
            chosen=SQL("kpi.id = ANY(%s)", chosen) if chosen else SQL("TRUE"),
            evaluated=choices._evaluated(
                SQL("report.user_id"),
                SQL("report.company_id"),
                today,
                SQL("report.current_period_start"),
            ),
        )

    def _score_improvement_rate(self, period):
        """SQL of points of achievement won since the period before of each KPI."""
        return self._judged_sql(
            period, SQL("value.achievement - earlier.achievement"), is_change=True
        )

    def _score_consistency_score(self, period):
        """SQL of the share of periods on target, in the year up to the end."""
        year = Period("day", fields.Date.subtract(period.stop, years=1), period.stop)
        is_reached = "CASE WHEN value.status = 'on_target' THEN 100.0 ELSE 0.0 END"
        return self._judged_sql(year, SQL(is_reached))

    def _score_points_earned(self, period):
        return SQL(
            """
            SELECT user_id AS subject_id, sum(points)::float8 AS raw_score,
                   count(*)::int AS fact_count
              FROM kpi_points_entry
             WHERE day >= %s AND day < %s AND company_id = %s AND origin <> 'reward'
          GROUP BY user_id
            """,
            period.start,
            period.stop,
            self.company_id.id,
        )

    def _judged_sql(self, period, measure, *, is_change=False):
        """SELECT of the mean of ``measure`` over closed periods, of each KPI, and of
        these by their weights. A period, as a week, counts where it ends.

        By what was corrected since, where that is known. Who was away more than half of
        a period has no value of it; of what adds up over it, as revenue, less was to be
        reached by who was away for a part.

        :param measure: ``SQL`` of a row ``value``: ``achievement`` from 0 to what the
            board says, and ``status``
        :param is_change: ``measure`` also has ``earlier``, the period before
        """
        chosen = self.definition_ids.ids
        # The longest period that can end here, or before one of these, is a year.
        first = fields.Date.subtract(period.start, days=371 * (1 + is_change))
        # Everybody is compared by shares of presence, and nobody reads them.
        outcomes = self.env["kpi.gamification.outcome"].sudo()
        # The same: the company's calendar holds for everybody.
        company = self.company_id.sudo()
        asked = outcomes._ask(company, Period("day", first, period.stop), "now")
        # Calendars learn no other years, whatever day is asked for.
        judged = SQL(
            "SELECT min(%(day)s), max(%(day)s) FROM kpi_target_value"
            " WHERE %(day)s BETWEEN %(first)s AND %(stop)s"
            " AND period_stop > %(since)s AND period_stop <= %(stop)s",
            day=SQL("period_start + 0"),
            since=fields.Date.subtract(period.start, days=371 * is_change),
            first=first,
            stop=period.stop,
        )
        ((since, until),) = self.env.execute_query(judged)
        # read now: PostgreSQL knows how little it is
        presence = outcomes.env["kpi.presence"]
        away = since and presence._read_absence(company, GRAINS, since, until) or []
        return SQL(
            """
            WITH value AS (
                SELECT held.report_id, held.period_start, held.period_stop,
                       report.scope_id AS subject_id, %(weight)s AS weight,
                       %(status)s AS status,
                       least(%(most)s, greatest(0,
                         facts.achievement / CASE WHEN kpi.aggregation_time = 'sum'
                                 AND kpi.direction = 'higher'
                                THEN 1 - coalesce(absence.share, 0) ELSE 1 END))
                         AS achievement
                  FROM kpi_report AS report
                  JOIN kpi_definition AS kpi ON kpi.id = report.definition_id
                  JOIN kpi_target_value AS held
                    ON held.report_id = report.id AND held.grain = kpi.frequency
                  %(facts)s
             LEFT JOIN unnest(%(absence)s)
                       AS absence (user_id, grain, period_start, share)
                    ON absence.user_id = report.user_id
                   AND absence.grain = held.grain
                   AND absence.period_start = held.period_start
                 WHERE %(is_tracked)s
                   AND report.scope_type = %(subject)s
                   AND report.company_id = %(company_id)s
                   AND %(weight)s > 0
                   AND %(chosen)s
                   AND held.rated_at IS NOT NULL
                   AND facts.achievement IS NOT NULL
                   AND held.period_stop <= %(stop)s
                   AND held.period_start + 0 BETWEEN %(start)s AND %(stop)s
                   AND coalesce(absence.share, 0) <= 0.5
                   AND %(evaluated)s
            )
            SELECT subject_id, sum(weight * score) / sum(weight) AS raw_score,
                   sum(fact_count)::int AS fact_count
              FROM (SELECT value.subject_id, value.weight, avg(%(measure)s) AS score,
                           count(*) AS fact_count
                      FROM value
                      %(earlier)s
                     WHERE value.period_stop > %(since)s
                  GROUP BY value.report_id, value.subject_id, value.weight) AS kpi
          GROUP BY subject_id
            """,
            absence=SQL(
                "%s::int[], %s::varchar[], %s::date[], %s::float8[]",
                *([row[at] for row in away] for at in range(4)),
            ),
            most=MOST_ACHIEVEMENT,
            weight=outcomes.env["kpi.gamification.change"]._weight_sql(period)
            if asked.known["changes"]
            else SQL("kpi.weight"),
            **asked.params,
            facts=FACTS[asked.basis],
            status=outcomes._status_sql(asked),
            is_tracked=outcomes._is_tracked_sql(asked, *HELD),
            subject=self._get_subject(),
            evaluated=asked.evaluated_sql("report", first=SQL("held.period_start")),
            chosen=SQL("kpi.id = ANY(%s)", chosen) if chosen else SQL("TRUE"),
            since=period.start,
            measure=measure,
            earlier=SQL(
                "JOIN value AS earlier ON earlier.report_id = value.report_id"
                " AND earlier.period_stop = value.period_start"
            )
            if is_change
            else SQL(),
        )

    def _find_mine(self):
        """Ids of those on the board that are the user's own."""
        if self.env.context.get("kpi_is_public"):  # anybody looks, on a TV or by a link
            return []
        subject = self._get_subject()
        if subject == "user":
            return [self.env.uid]
        return self._find_my_groups(
            subject, Domain("company_id", "=", self.company_id.id)
        )

    def _find_my_groups(self, subject, where=Domain.TRUE):
        """Ids of the departments or teams in which the user works today."""
        mine = Domain("user_id", "=", self.env.uid) & Domain("scope_type", "=", subject)
        mine &= Domain("date_from", "<=", "today") & Domain("date_to", ">", "today")
        # Where the user works they know.
        found = self.env["kpi.membership"].sudo().search(mine & where)
        return found.mapped("scope_id")

    def _say_hidden(self, places, mine):
        """Say why only the user's own line is shown; nothing where others are, too."""
        if self._get_subject() != "user":
            return ""
        if self.env.context.get("kpi_is_public"):
            return self.env._("People are not ranked on public pages.")
        company = self.company_id.sudo()  # what holds for all is open
        if company.gamification_teams_only:
            return self.env._("%s compares teams only.", company.name)
        shown = sum(place["subject_id"] not in mine for place in places)
        shown += shown < len(places) and self._get_choice() == "shown"
        # the two of a duel have agreed to see each other
        is_duel = self[self._board_type] == "duel"
        if not is_duel and shown < company.gamification_least_people:
            return self.env._("Too few visible colleagues for a ranking.")
        return ""

    def _choose_places(self, places, mine, message):
        """Those of ``places`` that are shown: nobody reads who comes last.

        Of the ranked ones who are not shown at least two could be. Where it is not so
        the podium and one's own score are shown, where that says too much one's own
        score.
        """
        own = {one["subject_id"] for one in places if one["subject_id"] in mine}
        ranked = [place for place in places if place["rank"]]
        ids = [place["subject_id"] for place in ranked]
        if self._is_between(mine):
            return [one for one in places if one["rank"] or one["subject_id"] in own]
        # what holds for all is open
        is_own_only = self.company_id.sudo().gamification_own_rank_only
        is_own_only = is_own_only and self._get_subject() == "user"
        podium, near = set(), own & {*ids}
        if not is_own_only:
            podium = {one["subject_id"] for one in ranked if one["rank"] <= PODIUM}
            for at in [ids.index(one) for one in near]:
                near |= {*ids[max(at - NEIGHBOURS, 0) : at + NEIGHBOURS + 1]}
        choices = [] if message else [podium | near, podium]
        shown = next((one for one in choices if _is_last_open(ranked, one)), set())
        # One's own score says nothing of others, one's rank would.
        nothing = {"rank": None, "previous_rank": None, "gap": None}
        return [
            place
            if place["subject_id"] in shown
            else {**place, **nothing, "is_rank_hidden": place["rank"] is not None}
            for place in places
            if place["subject_id"] in shown | own
        ]

    def _say_unranked(self, lines):
        """Say why no ranks are shown of ``lines``, where somebody is ranked."""
        if lines and all(line["is_rank_hidden"] for line in lines):
            return self.env._("The ranks are hidden: they would show who is last.")
        return ""

    def _is_between(self, mine):
        """Whether it is only between the user's and one other, who agreed to it.

        :param mine: ids of those on the board that are the user's own
        """
        return False

    def _get_choice(self):
        """What colleagues see of the user here: see ``kpi.gamification.choice``."""
        choices = self.env["kpi.gamification.choice"]
        return choices.with_company(self.company_id).get_choice()

    def _prepare_lines(self, places, mine, now=None):
        """Prepare what screens and programs read of ``places``.

        :param now: id → score after corrections, of stored periods
        """
        subject = self._get_subject()
        # Whom a board shows was decided by whoever chose to be shown.
        subjects = self.env[SUBJECT_MODELS[subject]].sudo()
        subjects.browse([place["subject_id"] for place in places]).fetch(["name"])
        is_hidden = subject == "user" and self._get_choice() != "shown"
        return [
            {
                "is_rank_hidden": False,
                **place,
                "name": subjects.browse(place["subject_id"]).name,
                "now": (now or {}).get(place["subject_id"], place["score"]),
                "is_mine": place["subject_id"] in mine,
                "is_only_mine": is_hidden and place["subject_id"] in mine,
            }
            for place in places
        ]


def _is_last_open(ranked, shown):
    """Whether nobody learns from those ``shown`` who of ``ranked`` is the last."""
    if len({one["subject_id"] for one in ranked} - shown) < LEAST_HIDDEN:
        return False
    last = max(one["rank"] for one in ranked)
    return all(one["rank"] < last for one in ranked if one["subject_id"] in shown)
