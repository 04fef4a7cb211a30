import random
from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase
from odoo.tools import SQL

from odoo.addons.kpi_base.tests.common import ClockMixin

from .board_case import BoardMixin


class TestKpiLeaderboard(ClockMixin, BoardMixin, TransactionCase):
    """Ranks of people, departments and teams."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_board_people()

    def _judge_people(self, *achievements, **values):
        for person, achievement in zip(self.all_people, achievements, strict=False):
            self._judge(person, achievement, **values)

    def test_ties_share_a_rank_and_the_next_is_skipped(self):
        self._judge_people(90, 110, 110.04, 100, 95, 80)
        board = self._board()
        # 110.04 is shown as 110.0, and compared so; nobody else reads who is last.
        ranks = [("Ben", 1), ("Other0", 1), ("Other1", 3), ("Other2", 4), ("Ann", 5)]
        self.assertEqual(self._ranks(board, self.all_people[3]), ranks)
        lines = self._look(board, self.all_people[3])["lines"]
        gaps = [line["gap"] for line in lines]
        self.assertEqual(gaps, [None, None, 10.0, 5.0, 5.0])

    def test_years_without_values_cost_nothing(self):
        self._judge_people(90, 95, 100, 105, 110, 115)
        board = self._board()
        self.assertTrue(self._look(board)["lines"])
        years = SQL(
            "SELECT (SELECT min(day) FROM kpi_calendar_day),"
            " (SELECT max(day) FROM kpi_calendar_day),"
            " (SELECT min(day) FROM kpi_working_day),"
            " (SELECT max(day) FROM kpi_working_day)"
        )
        before = self.env.execute_query(years)
        for day in ("1900-01-01", "1950-06-01", "2299-01-01", "9998-12-31"):
            with self.subTest(day):
                self.assertFalse(self._look(board, month=day)["lines"])
        self.assertEqual(self.env.execute_query(years), before)

    def test_all_tied_at_zero(self):
        self._judge_people(*[0] * 6)
        ranks = self._ranks(self._board())
        self.assertEqual({rank for _name, rank in ranks}, {1})
        self.assertEqual(len(ranks), 6)

    def test_who_has_too_few_values_is_not_ranked_yet(self):
        second = self._kpi("Visits")
        self._judge_people(90, 95, 100, 105, 110, 115)
        for person in self.all_people[1:]:
            self._judge(person, 100, kpi=second)
        board = self._board(least_facts=2)
        lines = self._look(board)["lines"]
        self.assertEqual(lines[-1]["name"], "Ann")
        self.assertFalse(lines[-1]["rank"])
        self.assertEqual([line["rank"] for line in lines[:3]], [1, 2, 3])

    def test_achievement_is_capped_and_weighted(self):
        second = self._kpi("Visits", weight=3)
        self._judge_people(500, 100, 90, 90, 90, 90)
        self._judge(self.ann, 80, kpi=second)
        line = self._look(self._board())["lines"]
        scores = {one["name"]: one["score"] for one in line}
        # (1 × 120 + 3 × 80) / 4
        self.assertEqual((scores["Ann"], scores["Ben"]), (90.0, 100.0))

    def test_ranks_are_those_of_plain_python(self):
        rng = random.Random(7)
        people = [*self.all_people, *(self._colleague(f"more{n}") for n in range(24))]
        for person in people[6:]:
            self._choose(person, "shown")
        kpis = [self.kpi, self._kpi("Visits", weight=2), self._kpi("Calls", weight=0.5)]
        facts = {person: [] for person in people}
        for person in people:
            for kpi in kpis:
                if rng.random() < 0.2:
                    continue
                achievement = rng.choice([0, 50, 80, 100, 120, 130, rng.random() * 200])
                self._judge(person, achievement, kpi=kpi)
                facts[person].append((kpi.weight, min(achievement, 120)))
        expected = {}
        for person, found in facts.items():
            if found:
                total = sum(weight for weight, _value in found)
                score = sum(weight * value for weight, value in found) / total
                expected[person.id] = round(score + 1e-9, 1)
        periods = self._board()._get_periods(self.calendar._today().replace(2026, 3, 1))
        places = self._as(self.ann, self._board())._find_places(periods, [self.ann.id])
        self.assertEqual(len(places), len(expected))
        for place in places:
            score = expected[place["subject_id"]]
            self.assertAlmostEqual(place["score"], score, delta=0.051)
            better = sum(other["score"] > place["score"] for other in places)
            self.assertEqual(place["rank"], better + 1)

    def test_hidden_people_leave_no_gap(self):
        self._judge_people(150, 90, 100, 105, 110, 115)
        extra = self._colleague("extra")
        self._choose(extra, "shown")
        self._judge(extra, 50)
        board = self._board()
        self.assertEqual(self._ranks(board)[0], ("Ann", 1))
        self._choose(self.ann, "hidden")
        seen = self._look(board, self.ben)
        self.assertNotIn("Ann", str(seen))
        self.assertEqual([line["rank"] for line in seen["lines"][:3]], [1, 2, 3])
        self.assertEqual(seen["count"], 6)
        own = self._look(board)["lines"][0]
        self.assertTrue(own["is_only_mine"])
        self.assertEqual((own["name"], own["rank"]), ("Ann", 1))
        self._choose(self.ann, "out")
        self.assertNotIn("Ann", str(self._look(board)))

    def test_podium_own_place_and_neighbours(self):
        people = [*self.all_people, *(self._colleague(f"more{n}") for n in range(6))]
        for number, person in enumerate(people):
            self._choose(person, "shown")
            self._judge(person, 119 - number)
        board = self._board()
        ranks = [rank for _name, rank in self._ranks(board, people[7])]
        self.assertEqual(ranks, [1, 2, 3, 6, 7, 8, 9, 10])
        self.assertEqual(len(self._ranks(board, self.officer)), 3)
        self.company.gamification_own_rank_only = True
        self.assertEqual(self._ranks(board, people[7]), [("More1", 8)])

    def test_few_people_are_no_board(self):
        self._judge_people(90, 100, 105, 110)
        seen = self._look(self._board())
        self.assertTrue(seen["message"])
        self.assertEqual(
            [(line["name"], line["rank"]) for line in seen["lines"]], [("Ann", None)]
        )
        self.company.gamification_teams_only = True
        self.assertIn("compares teams only", self._look(self._board())["message"])
        self.assertFalse(self._look(self._board(), self.officer)["lines"])

    def test_nobody_and_one_user(self):
        board = self._board()
        self.assertFalse(self._look(board)["lines"])
        self._judge(self.ann, 100)
        self.assertEqual(self._ranks(board), [("Ann", None)])

    def test_leavers_are_on_no_podium(self):
        self._judge_people(119, 90, 100, 105, 110, 115)
        board = self._board()
        board._freeze(self.calendar._today().replace(2026, 3, 1))
        self.ann.active = False
        for one in (board, self._board()):
            self.assertNotIn("Ann", str(self._look(one, self.ben)))

    def test_names_are_text(self):
        self.ben.name = "<b>Ben</b>"
        self._judge_people(90, 119, 100, 105, 110, 115)
        self.assertEqual(self._ranks(self._board())[0][0], "<b>Ben</b>")

    def test_previous_rank_and_improvement(self):
        self._judge_people(100, 90, 80, 70, 60, 50, month=(2026, 2))
        self._judge_people(90, 100, 80, 70, 60, 50)
        by_name = {line["name"]: line for line in self._look(self._board())["lines"]}
        self.assertEqual(
            (by_name["Ann"]["rank"], by_name["Ann"]["previous_rank"]), (2, 1)
        )
        scores = {
            line["name"]: line["score"]
            for line in self._look(self._board(score_calculation="improvement_rate"))[
                "lines"
            ]
        }
        self.assertEqual((scores["Ann"], scores["Ben"]), (-10.0, 10.0))

    def test_consistency_is_the_share_on_target_of_a_year(self):
        for month, achievement in (((2025, 4), 100), ((2025, 3), 100), ((2026, 2), 90)):
            self._judge_people(*[achievement] * 6, month=month)
        self._judge_people(*[100] * 6)
        board = self._board(score_calculation="consistency_score")
        # March 2025 is a year ago: April, February and March count.
        self.assertEqual(self._look(board)["lines"][0]["score"], 66.7)

    def test_points_of_people(self):
        self.enterContext(self._at("2026-03-10 12:00:00"))
        self._give(
            *((person, 10 * n, n) for n, person in enumerate(self.all_people, 1))
        )
        self._spend(self.all_people[5], 50)
        self.entries._reverse("award", [5], "Revoked")
        board = self._board(score_calculation="points_earned")
        self.assertEqual(self._ranks(board)[:2], [("Other3", 1), ("Other1", 2)])
        with self.assertRaises(ValidationError):
            self._board(leaderboard_type="team", score_calculation="points_earned")

    def test_departments_by_their_own_kpi_small_ones_near_the_mean(self):
        north, south = (
            self.env["hr.department"].create(
                {"name": name, "company_id": self.company.id}
            )
            for name in ("North", "South")
        )
        for person in self.all_people[1:]:
            self._employ(person, north)
        self._employ(self.ann, south)
        self.env["kpi.membership"]._refresh()
        # What people reached does not count.
        self._judge_people(*[10] * 6)
        self._judge(north, 100)
        self._judge(south, 110)
        lines = self._look(self._board(leaderboard_type="department"))["lines"]
        # Mean 105: five people (5 × 100 + 3 × 105) / 8, one (110 + 3 × 105) / 4.
        self.assertEqual(
            [(line["name"], line["score"], line["is_mine"]) for line in lines],
            [("South", 106.3, True), ("North", 101.9, False)],
        )

    def _employ(self, person, department=None):
        return self.env["hr.employee"].create(
            {
                "name": person.name,
                "user_id": person.id,
                "company_id": self.company.id,
                "department_id": department and department.id,
            }
        )

    def test_who_was_away_had_less_to_bring(self):
        kpi = self._kpi("Revenue", aggregation_time="sum")
        rate = self._kpi("Share won", aggregation_time="last")
        # Of the 22 working days of March: nine, and twelve.
        for person, last in ((self.ann, 12), (self.ben, 17)):
            resource = self._employ(person).resource_id
            resource.calendar_id.tz = "UTC"
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Away",
                    "resource_id": resource.id,
                    "calendar_id": resource.calendar_id.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-02 00:00:00",
                    "date_to": f"2026-03-{last} 23:59:59",
                    "time_type": "leave",
                }
            )
        for definition in (kpi, rate):
            self._judge_people(65, 65, 100, 100, 100, 100, kpi=definition)

        def score(person, definition):
            board = self._board(definition_ids=[(6, 0, definition.ids)])
            lines = self._look(board, person)["lines"]
            return [line["score"] for line in lines if line["is_mine"]]

        self.assertEqual(score(self.ann, kpi), [110.0])  # 65 / (13 / 22)
        self.assertEqual(score(self.ann, rate), [65.0])
        self.assertEqual(score(self.ben, kpi), [])

    def test_corrected_values_count(self):
        report = self._judge(self.ann, 90)
        self.env.cr.execute(
            """
            INSERT INTO kpi_achievement_correction
                   (report_id, grain, period_start, achievement, status, is_known)
            VALUES (%s, 'month', '2026-03-01', 105, 'on_target', TRUE)
            """,
            [report.id],
        )
        self.assertEqual(self._look(self._board())["lines"][0]["score"], 105.0)

    def test_people_of_one_team(self):
        team = self.env["kpi.team"].create(
            {"name": "Alpha", "company_id": self.company.id}
        )
        for person in self.all_people[:5]:
            self.env["kpi.team.member"].create(
                {"team_id": team.id, "user_id": person.id, "date_from": "2026-01-01"}
            )
        self.env["kpi.membership"]._refresh()
        self._judge_people(90, 100, 105, 110, 115, 119)
        board = self._board(leaderboard_type="individual", team_id=team.id)
        self.assertNotIn("Other3", str(self._look(board)))
        self.assertEqual(self._look(board)["count"], 5)

    def test_closed_periods_stay_and_say_what_changed_since(self):
        self.enterContext(self._at("2026-04-01 12:00:00"))
        board = self._board()
        board.create_date = "2026-03-20"
        board.flush_recordset()
        self.env.cr.execute(
            "UPDATE kpi_leaderboard SET create_date = '2026-03-20' WHERE id = %s",
            [board.id],
        )
        board.invalidate_recordset()
        report = self._judge(self.ann, 90)
        for person, achievement in zip(
            self.all_people[1:], (100, 105, 110, 115, 119), strict=True
        ):
            self._judge(person, achievement)
        self.assertFalse(board._find_closed())  # five days have not passed
        self.enterContext(self._at("2026-04-06 12:00:00"))
        start = self.calendar._today().replace(month=3, day=1)
        self.assertEqual(board._find_closed(), [start])
        for _twice in range(2):
            board._freeze(start)
        self.assertFalse(board._find_closed())
        lines = self.env["kpi.leaderboard.line"].search(
            [("leaderboard_id", "=", board.id)]
        )
        self.assertEqual(len(lines), 6)
        self.env.cr.execute(
            "UPDATE kpi_target_value SET achievement = 95 WHERE report_id = %s",
            [report.id],
        )
        own = self._look(board)["lines"][-1]
        self.assertEqual((own["name"], own["score"], own["now"]), ("Ann", 90.0, 95.0))
        self.assertTrue(self._look(board)["is_frozen"])
        # Who hides afterwards is hidden in what is stored, too.
        self._choose(self.ben, "hidden")
        self.assertNotIn("Ben", str(self._look(board)))
        found = self._as(self.officer, lines.sudo(False)).search([])
        self.assertNotIn(self.ben, found.user_id)
        with self.assertRaises(UserError):
            board.leaderboard_type = "department"
        self.assertFalse(
            self._look(board, month=start + timedelta(days=40))["is_frozen"]
        )
