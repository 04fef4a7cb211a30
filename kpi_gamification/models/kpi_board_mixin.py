from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

SCORES = [
    ("achievement_percentage", "Achievement"),
    ("points_earned", "Points earned"),
    ("improvement_rate", "Improvement"),
    ("consistency_score", "Consistency"),
]
SUBJECT_MODELS = {
    "user": "res.users",
    "department": "hr.department",
    "team": "kpi.team",
}
DECIMALS = 1  # of scores, as they are shown and compared
# A group of so many people counts as much by itself as by the mean of all groups.
USUAL_PEOPLE = 3


@dataclass(frozen=True)
class Window:
    """Days ``[start, stop)`` that are scored; ``is_frozen``: as they were stored."""

    start: date
    stop: date
    is_frozen: bool = False


@dataclass(frozen=True)
class Place:
    """A line of a board; ``rank`` is None for who is not ranked yet.

    :param gap: what is missing to the next better score; None for the first
    """

    subject_id: int
    score: float
    fact_count: int
    rank: int | None
    previous_rank: int | None
    gap: float | None


class KpiBoardMixin(models.AbstractModel):
    """Scores people, departments or teams by KPIs or points, and ranks them.

    A score is added by a value of ``score_calculation`` and a method ``_score_<value>``
    that returns a SELECT of ``subject_id``, ``place``, ``raw_score`` and ``fact_count``
    of the rows ``bucket`` (``place``, ``start``, ``stop``).
    """

    _name = "kpi.board.mixin"
    _description = "Scored Board"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    definition_ids = fields.Many2many(
        "kpi.definition", string="KPIs", help="Empty: all KPIs with a target."
    )
    score_calculation = fields.Selection(
        SCORES,
        "Ranked By",
        required=True,
        default="achievement_percentage",
        help="Achievement: of the targets, weighted by KPI. Improvement: of the "
        "achievement, against the period before. Consistency: share of the periods of "
        "a year on target.",
    )
    most_achievement = fields.Float(
        "Counts at Most (%)",
        default=120.0,
        required=True,
        aggregator=None,
        help="An achievement above this counts as this, so that no single KPI decides.",
    )
    least_facts = fields.Integer(
        "Least Values",
        default=1,
        required=True,
        aggregator=None,
        help="Who has fewer is shown as not ranked yet.",
    )

    _most_achievement_range = models.Constraint(
        "CHECK (most_achievement >= 100)", "An achievement of 100 % counts in full."
    )
    _least_facts_positive = models.Constraint(
        "CHECK (least_facts >= 1)", "Nobody is ranked without any value."
    )

    @api.constrains("score_calculation")
    def _check_points_of_people(self):
        for board in self:
            is_of_points = board.score_calculation == "points_earned"
            if is_of_points and board._get_subject() != "user":
                raise ValidationError(
                    self.env._(
                        "Points belong to people. Rank departments and teams by their "
                        "own KPIs."
                    )
                )

    def _get_subject(self):
        """Say who is ranked: a key of ``SUBJECT_MODELS``."""
        raise NotImplementedError(f"{self._name} has no _get_subject")

    def _competing_sql(self, _window):
        """SELECT of ids of those who compete, whoever looks."""
        raise NotImplementedError(f"{self._name} has no _competing_sql")

    def _frozen_sql(self, _windows):
        """SELECT of what was stored of ``_windows``, as ``_scored_sql`` returns it."""
        raise NotImplementedError(f"{self._name} has no _frozen_sql")

    def _find_places(self, windows, mine=()):
        """Rank all whom the user may see, in the first of ``windows``.

        One statement. Hidden people are left out before ranks are counted, so that no
        gap betrays them.

        :param windows: the ``Window`` and the one before it, if there is one
        :param mine: ids of those that are the user's own, seen in any case
        :return: list of ``Place``, best first
        """
        self.ensure_one()
        self._flush_scored()
        parts = [
            self._frozen_sql([(place, window)])
            if window.is_frozen
            else self._scored_sql([(place, window)])
            for place, window in enumerate(windows)
        ]
        rows = self.env.execute_query(
            SQL(
                """
                WITH scored AS (%(scored)s),
                ranked AS (
                    SELECT scored.*,
                           CASE WHEN fact_count >= %(least)s THEN rank() OVER best END
                             AS rank,
                           CASE WHEN fact_count >= %(least)s THEN
                                max(score) OVER (best GROUPS BETWEEN 1 PRECEDING
                                                               AND 1 PRECEDING) - score
                            END AS gap
                      FROM scored
                     WHERE %(shown)s
                    WINDOW best AS (PARTITION BY place, fact_count >= %(least)s
                                        ORDER BY score DESC)
                )
                SELECT now.subject_id, now.score, now.fact_count, now.rank,
                       earlier.rank, now.gap
                  FROM ranked AS now
             LEFT JOIN ranked AS earlier
                    ON earlier.place = 1 AND earlier.subject_id = now.subject_id
                 WHERE now.place = 0
              ORDER BY now.rank NULLS LAST, now.score DESC, now.subject_id
                """,
                scored=SQL(" UNION ALL ").join(parts),
                least=self.least_facts,
                shown=self._shown_sql(mine),
            )
        )
        return [
            Place(
                subject_id,
                float(score),
                facts,
                rank,
                earlier,
                None if gap is None else float(gap),
            )
            for subject_id, score, facts, rank, earlier, gap in rows
        ]

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

    @api.model
    def _flush_scored(self):
        for name in (
            "hr.department",
            "kpi.definition",
            "kpi.report",
            "kpi.team",
            "res.users",
        ):
            self.env[name].flush_model()

    def _scored_sql(self, windows):
        """SELECT of subject_id, place, score, raw_score, fact_count, people_count.

        :param windows: pairs of place and ``Window``
        """
        places = [place for place, _window in windows]
        starts = [window.start for _place, window in windows]
        stops = [window.stop for _place, window in windows]
        buckets = SQL(
            """
            (SELECT * FROM unnest(%s::int[], %s::date[], %s::date[])
                        AS bucket (place, start, stop))
            """,
            places,
            starts,
            stops,
        )
        facts = getattr(self, f"_score_{self.score_calculation}")(buckets)
        competing = self._competing_sql(windows[0][1])
        if self._get_subject() == "user":
            return SQL(
                """
                SELECT subject_id, place, round(raw_score::numeric, %s) AS score,
                       raw_score, fact_count, 1 AS people_count
                  FROM (%s) AS facts
                 WHERE subject_id IN (%s)
                """,
                DECIMALS,
                facts,
                competing,
            )
        # Few people go up and down by chance: their group leans to the mean of all.
        return SQL(
            """
            SELECT subject_id, place,
                   round(((people_count * raw_score
                           + %(usual)s * avg(raw_score) OVER (PARTITION BY place))
                          / (people_count + %(usual)s))::numeric, %(decimals)s)
                     AS score,
                   raw_score, fact_count, people_count
              FROM (SELECT facts.*,
                           (SELECT greatest(count(DISTINCT member.user_id), 1)
                              FROM kpi_membership AS member
                             WHERE member.scope_type = %(subject)s
                               AND member.scope_id = facts.subject_id
                               AND member.date_from < bucket.stop
                               AND member.date_to >= bucket.stop)::int AS people_count
                      FROM (%(facts)s) AS facts
                      JOIN %(buckets)s AS bucket USING (place)
                     WHERE subject_id IN (%(competing)s)) AS counted
            """,
            usual=USUAL_PEOPLE,
            decimals=DECIMALS,
            subject=self._get_subject(),
            facts=facts,
            buckets=buckets,
            competing=competing,
        )

    def _score_achievement_percentage(self, buckets):
        return self._judged_sql(buckets, self._capped_sql(SQL("value")))

    def _score_improvement_rate(self, buckets):
        """SQL of points of achievement won since the period before of each KPI."""
        change = SQL(
            "%s - %s",
            self._capped_sql(SQL("value")),
            self._capped_sql(SQL("earlier")),
        )
        return self._judged_sql(
            buckets,
            change,
            joins=SQL(
                """
                JOIN kpi_target_value AS earlier
                  ON earlier.report_id = value.report_id
                 AND earlier.grain = value.grain
                 AND earlier.period_stop = value.period_start
                 AND earlier.achievement IS NOT NULL
                """
            ),
        )

    def _score_consistency_score(self, buckets):
        """SQL of the share of periods on target, in the year up to the end."""
        return self._judged_sql(
            buckets,
            SQL("CASE WHEN value.status = 'on_target' THEN 100.0 ELSE 0.0 END"),
            since=SQL("(bucket.stop - interval '1 year')::date"),
        )

    def _score_points_earned(self, buckets):
        return SQL(
            """
            SELECT entry.user_id AS subject_id, bucket.place,
                   sum(entry.points)::float8 AS raw_score,
                   count(*)::int AS fact_count
              FROM %s AS bucket
              JOIN kpi_points_entry AS entry
                ON entry.day >= bucket.start AND entry.day < bucket.stop
             WHERE entry.company_id = %s AND entry.origin <> 'reward'
          GROUP BY entry.user_id, bucket.place
            """,
            buckets,
            self.company_id.id,
        )

    def _capped_sql(self, row):
        """SQL of the achievement that counts, from 0 to what the board says."""
        return SQL("least(greatest(%s.achievement, 0), %s)", row, self.most_achievement)

    def _judged_sql(self, buckets, measure, *, since=None, joins=None):
        """SELECT of the mean of ``measure`` over closed periods, weighted by KPI.

        :param measure: ``SQL`` of a row ``value`` of ``kpi.target.value``
        :param since: ``SQL`` of the first day; default: that of ``bucket``
        """
        chosen = self.definition_ids.ids
        return SQL(
            """
            SELECT report.scope_id AS subject_id, bucket.place,
                   sum(definition.weight * (%(measure)s)) / sum(definition.weight)
                     AS raw_score,
                   count(*)::int AS fact_count
              FROM %(buckets)s AS bucket
              JOIN kpi_target_value AS value
                ON value.period_start >= %(since)s
               AND value.period_start < bucket.stop
               AND value.period_stop <= bucket.stop
               AND value.judged_at IS NOT NULL
               AND value.achievement IS NOT NULL
              %(joins)s
              JOIN kpi_report AS report
                ON report.id = value.report_id
               AND report.active
               AND report.scope_type = %(subject)s
               AND report.company_id = %(company)s
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
               AND definition.frequency = value.grain
               AND definition.weight > 0
               AND %(chosen)s
          GROUP BY report.scope_id, bucket.place
            """,
            measure=measure,
            buckets=buckets,
            since=since or SQL("bucket.start"),
            joins=joins or SQL(""),
            subject=self._get_subject(),
            company=self.company_id.id,
            chosen=SQL("definition.id = ANY(%s)", chosen) if chosen else SQL("TRUE"),
        )

    def _find_mine(self):
        """Ids of those on the board that are the user's own."""
        subject = self._get_subject()
        if subject == "user":
            return [self.env.uid]
        today = fields.Date.today()
        # Where the user works they know.
        own = (
            self.env["kpi.membership"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.env.uid),
                    ("company_id", "=", self.company_id.id),
                    ("scope_type", "=", subject),
                    ("date_from", "<=", today),
                    ("date_to", ">", today),
                ]
            )
        )
        return own.mapped("scope_id")

    def _name_subjects(self, places):
        """Id → name of those on the board."""
        subjects = self.env[SUBJECT_MODELS[self._get_subject()]]
        # Whom a board shows was decided by whoever chose to be shown.
        found = subjects.sudo().browse([place.subject_id for place in places])
        return {subject.id: subject.name for subject in found}
