from dataclasses import replace
from math import ceil

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.formatting import format_percent

PREFIX = "kpi.achievement.kind."


class KpiAchievementKind(models.AbstractModel):
    """A kind of condition: one SELECT, and one sentence.

    An addon adds one by a file::

        class KpiAchievementKindVisits(models.AbstractModel):
            _name = "kpi.achievement.kind.visits"
            _inherit = ["kpi.achievement.kind"]
            _description = "Visited customers"
            _uses = ("least",)

            def _rows_sql(self, asked, condition):
                return SQL("SELECT user_id, count(*) AS done, '{}'::int[] AS ids …")

            def _say(self, condition):
                return self.env._("%s visits", condition["least"])
    """

    _name = "kpi.achievement.kind"
    _inherit = ["kpi.gamification.outcome"]
    _description = "Condition Type"

    _uses: tuple[str, ...] = ("least",)  # fields of the condition that it reads
    _is_count = True  # what it counts may be said as "2 of 3"
    # Only who has a KPI with a target, the condition's if it names one, can earn it.
    _needs_kpi = True
    _needs_row = False  # only who has a row of ``_rows_sql`` is offered it
    _glyph = "star"  # what badges are drawn with: see badge_art.js
    # What it counts happens at a moment: achievements of such conditions alone are
    # given at once, in the running period.
    _is_event = False

    def _rows_sql(self, asked, condition):
        """SQL of a row per person: ``user_id``, ``done`` (a number that has to be at
        least the condition's), ``ids`` (integers: the judgements that it stands on).

        Whoever has no row cannot meet the condition.

        :param asked: ``Asked`` of ``kpi.gamification.outcome``: whose, when, by what
        :param condition: dict of the condition's fields, as the version holds them
        """
        raise NotImplementedError(f"{self._name} has no method _rows_sql")

    def _say(self, condition):
        """The condition as a part of a sentence.

        :param condition: as above, with the ``grain`` of its achievement
        """
        raise NotImplementedError(f"{self._name} has no method _say")

    def _say_missing(self, condition, left):
        """What it still takes, as “2 more months on target”.

        :param condition: as above
        :param left: a number above 0: what is missing of the minimum
        """
        return self._say(condition)

    def _get_glyph(self, condition):
        return self._glyph

    def _format_length(self, grain, count):
        """So many periods, as “3 months”."""
        lengths = {
            "day": (self.env._("1 day"), self.env._("%s days")),
            "week": (self.env._("1 week"), self.env._("%s weeks")),
            "month": (self.env._("1 month"), self.env._("%s months")),
            "quarter": (self.env._("1 quarter"), self.env._("%s quarters")),
            "year": (self.env._("1 year"), self.env._("%s years")),
        }
        return say_count(count, *lengths[grain])

    def _format_more(self, grain, count):
        """So many periods still to come, as “2 more months”."""
        lengths = {
            "day": (self.env._("1 more day"), self.env._("%s more days")),
            "week": (self.env._("1 more week"), self.env._("%s more weeks")),
            "month": (self.env._("1 more month"), self.env._("%s more months")),
            "quarter": (self.env._("1 more quarter"), self.env._("%s more quarters")),
            "year": (self.env._("1 more year"), self.env._("%s more years")),
        }
        return say_count(count, *lengths[grain])

    def _first_sql(self, asked, moments, *, could):
        """SQL of ``_rows_sql`` of what people do for the first time: once in a life.

        :param moments: ``SQL`` of a SELECT of user_id and moment (UTC)
        :param could: ``SQL`` of whether a person ``person`` can still do it
        """
        return SQL(
            """
            SELECT person.id AS user_id, '{}'::int[] AS ids,
                   CASE WHEN earliest.day < %(stop)s THEN 1 ELSE 0 END AS done
              FROM res_users AS person
         LEFT JOIN (SELECT user_id, (min(moment) AT TIME ZONE 'UTC'
                                     AT TIME ZONE %(tz)s)::date AS day
                      FROM (%(moments)s) AS known
                  GROUP BY user_id) AS earliest
                ON earliest.user_id = person.id
             WHERE %(of_people)s
               AND (earliest.day >= %(start)s OR earliest.day IS NULL AND %(could)s)
            """,
            **asked.params,
            moments=moments,
            could=could,
            of_people=SQL("person.id = ANY(%s)", list(asked.user_ids))
            if asked.user_ids
            else SQL("TRUE"),
            tz=asked.calendar._spec().tz,
        )

    def _name_kpi(self, condition):
        # What an achievement is for is said to all who can earn it.
        kpi = self.env["kpi.definition"].sudo().browse(condition["definition_id"] or ())
        return kpi.exists().name or self.env._("a deleted KPI")


AFTER = 3  # periods until it is asked what has changed: as many as the effect needs


class KpiAchievementKindAction(models.AbstractModel):
    """An action counts once: some periods after it took effect, when that is known."""

    _name = "kpi.achievement.kind.action"
    _inherit = ["kpi.achievement.kind"]
    _description = "Action That Improved the KPI"
    _needs_kpi = False
    _glyph = "help"

    def _rows_sql(self, asked, condition):
        period = asked.calendar._period_before(asked.period, AFTER)
        people = Domain("assigned_to", "in", asked.user_ids)
        people = people if asked.user_ids else Domain.TRUE
        found = self.env["kpi.action.item"].search(
            Domain("status", "=", "completed")
            & Domain("company_id", "=", asked.company.id)
            & Domain("effective_date", ">=", period.start)
            & Domain("effective_date", "<", period.stop)
            & people
        )
        helped = [action.assigned_to.id for action in found if _has_helped(action)]
        return SQL(
            """
            SELECT user_id, count(*) AS done, '{}'::int[] AS ids
              FROM unnest(%s::int[]) AS fact(user_id)
             WHERE %s
          GROUP BY user_id
            """,
            helped,
            asked.evaluated_sql("fact", first=SQL("%s::date", period.start)),
        )

    def _say(self, condition):
        return self.env._(
            "actions that improved the KPI: %s",
            round(condition["least"]),
        )


def _has_helped(action):
    """Check whether the whole interval of the change is on the good side."""
    effect = action._get_effect()
    if action.report_id.direction == "higher":
        return effect["low"] is not None and effect["low"] > 0
    if action.report_id.direction == "lower":
        return effect["high"] is not None and effect["high"] < 0
    return False


class KpiAchievementKindBetter(models.AbstractModel):
    """A base of 0 or less has no percentage: nobody earns by it."""

    _name = "kpi.achievement.kind.better"
    _inherit = ["kpi.achievement.kind"]
    _description = "Better Than Before"
    _uses = ("definition_id", "least", "compared_with")
    _is_count = False
    _glyph = "better"

    def _rows_sql(self, asked, condition):
        definition_id = condition["definition_id"] or 0
        base = asked.calendar._period_before(asked.period)
        if condition["compared_with"] == "year":
            base = periods.same_period_last_year(asked.calendar._spec(), asked.period)
        return SQL(
            """
            SELECT fact.user_id,
                   max(round((100 * fact.sign * (fact.value / base.value - 1))::numeric,
                             6)) AS done,
                   array_agg(fact.id) || array_agg(base.id) AS ids
              FROM (%(facts)s) AS fact
              JOIN (%(bases)s) AS base ON base.report_id = fact.report_id
             WHERE base.value > 0
               AND fact.value IS NOT NULL
               AND fact.outcome <> 'p' AND NOT fact.is_late
          GROUP BY fact.user_id
            """,
            facts=self._judgements_sql(asked, definition_id=definition_id),
            bases=self._judgements_sql(asked, base.start, base.start, definition_id),
        )

    def _say(self, condition):
        texts = {
            "kpi": self._name_kpi(condition),
            "percent": format_percent(self.env, condition["least"] / 100),
        }
        if condition["compared_with"] == "year":
            return self.env._("%(kpi)s %(percent)s better than a year ago", **texts)
        return self.env._(
            "%(kpi)s %(percent)s better than the previous period", **texts
        )


class KpiAchievementKindCoached(models.AbstractModel):
    """Of a coaching only that it was signed: never with whom, nor improvement plans."""

    _name = "kpi.achievement.kind.coached"
    _inherit = ["kpi.achievement.kind"]
    _description = "Coached Colleagues"
    _needs_kpi = False
    _glyph = "coach"

    def _rows_sql(self, asked, condition):
        return SQL(
            """
            SELECT coach_id AS user_id, count(*) AS done, '{}'::int[] AS ids
              FROM kpi_performance_coaching
             WHERE state = 'signed'
               AND coaching_type <> 'improvement_plan'
               AND company_id = %(company_id)s
               AND (GREATEST(coach_signed_at, employee_signed_at)
                    AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                   BETWEEN %(start)s AND %(stop)s::date - 1
          GROUP BY coach_id
            """,
            tz=asked.calendar._spec().tz,
            **asked.params,
        )

    def _say(self, condition):
        return self.env._("signed coachings: %s", round(condition["least"]))

    def _say_missing(self, condition, left):
        one = self.env._("1 more signed coaching")
        return say_count(ceil(left), one, self.env._("%s more signed coachings"))


class KpiAchievementKindEntry(models.AbstractModel):
    _name = "kpi.achievement.kind.entry"
    _inherit = ["kpi.achievement.kind"]
    _description = "Entered on Time"
    _needs_kpi, _needs_row = False, True
    _glyph = "time"

    def _rows_sql(self, asked, condition):
        """As the kind says: what the row of periods in time has of the next so many.

        A period with nothing due, or something still due, neither counts nor ends it.
        """
        return SQL(
            """
            SELECT user_id, '{}'::int[] AS ids,
                   CASE WHEN bool_or(is_hit AND period_start = %(start)s)
                        THEN (count(*) FILTER (WHERE is_hit) - 1) %% %(least)s + 1
                        ELSE count(*) FILTER (WHERE is_hit) %% %(least)s END AS done
              FROM (
                SELECT due.user_id, due.period_start,
                       bool_or(due.state = 'on_time')
                       AND bool_and(due.state IN ('on_time', 'known'))
                       -- nor anything missed later
                       AND NOT bool_or(bool_or(due.state IN ('late', 'overdue'))) OVER (
                         PARTITION BY due.user_id ORDER BY due.period_start DESC)
                         AS is_hit
                  FROM (%(dues)s) AS due
                 WHERE due.company_id = %(company_id)s
                   AND due.grain = %(grain)s
                   AND due.period_start <= %(start)s
                   AND due.user_id IS NOT NULL
                   AND %(evaluated)s
              GROUP BY due.user_id, due.period_start
              ) AS counted
          GROUP BY user_id
            """,
            dues=self.env["kpi.entry.due"]._table_query,
            **asked.params,
            least=ceil(condition["least"]),
            evaluated=asked.evaluated_sql("due", first=SQL("due.period_start")),
        )

    def _say(self, condition):
        count = round(condition["least"])
        if count == 1:
            return self.env._("all entries on time")
        length = self._format_length(condition["grain"], count)
        return self.env._("all entries on time for %s", length)

    def _say_missing(self, condition, left):
        more = self._format_more(condition["grain"], ceil(left))
        return self.env._("%s with all entries on time", more)


class KpiAchievementKindDiscussed(models.AbstractModel):
    """Counts once: the first discussion of a KPI from which an action came."""

    _name = "kpi.achievement.kind.discussed"
    _inherit = ["kpi.achievement.kind"]
    _description = "First Comment That Led to an Action"
    _uses = ()
    _needs_kpi, _needs_row = False, True
    _glyph, _is_event = "comment", True

    def _rows_sql(self, asked, condition):
        moments = SQL(
            """
            SELECT talk.user_id, action.create_date AS moment
              FROM kpi_discussion AS talk
              JOIN kpi_action_item AS action ON action.discussion_id = talk.id
             WHERE talk.company_id = %s
            """,
            asked.company.id,
        )
        return self._first_sql(asked, moments, could=SQL("TRUE"))

    def _say(self, condition):
        return self.env._("the first comment that led to an action")


class KpiAchievementKindEntered(models.AbstractModel):
    """Counts once: the first value that a person ever entered in the company."""

    _name = "kpi.achievement.kind.entered"
    _inherit = ["kpi.achievement.kind"]
    _description = "First Value Entered"
    _uses = ()
    _needs_kpi, _needs_row = False, True
    _glyph, _is_event = "pen", True

    def _rows_sql(self, asked, condition):
        moments = SQL(
            """
            SELECT entry.entered_by_id AS user_id, entry.submitted_at AS moment
              FROM kpi_submission AS entry
              JOIN kpi_report AS report ON report.id = entry.report_id
             WHERE report.company_id = %(company_id)s
               AND entry.submitted_at IS NOT NULL
             UNION ALL
            SELECT fact.recorded_by_id, fact.recorded_at
              FROM kpi_measurement AS fact
              JOIN kpi_report AS report ON report.id = fact.report_id
             WHERE report.company_id = %(company_id)s
               AND fact.source = 'manual'
               AND NOT EXISTS (SELECT FROM kpi_submission AS entry
                                WHERE entry.report_id = fact.report_id
                                  AND entry.grain = fact.grain
                                  AND entry.period_start = fact.period_start)
            """,
            **asked.params,
        )
        could = SQL(
            """
            EXISTS (SELECT FROM kpi_entry_duty AS duty
                      JOIN kpi_report AS report ON report.id = duty.report_id
                     WHERE duty.user_id = person.id
                       AND report.company_id = %s)
            """,
            asked.company.id,
        )
        return self._first_sql(asked, moments, could=could)

    def _say(self, condition):
        return self.env._("the first value entered")


class KpiAchievementKindFirst(models.AbstractModel):
    """Ties share the first place; where nobody is behind, nobody is first."""

    _name = "kpi.achievement.kind.first"
    _inherit = ["kpi.achievement.kind"]
    _description = "First Among Colleagues"
    _uses = ("definition_id", "within")
    _is_count = False
    _glyph = "first"

    def _rows_sql(self, asked, condition):
        """As the kind says; of all, whoever it is asked for."""
        asked, definition_id = replace(asked, user_ids=()), condition["definition_id"]
        return SQL(
            """
            SELECT user_id, max(CASE WHEN score = top AND score > low
                                     THEN 1.0 ELSE 0.0 END) AS done,
                   array_agg(DISTINCT id) AS ids
              FROM (
                SELECT fact.user_id, fact.id, fact.score,
                       max(fact.score) OVER same AS top,
                       min(fact.score) OVER same AS low
                  FROM (
                    SELECT fact.*, round(fact.achievement::numeric, 2) AS score
                      FROM (%(facts)s) AS fact
                     WHERE fact.achievement IS NOT NULL
                       AND fact.outcome <> 'p' AND NOT fact.is_late
                  ) AS fact
                  JOIN kpi_membership AS member
                    ON member.user_id = fact.user_id
                   AND member.company_id = %(company_id)s
                   AND member.scope_type = %(within)s
                   AND member.date_from < %(stop)s
                   AND member.date_to >= %(stop)s
                WINDOW same AS (PARTITION BY member.scope_id)
              ) AS ranked
          GROUP BY user_id
            """,
            facts=self._judgements_sql(asked, definition_id=definition_id or 0),
            within=condition["within"],
            **asked.params,
        )

    def _say(self, condition):
        kpi = self._name_kpi(condition)
        if condition["within"] == "team":
            return self.env._("first in the team for %s", kpi)
        return self.env._("first in the department for %s", kpi)


class KpiAchievementKindGreen(models.AbstractModel):
    _name = "kpi.achievement.kind.green"
    _inherit = ["kpi.achievement.kind"]
    _description = "All KPIs on Target"

    def _get_glyph(self, condition):
        return "all" if condition["least"] >= 2 else "target"

    def _rows_sql(self, asked, condition):
        return SQL(
            """
            SELECT fact.user_id,
                   CASE WHEN bool_and(fact.outcome IN ('h', 'x'))
                        THEN count(*) FILTER (WHERE fact.outcome = 'h')
                        ELSE 0 END AS done,
                   COALESCE(array_agg(fact.id) FILTER (WHERE fact.outcome = 'h'), '{}')
                   AS ids
              FROM (%s) AS fact
          GROUP BY fact.user_id
            """,
            self._judgements_sql(asked),
        )

    def _say(self, condition):
        return self.env._("all KPIs on target (at least %s)", round(condition["least"]))


class KpiAchievementKindStreak(models.AbstractModel):
    _name = "kpi.achievement.kind.streak"
    _inherit = ["kpi.achievement.kind"]
    _description = "Streak"
    _uses = ("definition_id", "least", "streak_type")

    def _rows_sql(self, asked, condition):
        """As the kind says: what the streak has of the next so many periods, which all
        of them are in the period that completes them, and only there.
        """
        streaks = self.env["kpi.performance.streak"]
        definition_id = condition["definition_id"] or None
        return SQL(
            """
            SELECT best.user_id, best.done,
                   -- looked up for those alone who have done enough
                   ARRAY(SELECT held.id
                           FROM kpi_target_value AS held
                          WHERE held.report_id = best.kpi_id
                            AND held.grain = %(grain)s
                            AND held.period_start BETWEEN best.streak_start_date
                                                  AND %(start)s)
                   AS ids
              FROM (
                SELECT DISTINCT ON (user_id) fact.*
                  FROM (SELECT streak.*, CASE
                               WHEN current_streak > 0 AND reached_date = %(start)s
                               THEN (current_streak - 1) %% %(least)s + 1
                               ELSE current_streak %% %(least)s END AS done
                          FROM (%(streaks)s) AS streak) AS fact
              ORDER BY user_id, done DESC, kpi_id
              ) AS best
            """,
            streaks=streaks._as_of_sql(asked, condition["streak_type"], definition_id),
            **asked.params,
            least=ceil(condition["least"]),
        )

    def _say(self, condition):
        count = round(condition["least"])
        length = self._format_length(condition["grain"], count)
        one = {
            "target_met": self.env._("on target for %s", length),
            "improvement": self.env._("improved for %s", length),
            "consistency": self.env._("steady for %s", length),
            "excellence": self.env._("stretch target reached for %s", length),
        }
        running = {
            "target_met": self.env._("on target %s running", length),
            "improvement": self.env._("improved %s running", length),
            "consistency": self.env._("steady %s running", length),
            "excellence": self.env._("stretch target reached %s running", length),
        }
        said = (running if count > 1 else one)[condition["streak_type"]]
        return self._say_of_kpi(condition, said)

    def _say_missing(self, condition, left):
        more = self._format_more(condition["grain"], ceil(left))
        said = {
            "target_met": self.env._("%s on target", more),
            "improvement": self.env._("%s of improvement", more),
            "consistency": self.env._("%s near the usual value", more),
            "excellence": self.env._("%s at the stretch target", more),
        }[condition["streak_type"]]
        return self._say_of_kpi(condition, said)

    def _say_of_kpi(self, condition, said):
        if not condition["definition_id"]:
            return said
        kpi = self._name_kpi(condition)
        return self.env._("%(kpi)s: %(said)s", kpi=kpi, said=said)

    def _get_glyph(self, condition):
        if condition["streak_type"] == "target_met" and condition["least"] >= 12:
            return "year"
        return {
            "target_met": "streak",
            "improvement": "better",
            "consistency": "steady",
            "excellence": "stretch",
        }[condition["streak_type"]]
