import random
from datetime import date, timedelta

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
        self._add_last()
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
        board = self._look(self._board())
        # All of them are first, and last.
        self.assertEqual(
            [(line["name"], line["rank"]) for line in board["lines"]], [("Ann", None)]
        )
        self.assertIn("would show who is last", board["message"])

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
        self._add_last()
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
        self._add_last()
        board = self._board()
        self.assertEqual(self._ranks(board)[0], ("Ann", 1))
        self._choose(self.ann, "hidden")
        seen = self._look(board, self.ben)
        self.assertNotIn("Ann", str(seen))
        self.assertEqual([line["rank"] for line in seen["lines"][:3]], [1, 2, 3])
        self.assertEqual(seen["count"], 7)
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
        self._add_last(months=((2026, 2), (2026, 3)))
        for number in range(2):  # who fell further
            person = self._colleague(f"fallen{number}")
            self._choose(person, "shown")
            self._judge(person, 90, month=(2026, 2))
            self._judge(person, 30 + number)
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
        months = ((2025, 4), (2025, 3), (2026, 2), (2026, 3))
        for month, achievement in zip(months, (100, 100, 90, 100), strict=True):
            self._judge_people(*[achievement] * 6, month=month)
        self._add_last(months=months)
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
        ranks = self._ranks(board, self.all_people[5])
        self.assertEqual(ranks[:2], [("Other3", 1), ("Other1", 2)])
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
        self._staff(south, 9)
        low = [self._make_department(f"Low {n}", 5) for n in range(2)]
        self.env["kpi.membership"]._refresh()
        # What people reached does not count.
        self._judge_people(*[10] * 6)
        for group, achievement in (
            (north, 100),
            (south, 110),
            *((one, 105) for one in low),
        ):
            self._judge(group, achievement)
        board = self._board(leaderboard_type="department")
        scores = {}
        for viewer in (self.ann, self.ben):
            for line in self._look(board, viewer)["lines"]:
                scores[line["name"]] = (line["score"], line["is_mine"])
                self.assertFalse(line["rank"], "one of three others would be the last")
        # Mean 105: five people (5 × 100 + 3 × 105) / 8, ten (10 × 110 + 3 × 105) / 13.
        self.assertEqual(scores, {"South": (108.8, True), "North": (101.9, True)})

    def test_departments_of_few_people_are_not_ranked(self):
        for name, count, achievement in (
            ("A", 5, 110),
            ("B", 5, 105),
            ("C", 5, 100),
            ("D", 5, 95),
            ("E", 5, 90),
            ("Tiny", 4, 120),
        ):
            self._judge(self._make_department(name, count), achievement)
        self.env["kpi.membership"]._refresh()
        board = self._board(leaderboard_type="department")
        places = [("A", 1), ("B", 2), ("C", 3)]
        self.assertEqual(self._ranks(board, self.officer), places)
        tiny = self.env["res.users"].search([("login", "=", "points_of_tiny_0")])
        self.assertEqual(self._ranks(board, tiny), [*places, ("Tiny", None)])

    def test_nobody_reads_the_scores_of_other_departments(self):
        for name, achievement in (("A", 110), ("B", 105), ("C", 100)):
            self._judge(self._make_department(name, 5), achievement)
        self.env["kpi.membership"]._refresh()
        board = self._board(leaderboard_type="department")
        board._freeze(self.calendar._today().replace(2026, 3, 1))
        mine = self.env["res.users"].search([("login", "=", "points_of_b_0")])
        for person, names in ((mine, ["B"]), (self.ann, []), (self.officer, [])):
            lines = self._as(person, self.env["kpi.leaderboard.line"])
            with self.subTest(person.name):
                found = lines.search([("leaderboard_id", "=", board.id)])
                self.assertEqual(found.sudo().department_id.mapped("name"), names)
                # a domain finds nothing either
                low = lines.search([("score", "<", 104)])
                self.assertEqual(low, lines)
                groups = lines.formatted_read_group([], ["department_id"], ["__count"])
                self.assertEqual(len(groups), len(names))

    def test_nobody_reads_who_is_last(self):
        """Of all sizes, ties and viewers: who is shown, and what that leaves open."""
        everybody = self.all_people + [self._colleague(f"more{n}") for n in range(8)]
        rng = random.Random(3)
        self.company.gamification_least_people = 2
        for count in range(2, 15):
            people = everybody[:count]
            for is_tied in (False, True):
                month = (
                    (2020 + is_tied, count % 12 + 1)
                    if count > 11
                    else (2022 + is_tied, count)
                )
                for at, person in enumerate(people):
                    self._choose(person, "shown")
                    score = rng.choice((70, 80)) if is_tied else 119 - at
                    self._judge(person, score, month=month)
                board = self._board()
                day = date(*month, 1).isoformat()
                period = board._get_periods(date(*month, 1))[:1]
                places = self._as(self.ann, board)._find_places(period, [self.ann.id])
                ranks = {one["subject_id"]: one["rank"] for one in places}
                last = max(ranks.values())
                for viewer in (*people, self.officer):
                    with self.subTest(count=count, is_tied=is_tied, by=viewer.name):
                        lines = self._look(board, viewer, day)["lines"]
                        named = {one["name"] for one in lines if one["rank"]}
                        seen = {one["rank"] for one in lines}
                        self.assertNotIn(last, seen)
                        hidden = [one for one in people if one.name not in named]
                        self.assertTrue(not named or len(hidden) >= 2)
                        for line in lines:
                            self.assertTrue(line["rank"] or line["is_mine"])

    def test_the_last_of_the_period_before_is_not_named_either(self):
        self._judge_people(110, 100, 90, 80, 70, 60, month=(2026, 2))
        self._judge_people(60, 70, 80, 90, 100, 110)
        self._add_last(months=((2026, 3),))
        lines = {
            one["name"]: one
            for one in self._look(self._board(), self.all_people[5])["lines"]
        }
        self.assertEqual(lines["Other3"]["rank"], 1)
        self.assertFalse(lines["Other3"]["previous_rank"])
        self.assertEqual(lines["Other2"]["previous_rank"], 5)

    def _add_last(self, months=((2026, 3),)):
        """Two who are behind all others, so that these are shown."""
        for number in range(2):
            person = self._colleague(f"last{number}")
            self._choose(person, "shown")
            for month in months:
                self._judge(person, 40 - 5 * months.index(month) - number, month=month)

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

    def test_weights_are_those_of_kpis_not_of_values(self):
        weekly = self._kpi("Calls", frequency="week")
        self._judge(self.ann, 60)
        for day in (2, 9, 16):
            self._judge_week(weekly, self.ann, date(2026, 3, day), 120)
        (line,) = self._look(self._board())["lines"]
        self.assertEqual((line["score"], line["fact_count"]), (90.0, 4))

    def test_a_week_counts_in_the_month_in_which_it_ends(self):
        weekly = self._kpi("Calls", frequency="week")
        # The last of each pair ends on a Sunday of the next month.
        for day, achievement in (
            (date(2026, 2, 16), 50),
            (date(2026, 2, 23), 70),  # until March 1
            (date(2026, 3, 23), 90),
            (date(2026, 3, 30), 110),  # until April 5
        ):
            self._judge_week(weekly, self.ann, day, achievement)
        board = self._board()
        for month, score in (("02", 50.0), ("03", 80.0), ("04", 110.0)):
            (line,) = self._look(board, month=f"2026-{month}-01")["lines"]
            self.assertEqual(line["score"], score, month)

    def _judge_week(self, kpi, person, start, achievement):
        report = kpi._track_for("user", person, company_id=self.company.id)
        report.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_target_value
                       (report_id, grain, period_start, period_stop, target,
                        rated_value, achievement, status, rated_at)
                VALUES (%s, 'week', %s, %s, 100, 1, %s, 'on_target', now())
                """,
                report.id,
                start,
                start + timedelta(days=7),
                achievement,
            )
        )

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
        (line,) = self._look(self._board())["lines"]
        self.assertEqual(line["score"], 105.0)

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

    def test_a_running_period_is_ranked_by_current_values(self):
        self._judge_people(119, 90, 95, 100, 105, 110)
        running = (40, 130, 80, 90, 100, 110)
        self._set_current(*running)
        board = self._board()
        with self._at("2026-04-10 12:00:00"):
            live = self._as(self.others[3], board).get_live_board()
            final = self._as(self.others[3], board).get_board()
        self.assertEqual((live["period"], final["period"]), ("Apr 2026", "Mar 2026"))
        scores = [(line["name"], line["score"]) for line in live["lines"]]
        # capped as in the final one, and the last two stay unknown
        first = [("Ben", 120.0), ("Other3", 110.0), ("Other2", 100.0), ("Other1", 90.0)]
        self.assertEqual(scores[:3], first[:3])
        self.assertNotIn("Ann", str(live))
        self._choose(self.ben, "hidden")
        with self._at("2026-04-10 12:00:00"):
            self.assertNotIn("Ben", str(self._as(self.ann, board).get_live_board()))
            with self._at("2026-05-02 12:00:00"):
                lines = self._as(self.ann, board).get_live_board()["lines"]
        self.assertFalse(lines, "values of April are none of May")
        board.score_calculation = "improvement_rate"
        self.assertIs(self._as(self.ann, board).get_live_board(), False)

    def _set_current(self, *achievements):
        """Current values of April, of the target to date."""
        for person, achievement in zip(self.all_people, achievements, strict=True):
            self.env.cr.execute(
                "UPDATE kpi_report SET achievement = %s, current_period_start ="
                " '2026-04-01', current_period_stop = '2026-05-01'"
                " WHERE scope_type = 'user' AND scope_id = %s",
                [achievement, person.id],
            )
        self.env.invalidate_all()

    def test_people_are_compared_with_those_who_have_the_same_kpis(self):
        other = self._kpi("Tickets")
        colleagues = [self._colleague(f"support{number}") for number in range(6)]
        for person in colleagues:
            self._choose(person, "shown")
            self._set_target(self._judge(person, 100, kpi=other))
        for number, person in enumerate(self.all_people):
            self._set_target(self._judge(person, 90 + number))
        board = self._board()
        names = {*map(str.lower, self._list_names(board, colleagues[0]))}
        self.assertTrue(names)
        self.assertFalse({name for name in names if not name.startswith("support")})
        names = self._list_names(board, self.others[3])
        self.assertFalse([name for name in names if name.lower().startswith("sup")])
        board.has_leagues = False
        names = self._list_names(board, self.others[3])
        self.assertTrue([name for name in names if name.lower().startswith("sup")])

    def _list_names(self, board, person):
        return [name for name, _rank in self._ranks(board, person)]

    def _set_target(self, report):
        self.env["kpi.target"].create(
            {"report_id": report.id, "date_from": date(2020, 1, 1), "value": 100}
        )

    def test_leagues_have_30_people_at_most(self):
        board, everybody = self._board(), [*range(70)]
        for me in (0, 1, 69):
            league = board._cut_league(everybody, me, 30)
            self.assertIn(me, league)
            self.assertIn(len(league), (23, 24))
        self.assertEqual(board._cut_league(everybody[:30], 3, 30), everybody[:30])
