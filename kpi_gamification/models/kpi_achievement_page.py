from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_achievement_kind import PREFIX

# More are a list.
MOST_CARDS, MOST_SHOWN, MOST_STREAKS, MOST_NEXT, MOST_BOARDS = 12, 20, 12, 3, 3


class KpiAchievementPage(models.AbstractModel):
    """What somebody sees of their own achievements, and of what colleagues show."""

    _name = "kpi.achievement.page"
    _description = "My Achievements"

    @api.model
    def get_mine(self):
        """All that the page shows, in the current company, with the user's rights.

        The number of statements depends on the achievements and boards that there are,
        never on what was earned or how many people there are.

        :return: dict of ``points``, ``choice`` and ``choices`` (pairs), ``next`` (as
            ``_find_next``), ``streaks``, ``awards`` and ``award_count``, ``wall``,
            ``boards`` and ``challenges`` (that wait for an answer): lists of dicts
        """
        choices = self.env["kpi.gamification.choice"]
        awards = self.env["kpi.user.achievement"]
        members = self.env["kpi.challenge.member"]
        boards = self.env["kpi.leaderboard"].search(
            Domain("company_id", "=", self.env.company.id), limit=MOST_BOARDS
        )
        mine = awards._get_my_domain()
        return {
            "points": self.env["kpi.points.balance"]._get_mine(),
            "choice": choices.get_choice(),
            "choices": choices._fields["choice"]._description_selection(self.env),
            "next": self._find_next(),
            "streaks": self._list_streaks(),
            "awards": self._list_awards(
                awards.search(mine, order="earned_date desc, id desc", limit=MOST_CARDS)
            ),
            "award_count": awards.search_count(mine),
            "wall": self._list_wall(),
            "boards": [
                {**each.get_board(), "id": each.id, "name": each.name}
                for each in boards
            ],
            "challenges": members.search_read(
                members._get_asked_domain(), ["challenge_id", "last_date"]
            ),
        }

    @api.model
    def get_brief(self):
        """What the overview says of it.

        :return: dict of ``streaks`` (running ones whose KPI is off its target now),
            ``next`` (what is nearest, where something was reached of it)
        """
        found = [row for row in self._find_next() if row["ratio"] > 0]
        at_risk = [row for row in self._list_streaks() if row["is_at_risk"]]
        return {"streaks": at_risk, "next": found[:1]}

    def _list_streaks(self):
        streaks, rows = self.env["kpi.performance.streak"], []
        longer = streaks._get_my_domain() & Domain("current_streak", ">", 1)
        found = streaks.search(longer, limit=MOST_STREAKS)
        for streak in found:
            best = self.env._("best %s", streak.best_streak)
            left = self.env._("freezes left: %s", streak.freezes_left)
            rows.append(
                {
                    "id": streak.id,
                    "report_id": streak.kpi_id.id,
                    "kpi": streak.kpi_id.kpi_name,
                    "text": f"{streak._say()} · {best} · {left}",
                    "is_at_risk": streak._is_at_risk(),
                }
            )
        return sorted(rows, key=lambda row: not row["is_at_risk"])

    def _list_awards(self, awards):
        shares = self._read_shares(awards.achievement_id)
        return [
            {
                **award._describe(),
                "criteria": award.criteria,
                "period": award.period_label,
                "points": award.points_earned,
                "share": shares.get(award.achievement_id.id, False),
                "has_facts": bool(award.judgement_ids),
                "state": award.state != "earned" and award._label("state"),
                "reason": award.state != "earned" and award._get_reason(),
            }
            for award in awards
        ]

    def _read_shares(self, achievements):
        """Id of an achievement → share of the people of the company who have it.

        Only where there are so many people that it says nothing of one of them.
        """
        company = self.env.company.sudo()  # how many have it is open, not who
        count = company._count_staff()
        if not count:
            return {}
        rows = company.env["kpi.user.achievement"]._read_group(
            Domain("achievement_id", "in", achievements.ids)
            & Domain("state", "=", "earned")
            & Domain("user_id", "any", company._get_staff_domain()),
            ["achievement_id"],
            ["user_id:count_distinct"],
        )
        return {achievement.id: number / count for achievement, number in rows}

    def _list_wall(self):
        shown = self.env["kpi.achievement.wall"].search(
            Domain("company_id", "=", self.env.company.id)
            & Domain("user_id", "!=", self.env.uid),
            limit=MOST_SHOWN,
        )
        # Whom the wall shows was decided by whoever chose to be shown.
        names = {each.id: each.user_id.name for each in shown.sudo()}
        return [{**each._describe(), "person": names[each.id]} for each in shown]

    def _find_next(self):
        """What the user is nearest to, in the periods that are decided next.

        :return: list of dicts of ``name``, ``criteria``, ``ratio`` (reached so far, of
            what is least reached), ``done`` and ``least`` of that, or False where they
            are no counts, ``period`` and ``day`` (on which it is decided)
        """
        if self.env["kpi.gamification.choice"].get_choice() == "out":
            return []
        achievements = self.env["kpi.achievement"].search(
            Domain("company_id", "=", self.env.company.id)
            & Domain("condition_ids", "!=", False)
        )
        own = self._find_own_kpis()
        achievements = achievements.filtered(
            lambda one: all(each._can_be_met(own) for each in one.condition_ids)
        )
        # Progress is worked out as it is decided: as superuser, of the user alone.
        own, achievements = self.sudo(), achievements.sudo()
        rows = [
            row
            for period, some in own._group_by_period(achievements).items()
            for row in own._read_progress(some, period)
        ]
        rows.sort(key=lambda row: (row["ratio"] >= 1, -row["ratio"], row["day"]))
        return rows[:MOST_NEXT]

    def _find_own_kpis(self):
        """KPIs that the user is measured by in the current company."""
        own = Domain("user_id", "=", self.env.uid) & Domain("scope_type", "=", "user")
        own &= Domain("company_id", "=", self.env.company.id)
        own &= Domain("target_ids", "!=", False)
        # What they are measured by is their own.
        return self.env["kpi.report"].sudo().search(own).definition_id

    def _group_by_period(self, achievements):
        """``Period`` that is decided next → the achievements that it decides."""
        calendar = self.env["kpi.calendar"]._find_company_default(self.env.company)
        today, days = calendar._today(), self.env.company.gamification_days

        def find_period(achievement):
            running = calendar._period(achievement.grain, today)
            before = calendar._period_before(running)
            waits = before and before.stop > today - timedelta(days=days)
            is_counted = waits and before.start >= achievement.date_from
            return before if is_counted else running

        return achievements.grouped(find_period)

    def _read_progress(self, achievements, period):
        """How far the user is with what a period will decide: as ``_find_next``."""
        company, parts = self.env.company, []
        outcomes = self.env["kpi.gamification.outcome"]
        asked = {
            basis: outcomes._ask(company, period, basis, (self.env.uid,))
            for basis in {*achievements.mapped("basis")}
        }
        for each in achievements.condition_ids:
            kind, basis = self.env[PREFIX + each.kind], each.achievement_id.basis
            facts = kind._rows_sql(asked[basis], each._as_dict())
            query = "SELECT %s, done FROM (%s) AS fact WHERE user_id = %s"
            parts.append(SQL(query, each.id, facts, self.env.uid))
        rows = self.env.execute_query(SQL(" UNION ALL ").join(parts))
        done = {condition_id: float(value or 0) for condition_id, value in rows}
        calendar = self.env["kpi.calendar"]._find_company_default(company)
        return [
            {
                **self._find_farthest(achievement.condition_ids, done),
                **achievement._describe(),
                "criteria": achievement.criteria,
                "period": calendar._period_label(period),
                "day": period.stop + timedelta(days=company.gamification_days),
            }
            for achievement in achievements
            if all(
                one.id in done or not self.env[PREFIX + one.kind]._needs_row
                for one in achievement.condition_ids
            )
        ]

    def _find_farthest(self, conditions, done):
        """How much was reached of the condition of which most is missing."""
        farthest = min(conditions, key=lambda one: done.get(one.id, 0.0) / one.least)
        value, least = done.get(farthest.id, 0.0), farthest.least
        is_count = self.env[PREFIX + farthest.kind]._is_count and least >= 2
        return {
            "ratio": max(0.0, min(value / least, 1.0)),
            "done": is_count and round(min(value, least)),
            "least": is_count and round(least),
        }
