from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time

from odoo.addons.kpi_base.tests.common import ClockMixin

from .board_case import BoardMixin


@freeze_time("2026-03-01 09:00:00")
class TestKpiChallenge(ClockMixin, BoardMixin, TransactionCase):
    """Challenges that people accept or decline."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_board_people()

    def _challenge(self, *people, owner=None, **values):
        return self._as(owner or self.ann, self.env["kpi.challenge"]).create(
            {
                "name": "March",
                "date_from": "2026-03-01",
                "last_date": "2026-03-31",
                "company_id": self.company.id,
                "member_ids": [
                    Command.create({"user_id": person.id}) for person in people
                ],
                **values,
            }
        )

    def _member(self, challenge, person):
        return challenge.sudo().member_ids.filtered(lambda one: one.user_id == person)

    def _answer(self, challenge, person, answer="accept"):
        member = self._as(person, self._member(challenge, person).sudo(False))
        getattr(member, f"action_{answer}")()

    def _names(self, challenge, person):
        standing = self._as(person, challenge).get_board()["lines"]
        return [(line["name"], line["rank"]) for line in standing]

    def test_a_duel_of_two_who_accept(self):
        challenge = self._challenge(self.ann, self.ben)
        home = self._as(self.ann, self.env["kpi.home"])
        (waiting,) = [one for one in home.get_needs() if one["kind"] == "challenge"]
        self.assertEqual(waiting["text"], "Challenges waiting for your response: 1")
        self._judge(self.ann, 90)
        self._judge(self.ben, 110)
        self.assertFalse(self._names(challenge, self.ann))
        self._answer(challenge, self.ann)
        self.assertNotIn("challenge", [one["kind"] for one in home.get_needs()])
        self.assertEqual(self._names(challenge, self.ann), [("Ann", 1)])
        self._answer(challenge, self.ben)
        self.assertEqual(self._names(challenge, self.ann), [("Ben", 1), ("Ann", 2)])
        self.assertEqual(self._names(challenge, self.ben), [("Ben", 1), ("Ann", 2)])
        self._choose(self.ben, "hidden")
        self.assertEqual(self._names(challenge, self.ann), [("Ann", 1)])
        with self.assertRaises(ValidationError):
            self._challenge(self.ann, self.ben, self.all_people[2])

    def test_people_answer_for_themselves(self):
        challenge = self._challenge(self.ann, self.ben)
        with self.assertRaises(AccessError):
            self._as(
                self.ann, self._member(challenge, self.ben).sudo(False)
            ).action_accept()
        with self.assertRaises(AccessError):
            self._as(
                self.ann, self._member(challenge, self.ben).sudo(False)
            ).answer = "accepted"
        self._choose(self.ben, "hidden")
        with self.assertRaisesRegex(UserError, "Duels require visible achievements"):
            self._answer(challenge, self.ben)
        self._answer(challenge, self.ben, "decline")
        self._answer(challenge, self.ann)
        with self.assertRaisesRegex(UserError, "accepted challenge cannot be changed"):
            self._as(self.ann, challenge).last_date = "2026-05-31"
        with self.assertRaises(AccessError):
            self._as(self.all_people[3], challenge).name = "Mine"

    def test_who_started_it_is_named_as_they_choose(self):
        challenge = self._challenge(self.ben)
        seen = self._as(self.ben, challenge)
        self.assertEqual(seen.starter_id, self.ann)
        self._choose(self.ann, "hidden")
        seen.invalidate_recordset()
        for records in (seen, seen.member_ids):
            self.assertNotIn("Ann", str(records.read()))
        with self.assertRaises(AccessError):
            seen.search([("owner_id", "=", self.ann.id)])
        self.assertEqual(self._as(self.ann, challenge).starter_id, self.ann)

    def test_whoever_is_invited_changes_nothing_else(self):
        challenge = self._challenge(self.ben)
        self.assertTrue(self._as(self.ann, challenge).is_editable_by_me)
        self.assertFalse(self._as(self.ben, challenge).is_editable_by_me)
        with self.assertRaises(AccessError):
            self._as(self.ben, self._member(challenge, self.ben).sudo(False)).unlink()

    def test_what_somebody_accepted_stays(self):
        visits = self._kpi("Visits")
        challenge = self._challenge(self.ann, self.ben)
        own = self._as(self.ann, challenge)
        own.definition_ids = self.kpi  # nobody has accepted yet
        self._answer(challenge, self.ben)
        for values in (
            {"definition_ids": [Command.set(visits.ids)]},
            {"score_calculation": "points_earned"},
            {"least_facts": 3},
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "accepted"):
                own.write(values)
        own.name = "Better name"
        # Nobody takes the place of who has accepted, nor another goal.
        member, third = self._member(challenge, self.ben), self.all_people[2]
        for values in ({"user_id": third.id}, {"goal": 1.0}):
            with (
                self.subTest(values),
                self.assertRaisesRegex(UserError, "Answered invitations"),
            ):
                self._as(self.ann, member.sudo(False)).write(values)
        self.assertEqual(member.user_id, self.ben)

    def test_a_duel_has_no_third(self):
        challenge = self._challenge(self.ann, self.ben)
        members = self._as(self.ann, self.env["kpi.challenge.member"])
        third = {"challenge_id": challenge.id, "user_id": self.all_people[2].id}
        with self.assertRaisesRegex(ValidationError, "duel"):
            members.create(third)

    def test_nobody_reads_who_is_last(self):
        people = [*self.all_people, *(self._colleague(f"more{n}") for n in range(3))]
        challenge = self._challenge(
            *people,
            challenge_type="individual",
            definition_ids=[Command.set(self.kpi.ids)],
        )
        for number, person in enumerate(people):
            self._choose(person, "shown")
            self._judge(person, 110 - number)
            self._answer(challenge, person)
        self.assertEqual(
            [rank for _name, rank in self._names(challenge, self.ann)], [1, 2, 3]
        )
        self.company.gamification_own_rank_only = True
        self.assertEqual(self._names(challenge, self.ann), [("Ann", 1)])
        self.company.gamification_own_rank_only = False
        for person in people[4:]:
            self._choose(person, "hidden")
        board = self._as(self.ben, challenge).get_board()
        self.assertIn("Too few", board["message"])
        found = [(line["name"], line["rank"]) for line in board["lines"]]
        self.assertEqual(found, [("Ben", None)])

    def test_teams_answer_by_their_leaders(self):
        teams = self.env["kpi.team"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "leader_id": leader.id,
                }
                for name, leader in (("Alpha", self.ann), ("Beta", self.ben))
            ]
        )
        challenge = self._challenge(
            challenge_type="team",
            member_ids=[Command.create({"team_id": team.id}) for team in teams],
        )
        for person in (self.ann, self.ben):
            self._choose(person, "hidden")  # teams are no secret
            self._answer(challenge, person)
        self._judge(teams[0], 100)
        self._judge(teams[1], 90)
        # Of fewer people a team's score would be a person's.
        self.assertEqual(self._names(challenge, self.ann), [("Alpha", None)])
        self._fill_teams(teams)
        # Each side knows both; nobody else learns who is the last.
        places = [("Alpha", 1), ("Beta", 2)]
        for person in (self.ann, self.ben, teams[1].member_ids[-1].user_id):
            self.assertEqual(self._names(challenge, person), places)
        self.assertFalse(self._names(challenge, self.all_people[3]))
        with self.assertRaises(ValidationError):
            self._challenge(self.ann, challenge_type="team")
        # Nobody else answers for a team, whoever invites it.
        mine = {"team_id": teams[0].id, "user_id": self.all_people[3].id}
        with self.assertRaisesRegex(ValidationError, "leader or manager can respond"):
            self._challenge(challenge_type="team", member_ids=[Command.create(mine)])

    def _fill_teams(self, teams):
        for number, team in enumerate(teams):
            for place in range(5):
                person = self._colleague(f"of_team{number}_{place}")
                values = {"user_id": person.id, "date_from": "2026-01-01"}
                self.env["kpi.team.member"].create({"team_id": team.id, **values})
        self.env["kpi.membership"]._refresh()

    def test_nobody_else_learns_who_lost_a_duel(self):
        challenge = self._challenge(self.ann, self.ben)
        for person, achievement in ((self.ann, 90), (self.ben, 110)):
            self._judge(person, achievement)
            self._answer(challenge, person)
        members = challenge.sudo().member_ids
        own = self._as(self.ben, challenge)
        self.assertEqual(
            self._as(self.ben, members.sudo(False)).mapped("answer"), ["accepted"] * 2
        )
        self.assertTrue(own.is_readable_by_me)
        admin = self._colleague("admin", "kpi_base.kpi_base_group_admin")
        for person in (self.all_people[3], self.officer, admin):
            for records in (challenge, members.sudo(False)):
                seen = self._as(person, records)
                with self.subTest(person=person.name, model=seen._name):
                    self.assertFalse(seen.search([("id", "in", seen.ids)]))
                    self.assertFalse(seen.search_count([("id", "in", seen.ids)]))
                    found = [("challenge_id", "=", challenge.id)]
                    if seen._name == "kpi.challenge":
                        found = [("member_ids.user_id", "=", self.ann.id)]
                    groups = seen.formatted_read_group(found, [], ["__count"])
                    self.assertEqual([one["__count"] for one in groups], [0])
                    for call in (
                        lambda seen=seen: seen.read(),
                        lambda seen=seen: seen.export_data([".id", "display_name"]),
                    ):
                        with self.assertRaises(UserError):
                            call()
            with self.assertRaises(AccessError):
                self._as(person, challenge).get_board()

    def test_who_starts_a_duel_of_others_reads_no_places(self):
        challenge = self._challenge(self.ann, self.ben, owner=self.officer)
        for person in (self.ann, self.ben):
            self._judge(person, 100)
            self._answer(challenge, person)
        board = self._as(self.officer, challenge).get_board()
        self.assertFalse(board["lines"])
        self.assertIn("two people of a duel", board["message"])

    def test_it_starts_today_or_later(self):
        with self.assertRaisesRegex(ValidationError, "today or later"):
            self._challenge(self.ben, date_from="2026-02-28")
        challenge = self._challenge(self.ben)
        with self.assertRaisesRegex(ValidationError, "today or later"):
            self._as(self.ann, challenge).date_from = "2026-02-28"
        with self._at("2026-03-20 09:00:00"):
            self._as(self.ann, challenge).name = "Still running"

    def test_leaving_is_possible_before_the_first_day_only(self):
        challenge = self._challenge(self.ann, self.ben, date_from="2026-03-05")
        for person in (self.ann, self.ben):
            self._answer(challenge, person)
        with self._at("2026-03-04 09:00:00"):
            self._answer(challenge, self.ben, "decline")
        self.assertEqual(self._member(challenge, self.ben).answer, "declined")
        with self.assertRaisesRegex(UserError, "cannot return"):
            self._answer(challenge, self.ben)
        with self._at("2026-03-05 00:30:00"):
            with self.assertRaisesRegex(UserError, "before the challenge starts"):
                self._answer(challenge, self.ann, "decline")
        self.assertEqual(self._member(challenge, self.ann).answer, "accepted")

    def test_nobody_accepts_what_is_over(self):
        challenge = self._challenge(self.ann, self.ben)
        with self._at("2026-04-01 09:00:00"):
            with self.assertRaisesRegex(UserError, "is over"):
                self._answer(challenge, self.ben)

    def test_who_accepted_cannot_be_removed(self):
        challenge = self._challenge(self.ann, self.ben)
        self._answer(challenge, self.ben)
        own = self._as(self.ann, challenge)
        member = self._member(challenge, self.ben)
        for remove in (
            own.unlink,
            self._as(self.ann, member.sudo(False)).unlink,
            lambda: own.write({"member_ids": [Command.delete(member.id)]}),
            lambda: own.write({"member_ids": [Command.clear()]}),
            challenge.sudo().unlink,
        ):
            with self.assertRaisesRegex(UserError, "Ben accepted the challenge"):
                remove()
        self._as(self.ann, self._member(challenge, self.ann).sudo(False)).unlink()

    def test_kpis_are_those_of_the_day_it_was_accepted(self):
        challenge = self._challenge(self.ann, self.ben)
        self._judge(self.ann, 100)
        self._answer(challenge, self.ann)
        self.assertEqual(challenge.definition_ids, self.kpi)
        later = self._kpi("Later")
        self._judge(self.ann, 10, kpi=later)
        (line,) = self._as(self.ann, challenge).get_board()["lines"]
        self.assertEqual(line["score"], 100.0)

    def test_who_takes_no_part_any_more_left_for_good(self):
        challenge = self._challenge(self.ann, self.ben)
        for person in (self.ann, self.ben):
            self._judge(person, 100)
            self._answer(challenge, person)
        self._choose(self.ben, "out")
        member = self._member(challenge, self.ben)
        self.assertEqual(member.answer, "left")
        self.assertEqual(self._as(self.ann, challenge).left_note, "1 person left.")
        self.assertEqual(self._names(challenge, self.ann), [("Ann", 1)])
        self._choose(self.ben, "shown")
        for answer in ("accept", "decline"):
            with self.assertRaises(UserError):
                self._answer(challenge, self.ben, answer)
        self.assertEqual(member.answer, "left")
        with self.assertRaises(UserError):  # and is not asked again
            self._as(self.ann, member.sudo(False)).unlink()

    def test_goals_within_reach_and_what_came_of_them(self):
        report = self._judge(self.ann, 100)
        for number in range(10):
            self._measure(report, (2025, 3 + number), 10.0 * (number + 1))
        challenge = self._challenge(
            self.ann,
            challenge_type="individual",
            definition_ids=[Command.set(self.kpi.ids)],
        )
        self._choose(self.ann, "hidden")
        self._answer(challenge, self.ann)
        member = self._member(challenge, self.ann)
        # Six of ten months reached 50.
        self.assertEqual((member.goal, member.goal_share), (50.0, 0.6))
        self._measure(report, (2026, 3), 60.0)
        with self._at("2026-04-04 12:00:00"):
            self.assertNotIn(challenge, self.env["kpi.challenge"]._find_over())
        with self._at("2026-04-06 12:00:00"):
            self.assertIn(challenge, self.env["kpi.challenge"]._find_over())
            for _twice in range(2):
                challenge.sudo()._end()
        self.assertEqual(member.outcome, "reached")
        self.assertFalse(challenge.hit_rate_note, "of too few")
        for outcome in ("reached", "missed", "missed", "reached"):
            self._end_goal(outcome)
        challenge.invalidate_recordset()
        self.assertEqual(
            self._as(self.ben, challenge).hit_rate_note,
            "3 of 5 suggested goals reached.",
        )
        self.assertTrue(challenge.is_ended)
        self.assertFalse(self._names(challenge, self.ben))  # of nobody else
        with self.assertRaises(UserError):
            self._answer(challenge, self.ann, "decline")

    def _end_goal(self, outcome):
        """A goal that was suggested to somebody, and what came of it."""
        challenge = self._challenge(
            self.ben,
            challenge_type="individual",
            definition_ids=[Command.set(self.kpi.ids)],
        )
        member = self._member(challenge, self.ben)
        member.write({"goal": 1.0, "goal_share": 0.6, "outcome": outcome})

    def _measure(self, report, month, value):
        year, number = month
        year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
        self.env.cr.execute(
            """
            INSERT INTO kpi_measurement
                   (report_id, grain, period_start, value, source, recorded_at)
            VALUES (%s, 'month', make_date(%s, %s, 1), %s, 'manual', now())
            """,
            [report.id, year, number, value],
        )

    def test_dates_and_goals_make_sense(self):
        with self.assertRaises(ValidationError):
            self._challenge(challenge_type="individual")

    # Team goals

    def _goal(self, *people, **values):
        given = {
            "challenge_type": "goal",
            "definition_ids": [Command.set(self.kpi.ids)],
            "common_goal": 600,
            **values,
        }
        challenge = self._challenge(*people, owner=self.officer, **given)
        for person in people:
            self._answer(challenge, person)
        return challenge

    def _enter_values(self, values, kpi=None):
        """Values of March of some people."""
        for person, value in values.items():
            report = (kpi or self.kpi)._track_for("user", person, self.company.id)
            row = (report.id, date(2026, 3, 1), value)
            self.env["kpi.measurement"]._upsert("month", [row], source="manual")
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_progress(self, challenge, person):
        challenge.invalidate_recordset(["progress"])
        return self._as(person, challenge).progress

    def test_a_team_goal_is_filled_by_all_and_pays_all(self):
        cid = self.others[0]
        challenge = self._goal(self.ann, self.ben, cid, reward_points=40)
        self._enter_values({self.ann: 100, self.ben: 200, cid: 150})
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["value"], own["goal"], own["people"]), (450, 600, 3))
        self.assertAlmostEqual(own["ratio"], 0.75)
        self.assertEqual((own["share"], own["is_reached"]), ("100", False))
        self.assertEqual(self._as(self.ann, challenge).get_board()["lines"], [])
        goals = self._as(self.ann, self.env["kpi.achievement.page"])._list_goals()
        self.assertEqual([goal["id"] for goal in goals], challenge.ids)
        goals = self._as(self.others[1], self.env["kpi.achievement.page"])
        self.assertEqual(goals._list_goals(), [])
        self._enter_values({cid: 350})
        self.assertTrue(self._get_progress(challenge, self.ann)["is_reached"])
        challenge.sudo()._end()
        members = challenge.sudo().member_ids
        self.assertEqual({*members.mapped("outcome")}, {"reached"})
        for person in (self.ann, self.ben, cid):
            self.assertEqual(self._balance(person), 40)
        challenge.sudo()._end()
        self.assertEqual(self._balance(self.ann), 40, "once")

    def _balance(self, person):
        of_person = [("user_id", "=", person.id)]
        return self.env["kpi.points.balance"].search(of_person).balance

    def test_a_missed_goal_pays_nobody_and_an_average_is_one(self):
        cid = self.others[0]
        people = (self.ann, self.ben, cid)
        challenge = self._goal(
            *people, goal_kind="mean", common_goal=160, reward_points=40
        )
        self._enter_values({self.ann: 100, self.ben: 200, cid: 150})
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["value"], own["share"]), (150, False))
        challenge.sudo()._end()
        members = challenge.sudo().member_ids
        self.assertEqual({*members.mapped("outcome")}, {"missed"})
        self.assertFalse(self._balance(self.ann))

    def test_every_member_on_target_in_all_kpis(self):
        cid, other = self.others[0], self._kpi("Tickets")
        people = (self.ann, self.ben, cid)
        both = [Command.set((self.kpi | other).ids)]
        challenge = self._goal(*people, goal_kind="every", definition_ids=both)
        for person in people:
            self._judge(person, 110)
            self._judge(person, 110, kpi=other)
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["value"], own["goal"], own["ratio"]), (3, 3, 1))
        self.env.cr.execute(
            "UPDATE kpi_target_value SET status = 'off_target' WHERE report_id ="
            " (SELECT id FROM kpi_report WHERE definition_id = %s AND user_id = %s)",
            [other.id, cid.id],
        )
        self.env.invalidate_all()
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["value"], own["is_reached"]), (2, False))

    def test_of_a_longer_period_only_the_kpis_own_counts(self):
        people = (self.ann, self.ben, self.others[0])
        challenge = self._goal(*people, goal_kind="every")
        for person in people:
            self._judge(person, 110)
        # Weeks of a monthly KPI are judged, too; they decide nothing here.
        self.env.cr.execute(
            """
            INSERT INTO kpi_target_value (report_id, grain, period_start, period_stop,
                                          target, rated_value, achievement, status,
                                          rated_at)
            SELECT id, 'week', '2026-03-02', '2026-03-09', 100, 5, 5, 'off_target',
                   now()
              FROM kpi_report WHERE definition_id = %s AND user_id = %s
            """,
            [self.kpi.id, self.ann.id],
        )
        self.env.invalidate_all()
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["value"], own["is_reached"]), (3, True))

    def test_a_limit_is_reached_when_it_held_to_the_end(self):
        """Of complaints, say, less is better: their sum only grows."""
        people = (self.ann, self.ben, self.others[0])
        complaints = self._kpi("Complaints", direction="lower")
        challenge = self._goal(
            *people, common_goal=10, definition_ids=[Command.set(complaints.ids)]
        )
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["ratio"], own["is_reached"]), (0, False), "no values")
        self._enter_values({self.ann: 0, self.ben: 1, self.others[0]: 3}, complaints)
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["is_reached"], own["is_limit"]), (False, True))
        self.assertAlmostEqual(own["ratio"], 0.4, msg="of the limit, used so far")
        self.assertEqual(own["text"], "4 of at most 10")
        final = challenge.sudo()._get_progress(is_final=True)
        self.assertTrue(final["is_reached"])
        self._enter_values({self.others[0]: 12}, complaints)
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["ratio"], own["is_over"]), (1, True))
        final = challenge.sudo()._get_progress(is_final=True)
        self.assertFalse(final["is_reached"])

    def test_zero_is_a_target_and_a_value(self):
        people = (self.ann, self.ben, self.others[0])
        for direction, values, expected in (
            ("lower", (0, 0, 0), (1, True)),
            ("lower", (0, 0, 3), (0, False)),
            ("higher", (-1, 0, 1), (1, True)),
            ("higher", (-1, 0, 0), (0, False)),
        ):
            kpi = self._kpi(f"{direction} {values}", direction=direction)
            challenge = self._goal(
                *people,
                goal_kind="mean",
                common_goal=0,
                definition_ids=[Command.set(kpi.ids)],
            )
            self._enter_values(dict(zip(people, values, strict=True)), kpi)
            own = self._get_progress(challenge, self.ann)
            with self.subTest(direction, values=values):
                self.assertEqual((own["ratio"], own["is_reached"]), expected)
        # Nothing but zeros of a KPI of which less is better fills the bar.
        kpi = self._kpi("Defects", direction="lower")
        challenge = self._goal(
            *people,
            goal_kind="mean",
            common_goal=5,
            definition_ids=[Command.set(kpi.ids)],
        )
        self._enter_values(dict.fromkeys(people, 0), kpi)
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["ratio"], own["is_reached"]), (1, True))

    def test_values_of_several_kpis_of_one_unit_are_added(self):
        calls, visits = self._kpi("Calls"), self._kpi("Visits")
        people = (self.ann, self.ben, self.others[0])
        both = [Command.set((calls | visits).ids)]
        challenge = self._goal(*people, definition_ids=both)
        self._enter_values(dict.fromkeys(people, 100), calls)
        self._enter_values({self.ann: 20, self.ben: 30}, visits)
        own = self._get_progress(challenge, self.ann)
        self.assertEqual((own["value"], own["share"]), (350, "120"))
        self.assertEqual(own["text"], "350 of 600")
        for values in (
            {"unit": "percent"},
            {"direction": "lower"},
            {"unit": "custom", "unit_symbol": "km"},
        ):
            other = self._kpi(f"Other {values}", **values)
            several = [Command.set((calls | other).ids)]
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "one unit and direction"),
            ):
                self._goal(*people, definition_ids=several)
        weekly = self._kpi("Weekly", frequency="week")
        several = [Command.set((calls | weekly).ids)]
        for kind in ("sum", "mean"):
            with (
                self.subTest(kind),
                self.assertRaisesRegex(ValidationError, "same period length"),
            ):
                self._goal(*people, goal_kind=kind, definition_ids=several)

    def test_of_several_kpis_an_average_is_their_achievement(self):
        heavy = self._kpi("Heavy", weight=3, unit="percent", direction="lower")
        people = (self.ann, self.ben, self.others[0])
        challenge = self._goal(
            *people,
            goal_kind="mean",
            common_goal=90,
            definition_ids=[Command.set((self.kpi | heavy).ids)],
        )
        for person, light, weighty in zip(
            people, (100, 80, 500), (80, 100, 40), strict=True
        ):
            self._judge(person, light)
            self._judge(person, weighty, kpi=heavy)
        # 100 + 3 · 80, 80 + 3 · 100, 120 (at most) + 3 · 40, each of 4
        own = self._get_progress(challenge, self.ann)
        self.assertAlmostEqual(own["value"], (85 + 95 + 60) / 3)
        self.assertEqual((own["is_reached"], own["share"]), (False, False))
        self.assertEqual(own["text"], "80% of 90%")
        # What has no achievement, as without a target, is not 0%.
        self.env.cr.execute(
            "UPDATE kpi_target_value SET achievement = NULL WHERE achievement = 500"
        )
        self.env.invalidate_all()
        own = self._get_progress(challenge, self.ann)
        self.assertAlmostEqual(own["value"], (85 + 95 + 40) / 3)
        challenge.sudo()._end()
        outcomes = challenge.sudo().member_ids.mapped("outcome")
        self.assertEqual(outcomes, ["missed"] * 3)

    def test_the_period_in_which_a_goal_begins_counts_in_each_kind(self):
        """A month that ends in the challenge counts, whenever the challenge began."""
        other = self._kpi("Tickets")
        people = (self.ann, self.ben, self.others[0])
        both = [Command.set((self.kpi | other).ids)]
        for person in people:
            self._judge(person, 110)
            self._judge(person, 110, kpi=other)
        self._enter_values(dict.fromkeys(people, 100))
        for kind, goal, definitions in (
            ("sum", 300, [Command.set(self.kpi.ids)]),
            ("mean", 110, both),
            ("every", False, both),
        ):
            challenge = self._goal(
                *people,
                goal_kind=kind,
                common_goal=goal,
                definition_ids=definitions,
                date_from="2026-03-10",
            )
            challenge.sudo()._end()
            outcomes = challenge.sudo().member_ids.mapped("outcome")
            with self.subTest(kind):
                self.assertEqual(outcomes, ["reached"] * 3)

    def test_kpis_of_several_calendars_are_not_one_goal(self):
        fiscal = self.calendar.copy({"name": "Fiscal"})
        other = self._kpi("Fiscal", calendar_id=fiscal.id)
        people = (self.ann, self.ben, self.others[0])
        both = [Command.set((self.kpi | other).ids)]
        for kind in ("sum", "mean"):
            with (
                self.subTest(kind),
                self.assertRaisesRegex(ValidationError, "same calendar"),
            ):
                self._goal(*people, goal_kind=kind, definition_ids=both)

    def test_own_goals_of_several_kpis(self):
        heavy = self._kpi("Heavy", weight=3)
        for number in range(10):
            month = (2025, 3 + number)
            month = (month[0] + (month[1] - 1) // 12, (month[1] - 1) % 12 + 1)
            self._judge(self.ann, 10 * (number + 1), month=month)
            self._judge(self.ann, 10 * (number + 1), month=month, kpi=heavy)
        challenge = self._challenge(
            self.ann,
            challenge_type="individual",
            definition_ids=[Command.set((self.kpi | heavy).ids)],
        )
        self._answer(challenge, self.ann)
        member = self._member(challenge, self.ann)
        # Six of ten months reached 50%.
        self.assertEqual((member.goal, member.goal_share), (50.0, 0.6))
        self._judge(self.ann, 115)
        self._judge(self.ann, 25, kpi=heavy)  # 47.5% with its weight
        challenge.sudo()._end()
        self.assertEqual(member.outcome, "missed")
        self.env.cr.execute(
            "UPDATE kpi_target_value SET achievement = 29 WHERE achievement = 25"
            " AND period_start = '2026-03-01'"  # 50.5%
        )
        self.env.invalidate_all()
        member._store_outcomes()
        self.assertEqual(member.outcome, "reached")

    def test_an_own_goal_of_a_range_is_its_achievement(self):
        steady = self._kpi("Steady", direction="range")
        challenge = self._challenge(
            self.ann,
            self.ben,
            challenge_type="individual",
            definition_ids=[Command.set(steady.ids)],
        )
        members = [self._member(challenge, one) for one in (self.ann, self.ben)]
        for member, person, percent in zip(
            members, (self.ann, self.ben), (96, 80), strict=True
        ):
            member.sudo().goal = 95
            self._answer(challenge, person)
            self._judge(person, percent, kpi=steady)
        challenge.sudo()._end()
        self.assertEqual([one.outcome for one in members], ["reached", "missed"])

    def test_hidden_members_count_for_who_does_not_see_them(self):
        people = (self.ann, self.ben, self.others[0], self.others[1])
        challenge = self._goal(*people)
        self._enter_values(dict.fromkeys(people, 100))
        self._choose(self.ben, "hidden")
        own = self._as(self.ann, challenge)
        self.env.invalidate_all()
        self.assertEqual(len(own.member_ids), 3, "Ben is hidden")
        self.assertEqual(own.progress["value"], 400)
        # nor can it be changed, as those who are seen left nothing accepted
        waiting = self._challenge(
            *people[:3],
            challenge_type="goal",
            definition_ids=[Command.set(self.kpi.ids)],
            common_goal=5,
        )
        self._choose(self.ben, "shown")
        self._answer(waiting, self.ben)
        self._choose(self.ben, "hidden")
        self.env.invalidate_all()
        own = self._as(self.ann, waiting)
        self.assertNotIn(self.ben, own.member_ids.user_id)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            own.last_date = date(2026, 3, 30)
        self.assertFalse(own.left_note)

    def test_few_members_hide_what_each_has(self):
        challenge = self._goal(self.ann, self.ben)
        self._enter_values({self.ann: 100, self.ben: 200})
        own = self._get_progress(challenge, self.ann)
        self.assertIn("from 3 members", own["message"])
        self.assertEqual(own["value"], 0)

    def test_points_of_a_goal_are_the_officers_to_give(self):
        people = (self.ann, self.ben)
        for owner, points, error in (
            (self.ann, 10, "Only officers"),
            (self.officer, 100_000, "must be 0 to"),
            (self.officer, -1, "must be 0 to"),
        ):
            with self.subTest(owner.name, points=points):
                with self.assertRaisesRegex(UserError, error):
                    self._challenge(
                        *people,
                        owner=owner,
                        challenge_type="goal",
                        definition_ids=[Command.set(self.kpi.ids)],
                        common_goal=5,
                        reward_points=points,
                    )
        with self.assertRaisesRegex(ValidationError, "enter the common target"):
            self._goal(*people, common_goal=False)
