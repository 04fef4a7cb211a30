from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import ClockMixin

from .board_case import BoardMixin


class TestKpiKudos(ClockMixin, BoardMixin, TransactionCase):
    """Thanks between people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_board_people()
        cls.badge = cls.env["kpi.achievement"].create(
            {"name": "Badge", "points_value": 3, "company_id": cls.company.id}
        )

    def _thank(self, giver, person, **values):
        return self._as(giver, self.env["kpi.kudos"]).create(
            {
                "user_id": person.id,
                "text": "Well done",
                "period_start": "2026-03-01",
                **values,
            }
        )

    def test_kudos_are_worth_a_common_achievement_at_most(self):
        kudos = self._thank(self.ann, self.ben)
        # Odoo stores it with activities: it does not say why.
        self.assertIn(self.ben.name, kudos.display_name)
        self.assertNotIn("Well done", kudos.display_name)
        self.assertEqual(self._balance(self.ben), 3)
        self.badge.points_value = 50
        self._thank(self.ann, self.ben)
        self.assertEqual(self._balance(self.ben), 8)  # 5 by the company
        # No common one is left to compare with: the one that is worth least.
        self.badge.write({"rarity": "epic", "points_value": 2})
        self._thank(self.ann, self.ben)
        self.assertEqual(self._balance(self.ben), 10)

    def test_the_form_says_how_many_are_left(self):
        self.enterContext(self._at("2026-03-10 12:00:00"))
        for left in (4, 3, 2, 1):
            own = self._as(self.ann, self.env["kpi.kudos"])
            form = own.new(own.default_get(["day", "giver_id", "company_id"]))
            said = "1 more kudos" if left == 1 else f"{left} more kudos"
            self.assertIn(said, form.left_note)
            self.assertEqual(form.day, date(2026, 3, 10))
            self._thank(self.ann, self.ben)
        form = own.new({})
        self.assertIn("0 more kudos", form.left_note)

    def test_so_many_a_month(self):
        for _each in range(4):
            self._thank(self.ann, self.ben)
        with self.assertRaisesRegex(UserError, "all 4 kudos"):
            self._thank(self.ann, self.ben)
        with self.assertRaises(UserError):
            self._as(self.ben, self.env["kpi.kudos"]).create(
                [
                    {"user_id": self.ann.id, "text": "x", "period_start": "2026-03-01"}
                    for _each in range(5)
                ]
            )
        self._thank(self.all_people[2], self.ben)

    def test_a_month_is_the_companys_not_that_of_utc_or_of_who_looks(self):
        self.calendar.tz = "Pacific/Auckland"  # 13 hours ahead in March
        self.ann.tz = "America/Los_Angeles"
        for moment, day in (
            ("2026-03-31 10:59:00", "2026-03-31"),
            ("2026-03-31 11:00:00", "2026-04-01"),  # March in UTC and for Ann
        ):
            with self._at(moment):
                for _each in range(4):
                    kudos = self._thank(self.ann, self.ben)
                    self.assertEqual(str(kudos.day), day)
                with self.assertRaisesRegex(UserError, "all 4"):
                    self._thank(self.ann, self.ben)

    @mute_logger("odoo.sql_db")
    def test_what_is_refused(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._thank(self.ann, self.ann)
        with self.assertRaises(AccessError):  # in the name of somebody else
            self._thank(self.ann, self.ben, giver_id=self.all_people[2].id)
        with self.assertRaises(AccessError):
            self._thank(self.ann, self.ben, day="2020-01-01")
        with self.assertRaisesRegex(UserError, "KPI or period"):
            self._thank(self.ann, self.ben, period_start=False)
        other = self._judge(self.all_people[2], 100)
        with self.assertRaises(AccessError):  # the name of a KPI that she cannot see
            self._thank(self.ann, self.ben, report_id=other.id)
        self._choose(self.ben, "out")
        with self.assertRaisesRegex(UserError, "does not participate"):
            self._thank(self.ann, self.ben)

    def test_colleagues_see_kudos_of_two_who_are_shown(self):
        kudos = self._thank(self.ann, self.ben)
        other, all_kudos = self.all_people[3], self.env["kpi.kudos"]
        self.assertEqual(self._as(other, all_kudos).search([]), kudos)
        for hidden in (self.ann, self.ben):
            self._choose(hidden, "hidden")
            for person, sees in ((self.ann, True), (self.ben, True), (other, False)):
                self.assertEqual(bool(self._as(person, all_kudos).search([])), sees)
            self._choose(hidden, "shown")

    def test_officers_remove_kudos_with_their_points(self):
        kudos = self._thank(self.ann, self.ben)
        with self.assertRaises(AccessError):
            self._as(self.ann, kudos).unlink()
        self._as(self.officer, kudos).unlink()
        self.assertEqual(self._balance(self.ben), 0)

    def test_officers_find_pairs_who_favour_each_other(self):
        self.company.gamification_kudos_count = 1000
        team = self.env["kpi.team"].create(
            {"name": "Alpha", "company_id": self.company.id}
        )
        people = [*self.all_people, *(self._colleague(f"more{n}") for n in range(4))]
        for person in people:
            self.env["kpi.team.member"].create(
                {"team_id": team.id, "user_id": person.id, "date_from": "2026-01-01"}
            )
        self.env["kpi.membership"]._refresh()
        pairs = [(giver, person) for giver in people for person in people]
        for giver, person in pairs:
            if giver != person:
                self._thank(giver, person)
        found = self.env["kpi.kudos"]._find_pairs(self.company)
        self.assertFalse(found)
        for _each in range(20):
            self._thank(self.ann, self.ben)
            self._thank(self.ben, self.ann)
        action = self._as(self.officer, self.env["kpi.kudos.pair"]).action_find()
        (pair,) = self.env["kpi.kudos.pair"].search(action["domain"])
        self.assertEqual(pair.first_id | pair.second_id, self.ann | self.ben)
        self.assertEqual((pair.given, pair.returned), (21, 21))
        with self.assertRaises(AccessError):
            self._as(self.ann, self.env["kpi.kudos.pair"]).action_find()
        # A ring of three: each gives to the next one.
        ring = people[4:7]
        for giver, person in zip(ring, [*ring[1:], ring[0]], strict=True):
            for _each in range(30):
                self._thank(giver, person)
        action = self._as(self.officer, self.env["kpi.kudos.pair"]).action_find()
        found = self.env["kpi.kudos.pair"].search(action["domain"])
        (three,) = found.filtered(lambda one: one.kind == "ring")
        named = three.first_id | three.second_id | three.other_ids
        self.assertEqual(named, ring[0] | ring[1] | ring[2])
        self.assertEqual(found.filtered(lambda one: one.kind == "pair"), found - three)
