from datetime import date, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_achievement import RARITIES
from .kpi_achievement_kind import PREFIX

# More are a list.
MOST_CARDS, MOST_SHOWN, MOST_STREAKS, MOST_NEXT, MOST_BOARDS = 4, 20, 12, 3, 6
STRIP = 12  # decided periods of a streak that are drawn


class KpiAchievementPage(models.AbstractModel):
    """What people see of their own achievements, and of what colleagues show."""

    _name = "kpi.achievement.page"
    _description = "Achievements"

    @api.model
    def get_mine(self):
        """All that the tab *Me* shows, in the current company, with the user's rights.

        The number of statements depends on the achievements that there are, never on
        what was earned or how many people there are.

        :return: dict of ``person``, ``points``, ``level`` (as ``_get_level``),
            ``week`` (as ``_get_week``), ``choice`` and ``choices`` (pairs), ``next``
            (as ``_find_next``), ``streaks`` (as ``_list_streaks``), ``strip`` (as
            ``_get_strip``), ``collection``, ``awards`` (the latest), ``award_count``,
            ``kudos_count``, ``challenges`` (that wait for an answer), ``goals`` (as
            ``_list_goals``) and ``celebration`` (as ``_get_celebration``)
        """
        choices = self.env["kpi.gamification.choice"]
        awards = self.env["kpi.user.achievement"]
        members = self.env["kpi.challenge.member"]
        kudos = self.env["kpi.kudos"]
        mine = awards._get_my_domain()
        choice = choices.get_choice()
        calendar = self._find_calendar()
        earned = self._read_earned()
        streaks = self._find_streaks()
        offered = self._find_offered(choice)
        asked = self._ask_each(offered, calendar)
        entries = self.env["kpi.points.entry"]
        return {
            "person": self._describe_person(),
            "points": self.env["kpi.points.balance"]._get_mine(),
            "level": self.env["kpi.achievement.level"]._get_level(
                self.env.company, entries._sum_earned()
            ),
            "week": self._get_week(calendar),
            "choice": choice,
            "choices": choices._fields["choice"]._description_selection(self.env),
            "next": self._find_next(offered, asked),
            "streaks": self._list_streaks(streaks),
            "strip": self._get_strip(streaks[:1], calendar, asked),
            "collection": self._list_collection(offered, earned),
            "awards": self._list_awards(
                awards.search(mine, order="earned_date desc, id desc", limit=MOST_CARDS)
            ),
            "award_count": sum(count for _version, count in earned),
            "kudos_count": kudos.search_count(kudos._get_my_domain()),
            "challenges": members.search_read(
                members._get_asked_domain(), ["challenge_id", "last_date"]
            ),
            "goals": self._list_goals(),
            "celebration": self._get_celebration(calendar),
        }

    def _list_goals(self):
        """Team goals that run with the user: ``id``, ``name`` and ``progress``."""
        challenges = self.env["kpi.challenge"].search(
            Domain("company_id", "=", self.env.company.id)
            & Domain("challenge_type", "=", "goal")
            & Domain("is_ended", "=", False)
            & Domain(
                "member_ids",
                "any",
                [("user_id", "=", self.env.uid), ("answer", "=", "accepted")],
            )
        )
        return [
            {"id": one.id, "name": one.name, "progress": one.progress}
            for one in challenges
        ]

    @api.model
    def get_standings(self):
        """What the tab *Standings* shows.

        :return: dict of ``boards`` (each as ``get_board``, with ``id``, ``name`` and
            ``live``, as ``get_live_board``) and ``feed``: what colleagues show and
            thank for, latest first
        """
        boards = self.env["kpi.leaderboard"].search(
            Domain("company_id", "=", self.env.company.id), limit=MOST_BOARDS
        )
        return {
            "boards": [
                {
                    **each.get_board(),
                    "id": each.id,
                    "name": each.name,
                    "live": each.get_live_board(),
                }
                for each in boards
            ],
            "feed": self._list_feed(),
        }

    @api.model
    def get_brief(self):
        """What the overview shows of it.

        :return: dict of ``streaks`` (running ones whose KPI is off its target now),
            ``next`` (what is nearest, where something was reached of it), ``choice``
            and ``celebration`` (as ``_get_celebration``)
        """
        choice = self.env["kpi.gamification.choice"].get_choice()
        offered = self._find_offered(choice)
        calendar = self._find_calendar()
        asked = self._ask_each(offered, calendar)
        found = [row for row in self._find_next(offered, asked) if row["ratio"] > 0]
        streaks = self._list_streaks(self._find_streaks())
        return {
            "streaks": [row for row in streaks if row["is_at_risk"]],
            "next": found[:1],
            "choice": choice,
            "celebration": self._get_celebration(calendar),
        }

    def _find_calendar(self):
        company = self.env.company.sudo()  # its calendar holds for everybody
        return company.env["kpi.calendar"]._find_company_default(company)

    def _get_celebration(self, calendar):
        """What was earned since the last visit: the rarest, as ``awards`` has it, with
        ``others`` (how many more), or False.
        """
        award, others = self.env["kpi.user.achievement"]._find_celebration()
        if not award:
            return False
        return {
            **award._describe(),
            "criteria": award.criteria,
            "period": calendar._period_label(
                calendar._period(award.grain, award.period_start)
            ),
            "points": award.points_earned,
            "others": others,
        }

    def _describe_person(self):
        user = self.env.user
        # Where they work themselves they know.
        employees = self.env["hr.employee"].sudo()
        work = employees.search_read(
            Domain("user_id", "=", user.id)
            & Domain("company_id", "=", self.env.company.id),
            ["department_id"],
            limit=1,
        )
        department = work and work[0]["department_id"]
        # of a path of departments the last one
        name = department and department[1].split(" / ")[-1]
        return {"id": user.id, "name": user.name, "department": name or ""}

    def _get_week(self, calendar):
        """How the user moved in the running week of the company's calendar.

        :return: dict of ``points`` and ``points_before`` (of the week before), and
            ``awards`` and ``kudos`` of this week
        """
        week = calendar._period("week", calendar._today())
        before = week.start - timedelta(days=7)
        entries = self.env["kpi.points.entry"]
        rows = entries._read_group(
            entries._get_my_domain()
            & Domain("day", ">=", before)
            & Domain("origin", "!=", "reward"),
            ["origin", "day:day"],
            ["points:sum", "__count"],
        )
        this = [row for row in rows if row[1] >= week.start]
        return {
            "points": sum(points for _origin, _day, points, _count in this),
            "points_before": sum(row[2] for row in rows if row[1] < week.start),
            "awards": sum(row[3] for row in this if row[0] == "award" and row[2] > 0),
            "kudos": sum(row[3] for row in this if row[0] == "kudos" and row[2] > 0),
        }

    def _find_streaks(self):
        """Running streaks of the user, longest first, one for each KPI."""
        streaks = self.env["kpi.performance.streak"]
        longer = streaks._get_my_domain() & Domain("current_streak", ">", 1)
        # Of one's own rows all is read, and at once.
        own = streaks.sudo().search_fetch(longer)
        found = own.sudo(False).sorted(
            lambda one: (-one.current_streak, one.streak_type != "target_met")
        )
        first = {}
        for streak in found:
            first.setdefault(streak.kpi_id, streak.id)
        return streaks.browse([*first.values()][:MOST_STREAKS]).with_prefetch(found.ids)

    def _list_streaks(self, streaks):
        rows = []
        for streak in streaks:
            best = self.env._("best %s", streak.best_streak)
            left = self.env._("freezes left: %s", streak.freezes_left)
            title = streak._say()
            rows.append(
                {
                    "id": streak.id,
                    "report_id": streak.kpi_id.id,
                    "kpi": streak.kpi_id.kpi_name,
                    "title": title,
                    "text": f"{title} · {best} · {left}",
                    "is_best": streak.current_streak >= streak.best_streak,
                    "best": streak.best_streak,
                    "freezes": streak.freezes_left,
                    "is_at_risk": streak._is_at_risk(),
                }
            )
        return rows

    def _get_strip(self, streak, calendar, asked):
        """The last decided periods of a streak, and the one that runs.

        :param asked: as of ``_ask_each``
        :return: list of dicts of ``label`` and ``mark`` (as ``trace``, "o": still open)
        """
        if not streak:
            return []
        # Worked out as it is decided: as superuser, of the user's own alone.
        own, alike = streak.sudo(), next(iter(asked.values()), None)
        marks = dict(own._trace(calendar, alike)[-STRIP:])
        while marks and next(iter(marks.values())) not in "hm":
            del marks[next(iter(marks))]  # of before there were values
        period = calendar._period(own.grain, own.period_start)
        after = calendar._period(own.grain, period.stop)
        return [
            {
                "label": calendar._period_label(calendar._period(own.grain, start)),
                "mark": mark,
            }
            for start, mark in [*marks.items(), (after.start, "o")]
        ]

    def _read_earned(self):
        """Pairs of a version and how often the user earned it, and still has it."""
        awards = self.env["kpi.user.achievement"]
        return awards._read_group(
            awards._get_my_domain() & Domain("state", "=", "earned"),
            ["version_id"],
            ["__count"],
        )

    def _list_collection(self, offered, earned):
        """What the user has, and what they can still earn.

        :param earned: as of ``_read_earned``
        :return: dicts as of ``_describe``, with ``count`` and ``criteria``; the rarity
            of what was earned is the rarest with which it was
        """
        counts, rarest = {}, {}
        order = [key for key, _label in RARITIES]
        for version, count in earned:
            one = version.achievement_id
            counts[one] = counts.get(one, 0) + count
            rarest[one] = max(
                rarest.get(one, "common"), version.rarity, key=order.index
            )
        every = (offered | self.env["kpi.achievement"].union(*counts)).sorted(
            lambda one: (order.index(rarest.get(one, one.rarity)), one.points_value)
        )
        labels = dict(every._fields["rarity"]._description_selection(self.env))
        return [
            {
                **one._describe(),
                "count": counts.get(one, 0),
                "criteria": one.criteria,
                "points": one.points_value,
                "rarity": rarest.get(one, one.rarity),
                "rarity_label": labels[rarest.get(one, one.rarity)],
            }
            for one in every.sorted(lambda one: one not in counts)
        ]

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

    def _list_feed(self):
        """What colleagues show, and whom they thank, latest first."""
        of_company = Domain("company_id", "=", self.env.company.id)
        others = of_company & Domain("user_id", "!=", self.env.uid)
        shown = self.env["kpi.achievement.wall"].search(others, limit=MOST_SHOWN)
        thanks = self.env["kpi.kudos"].search(of_company, limit=MOST_SHOWN)
        shown.achievement_id.mapped("badge_glyph")  # of all at once
        # Whom these name was decided by those who chose to be shown.
        open_shown, open_thanks = shown.sudo(), thanks.sudo()
        rows = [
            {
                **award._describe(),
                "kind": "award",
                "person": own.user_id.name,
                "person_id": own.user_id.id,
                "day": award.earned_date.date(),
            }
            for award, own in zip(shown, open_shown, strict=True)
        ]
        rows += [
            {
                "kind": "kudos",
                "id": kudos.id,
                "person": own.giver_id.name,
                "person_id": own.giver_id.id,
                "to": own.user_id.name,
                "text": kudos.text,
                "day": kudos.day,
            }
            for kudos, own in zip(thanks, open_thanks, strict=True)
        ]
        rows.sort(key=lambda row: row["day"], reverse=True)
        return rows[:MOST_SHOWN]

    def _find_offered(self, choice):
        """Achievements that the user can earn, of the current company.

        :param choice: of the user, as ``get_choice`` returns it
        """
        if choice == "out":
            return self.env["kpi.achievement"]
        achievements = self.env["kpi.achievement"].search_fetch(
            Domain("company_id", "=", self.env.company.id)
            & Domain("condition_ids", "!=", False)
        )
        own = self._find_own_kpis()
        return achievements.filtered(
            lambda one: all(each._can_be_met(own) for each in one.condition_ids)
        )

    def _find_next(self, achievements, asked):
        """What the user is nearest to, in the periods that are decided next.

        :param achievements: as of ``_find_offered``
        :param asked: as of ``_ask_each``
        :return: list of dicts of ``name``, ``criteria``, ``needs`` (what it still
            takes), ``ratio`` (reached so far, of what is least reached), ``done`` and
            ``least`` of that, or False where they are no counts, ``points``, ``period``
            and ``day`` (on which it is decided; False: given at once)
        """
        if not achievements:
            return []
        # Progress is worked out as it is decided: as superuser, of the user alone.
        own, achievements = self.sudo(), achievements.sudo()
        rows = own._read_progress(achievements, asked)
        rows.sort(
            key=lambda row: (row["ratio"] >= 1, -row["ratio"], row["day"] or date.min)
        )
        return rows[:MOST_NEXT]

    def _find_own_kpis(self):
        """KPIs that the user is measured by in the current company."""
        own = Domain("user_id", "=", self.env.uid) & Domain("scope_type", "=", "user")
        own &= Domain("company_id", "=", self.env.company.id)
        own &= Domain("target_ids", "!=", False)
        # What they are measured by is their own.
        return self.env["kpi.report"].sudo().search_fetch(own).definition_id

    def _find_period(self, achievement, calendar, today):
        """The ``Period`` that is decided next."""
        days = self.env.company._get_delay(achievement.grain)
        running = calendar._period(achievement.grain, today)
        before = calendar._period_before(running)
        waits = before and before.stop > today - timedelta(days=days)
        is_counted = waits and before.start >= achievement.date_from
        is_counted = is_counted and not achievement._is_at_once()
        return before if is_counted else running

    def _ask_each(self, achievements, calendar):
        """Achievement → ``Asked`` of the period that is decided next; what they have in
        common is read once.
        """
        if not achievements:
            return {}
        # Progress is worked out as it is decided: as superuser, of the user alone.
        self, achievements = self.sudo(), achievements.sudo()
        outcomes = self.env["kpi.gamification.outcome"]
        company, today = self.env.company, calendar._today()
        found = {
            each: self._find_period(each, calendar, today) for each in achievements
        }
        period = min(found.values(), key=lambda one: one.start)
        asked = outcomes._ask(company, period, "now", (self.env.uid,), calendar)
        asked = {
            each: outcomes._ask_alike(asked, period, each.basis)
            for each, period in found.items()
        }
        conditions = achievements.condition_ids
        # the periods that these are about begin earlier
        if {*conditions.mapped("kind")} & {"better", "first", "green", "streak"}:
            streaks = self.env["kpi.performance.streak"]
            one = next(iter(asked.values()))
            first = streaks._find_first(one)
            grains = sorted({each.grain for each in asked.values()})
            last = max(each.start for each in asked.values())
            outcomes._fetch_excuses(one, grains, min(first, one.start), last)
            streaks._read_folds(
                [
                    (
                        asked[each.achievement_id],
                        each.streak_type,
                        each.definition_id.id or None,
                    )
                    for each in conditions.filtered(lambda own: own.kind == "streak")
                ]
            )
        return asked

    def _read_progress(self, achievements, asked):
        """How far the user is with what the next periods decide: as ``_find_next``."""
        company, parts = self.env.company, []
        calendar = next(iter(asked.values())).calendar
        for each in achievements.condition_ids:
            kind = self.env[PREFIX + each.kind]
            facts = kind._rows_sql(asked[each.achievement_id], each._as_dict())
            query = "SELECT %s, done FROM (%s) AS fact WHERE user_id = %s"
            parts.append(SQL(query, each.id, facts, self.env.uid))
        rows = self.env.execute_query(SQL(" UNION ALL ").join(parts))
        done = {condition_id: float(value or 0) for condition_id, value in rows}
        return [
            {
                **self._find_farthest(achievement.condition_ids, done),
                **achievement._describe(),
                "criteria": achievement.criteria,
                "points": achievement.points_value,
                "period": calendar._period_label(period),
                "day": not achievement._is_at_once()
                and period.stop + timedelta(days=company._get_delay(period.grain)),
            }
            for achievement in achievements
            for period in [asked[achievement].period]
            if all(
                one.id in done or not self.env[PREFIX + one.kind]._needs_row
                for one in achievement.condition_ids
            )
        ]

    def _find_farthest(self, conditions, done):
        """How much was reached of the condition of which most is missing."""
        farthest = min(conditions, key=lambda one: done.get(one.id, 0.0) / one.least)
        value, least = done.get(farthest.id, 0.0), farthest.least
        kind = self.env[PREFIX + farthest.kind]
        is_count = kind._is_count and least >= 2
        condition = {**farthest._as_dict(), "grain": farthest.achievement_id.grain}
        missing = least - value
        needs = kind._say_missing(condition, missing) if missing > 0 else ""
        return {
            "ratio": max(0.0, min(value / least, 1.0)),
            "done": is_count and round(min(value, least)),
            "least": is_count and round(least),
            "needs": f"{needs[:1].upper()}{needs[1:]}",
        }
