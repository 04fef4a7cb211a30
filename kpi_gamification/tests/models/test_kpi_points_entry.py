from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from .points_case import PointsMixin


class TestKpiPointsEntry(PointsMixin, TransactionCase):
    """Points that people get, spend and lose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_people()

    def test_points_are_booked_once(self):
        self.assertEqual(self._give((self.ann, 10, 1), (self.ben, 5, 2)), {1: 10, 2: 5})
        self.assertEqual(self._give((self.ann, 10, 1), (self.ann, 7, 3)), {3: 7})
        self.assertEqual(self._balance(self.ann), 17)
        self.assertEqual(self._balance(self.ben), 5)
        self.env["kpi.points.balance"]._cron_check()

    def test_many_people_cost_as_many_statements_as_one(self):
        people = [self._colleague(f"many{number}") for number in range(12)]
        self._give((self.ann, 1, 1))
        with self.assertQueryCount(1):
            self._give(*((one, 1, 100 + one.id) for one in people))

    def test_limits_of_day_month_and_origin(self):
        caps = self.env["kpi.points.cap"]
        limit = {"company_id": self.company.id}
        caps.create({**limit, "grain": "month", "most_points": 100})
        caps.create({**limit, "grain": "day", "origin": "kudos", "most_points": 8})
        # Each gets what is left; what is over is lost, and the entry says so.
        got = self._give(*((self.ann, 5, n) for n in range(3)), origin="kudos")
        self.assertEqual(got, {0: 5, 1: 3, 2: 0})
        got = self._give((self.ann, 60, 1), (self.ann, 60, 2), (self.ben, 60, 3))
        self.assertEqual(got, {1: 60, 2: 32, 3: 60})
        self.assertEqual(self._balance(self.ann), 100)
        entry = self.entries.search([("res_id", "=", 2), ("origin", "=", "award")])
        self.assertEqual((entry.points, entry.full_points), (32, 60))
        # Odoo stores it with activities: it says neither the reason nor the points.
        self.assertIn("Ann: Achievement", entry.display_name)
        self.assertNotIn("Test", entry.display_name)
        # What is taken back makes room again, and only once.
        for _twice in range(2):
            self.entries._reverse("award", [2], "Revoked")
        self.assertEqual(self._balance(self.ann), 68)
        self.assertEqual(self._give((self.ann, 50, 9)), {9: 32})
        # What was booked before takes nothing of the room of what comes with it.
        self.assertEqual(self._give((self.ben, 60, 3), (self.ben, 40, 4)), {4: 40})
        self.env["kpi.points.balance"]._cron_check()

    def test_only_a_reversal_takes_a_balance_below_zero(self):
        self._give((self.ann, 30, 1))
        self._spend(self.ann, 20)
        with self.assertRaisesRegex(UserError, "Mug costs 20 points"):
            self._spend(self.ann, 20)
        with self.assertRaises(UserError):  # who never had any
            self._spend(self.ben, 1)
        self.assertEqual(self._balance(self.ann), 10)
        self.entries._reverse("award", [1], "Corrected")
        self.assertEqual(self._balance(self.ann), -20)
        self.env["kpi.points.balance"]._cron_check()

    def test_what_was_taken_back_is_given_back_and_taken_again(self):
        self._give((self.ann, 30, 1))
        for is_back, left in ((False, 0), (True, 30), (True, 30), (False, 0)):
            self.entries._reverse("award", [1], "Corrected", is_back=is_back)
            self.assertEqual(self._balance(self.ann), left)
        self.assertEqual(self._give((self.ann, 30, 1)), {})
        self.env["kpi.points.balance"]._cron_check()

    def test_a_balance_that_differs_is_said(self):
        self._give((self.ann, 30, 1))
        self.env.cr.execute(
            "UPDATE kpi_points_balance SET balance = 31 WHERE user_id = %s",
            [self.ann.id],
        )
        with self.assertRaisesRegex(UserError, "points_ann"):
            self.env["kpi.points.balance"]._cron_check()

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._give((self.ann, 30, 1))
        with self.assertRaises(UserError):
            self._spend(self.ann, 1, other)

    def test_nobody_reads_the_points_of_others(self):
        self._give((self.ann, 30, 1), (self.ben, 20, 2))
        for model, field in (
            ("kpi.points.entry", "points"),
            ("kpi.points.balance", "balance"),
        ):
            for person in (self.ann, self.officer):
                found = self._as(person, self.env[model]).search([])
                own = found.filtered(lambda row, person=person: row.user_id == person)
                self.assertEqual(found, own, model)
            with self.assertRaises(AccessError):
                self._as(self.officer, self.env[model].search([], limit=1)).read(
                    [field]
                )

    @mute_logger("odoo.sql_db")
    def test_what_is_booked_stays(self):
        self._give((self.ann, 30, 1))
        entry = self.entries.search([("user_id", "=", self.ann.id)])
        for refused in (entry.unlink, lambda: entry.write({"points": 1})):
            with self.assertRaises(UserError):
                refused()
        for statement in (
            "UPDATE kpi_points_entry SET points = 99",
            "DELETE FROM kpi_points_entry",
            f"DELETE FROM res_users WHERE id = {self.ann.id}",
        ):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.env.cr.execute(statement)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.ann.unlink()
