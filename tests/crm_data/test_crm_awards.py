"""Won value per agent and quarter: boards, streaks and awards equal plain Python.

That these values are counted so from opportunities is shown beside this file.
"""

import csv
from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

import pytest
from crm_company import TZ, CrmCompany
from crm_files import DATA, read_agents, read_deals
from pandas_kpis import COMPANY

from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, tagged

QUARTERS = [date(2016, 10, 1), *(date(2017, month, 1) for month in (1, 4, 7, 10))]
TARGET = 75_000
ON_TARGET, CAP = 95, 120  # percent


def read_won():
    """Agent → quarter → won value, of the files alone; nothing is 0."""
    agents = [row["sales_agent"] for row in _rows("sales_teams")]
    won = {agent: dict.fromkeys(QUARTERS, 0.0) for agent in agents}
    for row in _rows("sales_pipeline"):
        if row["deal_stage"] == "Won":
            day = date.fromisoformat(row["close_date"])
            quarter = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            won[row["sales_agent"]][quarter] += float(row["close_value"])
    return won


def _rows(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def rank(score_of):
    """Score and place of each: ties share one, and the next is skipped."""
    return {
        agent: (score, 1 + sum(other > score for other in score_of.values()))
        for agent, score in score_of.items()
    }


def achieved(value, digits):
    exact = Decimal(value) * 100 / TARGET
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestCrmAwards(TransactionCase):
    """Some days after the last quarter of the files, one target for all 35 agents."""

    freeze_time = freeze_time("2018-01-12 12:00:00")

    @classmethod
    def setUpClass(cls):
        from odoo.addons.kpi_base.tests.common import (
            ClockMixin,
        )  # found by the registry

        super().setUpClass()
        cls.crm = CrmCompany(cls.env)
        ClockMixin._set_database_clock.__func__(cls, datetime.now())
        cls.env, cls.company = cls.crm.env, cls.crm.company
        # Without freezes a miss is a miss.
        cls.company.write(
            {"gamification_choice": "shown", "gamification_freeze_every": 0}
        )
        cls.crm.employees  # noqa: B018 - created on first use
        cls.env["kpi.membership"]._refresh()
        cls.won = read_won()
        cls._measure()
        cls.name_of = {user.id: name for name, user in cls.crm.users.items()}

    @classmethod
    def _measure(cls):
        calendar = cls.env["kpi.calendar"].create(
            {"name": COMPANY, "company_id": cls.company.id, "tz": TZ}
        )
        cls.company.kpi_calendar_id = calendar
        cls.kpi = cls.env["kpi.definition"].create(
            {
                "name": "Won",
                "computation": "manual",
                "unit": "currency",
                "frequency": "quarter",
                "company_id": cls.company.id,
                "calendar_id": calendar.id,
                "history_start": QUARTERS[0],
            }
        )
        agents = cls.env["res.users"].union(*cls.crm.users.values())
        cls.reports = cls.kpi._track_for("user", agents, company_id=cls.company.id)
        targets = cls.env["kpi.target"].create(
            [
                {"report_id": one.id, "date_from": QUARTERS[0], "value": TARGET}
                for one in cls.reports
            ]
        )
        targets.flush_recordset()
        # Set before, as fair play wants it.
        cls.env.cr.execute("UPDATE kpi_target SET write_date = '2016-09-01'")
        targets.invalidate_recordset()
        agent_of = {user: agent for agent, user in cls.crm.users.items()}
        rows = [
            (one.id, quarter, value)
            for one in cls.reports
            for quarter, value in cls.won[agent_of[one.user_id]].items()
        ]
        cls.env["kpi.measurement"]._upsert("quarter", rows, source="import")
        cls.reports._refresh_current()

    def _achievement(self, name, **condition):
        return self.env["kpi.achievement"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "grain": "quarter",
                "date_from": QUARTERS[0],
                "condition_ids": [Command.create(condition)],
            }
        )

    def _is_hit(self, agent, quarter):
        return 100 * self.won[agent][quarter] / TARGET >= ON_TARGET

    def test_boards_are_those_of_plain_python(self):
        board = self.env["kpi.leaderboard"].create(
            {
                "name": "Won",
                "company_id": self.company.id,
                "leaderboard_type": "company_wide",
                "ranking_period": "quarterly",
            }
        )
        before, tied = {}, 0
        for quarter in QUARTERS:
            expected = rank(
                {
                    agent: float(min(achieved(value[quarter], 1), CAP))
                    for agent, value in self.won.items()
                }
            )
            tied += len(expected) - len(set(expected.values()))
            places = board._find_places(board._get_periods(quarter))
            places = {self.name_of[place["subject_id"]]: place for place in places}
            found = {
                name: (place["score"], place["rank"]) for name, place in places.items()
            }
            self.assertEqual(found, expected, quarter)
            previous = {name: place["previous_rank"] for name, place in places.items()}
            self.assertEqual(previous, {name: before.get(name) for name in found})
            # Nobody reads who was the last one.
            last = max(place for _score, place in expected.values())
            before = {
                name: place
                for name, (_score, place) in expected.items()
                if place != last
            }
        self.assertGreater(tied, 50)  # all at 0 in the first, five in each

    def test_streaks_and_awards_are_those_of_plain_python(self):
        agents = read_agents()
        idle = set(agents.agent) - set(read_deals().agent)
        self.assertEqual(len(idle), 5)
        achievements = {
            "green": self._achievement("Green", kind="green", least=1),
            "first": self._achievement(
                "First", kind="first", definition_id=self.kpi.id, within="department"
            ),
            "year": self._achievement("Year", kind="streak", least=4),
        }
        closings = self.env["kpi.achievement.closing"]
        for company, period in closings._find_due():
            if company == self.company:
                closings._close(company, period)
        expected = set()
        groups = defaultdict(list)
        for row in agents.itertuples():
            groups[row.department].append(row.agent)
        for quarter in QUARTERS:
            for agent in self.won:
                if self._is_hit(agent, quarter):
                    expected.add(("green", agent, quarter))
            for members in groups.values():
                scores = {one: achieved(self.won[one][quarter], 2) for one in members}
                top, low = max(scores.values()), min(scores.values())
                expected |= {
                    ("first", one, quarter)
                    for one, score in scores.items()
                    if score == top > low
                }
        for agent in self.won:
            if all(self._is_hit(agent, quarter) for quarter in QUARTERS[1:]):
                expected.add(("year", agent, QUARTERS[-1]))
        key_of = {achievement: key for key, achievement in achievements.items()}
        awards = self.env["kpi.user.achievement"].search(
            [("company_id", "=", self.company.id)]
        )
        found = {
            (key_of[one.achievement_id], self.name_of[one.user_id.id], one.period_start)
            for one in awards
        }
        self.assertEqual(found, expected)
        self.assertEqual({key for key, _agent, _quarter in found}, {*achievements})
        self.assertEqual(set(awards.mapped("state")), {"earned"})
        self.assertFalse({agent for _key, agent, _quarter in found} & idle)
        self._check_streaks()
        self._check_points(expected)

    def _check_streaks(self):
        streaks = self.env["kpi.performance.streak"].search(
            [("kpi_id", "in", self.reports.ids), ("streak_type", "=", "target_met")]
        )
        self.assertEqual(len(streaks), len(self.won))
        for streak in streaks:
            agent = self.name_of[streak.user_id.id]
            runs = [
                len(list(run)) if is_hit else 0
                for is_hit, run in groupby(
                    QUARTERS, lambda quarter, agent=agent: self._is_hit(agent, quarter)
                )
            ]
            self.assertEqual(
                (streak.current_streak, streak.best_streak),
                (runs[-1], max(runs)),
                agent,
            )

    def _check_points(self, expected):
        earned = dict.fromkeys(self.won, 0)
        for _key, agent, _quarter in expected:
            earned[agent] += 10
        heads = self.env["kpi.points.balance"].search(
            [("company_id", "=", self.company.id)]
        )
        found = {self.name_of[head.user_id.id]: head.balance for head in heads}
        self.assertEqual({**dict.fromkeys(self.won, 0), **found}, earned)
        heads._cron_check()
