from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from .points_case import PointsMixin


class TestKpiReward(PointsMixin, TransactionCase):
    """What people get for points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_people()
        cls.mug = cls.env["kpi.reward"].create(
            {"name": "Mug", "price": 40, "stock": 2, "company_id": cls.company.id}
        )

    def _order(self, person, reward=None):
        action = self._as(person, reward or self.mug).action_order()
        return self.env["kpi.reward.order"].browse(action["res_id"])

    def _ask(self):
        """Let the officer approve all orders."""
        self.env["kpi.approval.workflow"].create(
            {
                "name": "Rewards",
                "model": "kpi.reward.order",
                "company_id": self.company.id,
                "owner_id": self.officer.id,
                "level_ids": [
                    Command.create(
                        {"approver_ids": [Command.create({"user_id": self.officer.id})]}
                    )
                ],
            }
        )

    def test_what_is_out_of_stock_is_not_offered(self):
        rewards = self.env["kpi.reward"]
        for stock, is_left in ((0, False), (1, True), (False, True)):
            values = {"name": "Mug", "stock": stock, "company_id": self.company.id}
            self.assertEqual(rewards.create(values).is_left, is_left, stock)

    def test_nobody_delivers_to_themselves(self):
        self._give((self.officer, 100, 1))
        values = {"name": "Mug", "price": 10, "company_id": self.company.id}
        reward = self.env["kpi.reward"].create(values)
        action = self._as(self.officer, reward).action_order()
        order = self.env["kpi.reward.order"].browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "Another officer"):
            self._as(self.officer, order).action_hand_over()

    def test_an_order_takes_points_and_stock(self):
        self._give((self.ann, 100, 1))
        order = self._order(self.ann)
        self.assertEqual((order.state, order.price), ("ordered", 40))
        self.assertEqual((self._balance(self.ann), self.mug.stock), (60, 1))
        self._as(self.officer, order).action_hand_over()
        self.assertEqual(order.state, "handed_over")
        with self.assertRaises(UserError):
            self._as(self.officer, order).action_cancel()
        events = self.env["kpi.audit.log"].search(
            [("model", "=", "kpi.reward.order"), ("res_id", "=", order.id)]
        )
        self.assertIn("reward_handed_over", events.mapped("event_type"))
        self.assertFalse(self.env["kpi.audit.log"]._verify())

    def test_what_costs_more_or_is_gone_is_refused(self):
        self._give((self.ann, 39, 1), (self.ben, 100, 2))
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._order(self.ann)
        self.assertEqual((self._balance(self.ann), self.mug.stock), (39, 2))
        self._order(self.ben)
        self._order(self.ben)
        self._give((self.ben, 100, 3))
        with (
            self.assertRaisesRegex(UserError, "Mug is out of stock"),
            self.env.cr.savepoint(),
        ):
            self._order(self.ben)
        self.mug.stock = False  # as many as people like
        self._order(self.ben)
        self.assertFalse(self.mug.stock)

    def test_who_cancels_gives_points_and_stock_back(self):
        self._give((self.ann, 100, 1))
        order = self._order(self.ann)
        with self.assertRaises(UserError):  # it is ready already
            self._as(self.ann, order).action_cancel()
        with self.assertRaises(AccessError):
            self._as(self.ben, order).action_cancel()
        self._as(self.officer, order).action_cancel()
        self.assertEqual((self._balance(self.ann), self.mug.stock), (100, 2))
        self.assertEqual(order.state, "cancelled")

    def test_approval(self):
        self._ask()
        self._give((self.ann, 200, 1))
        first, second = self._order(self.ann), self._order(self.ann)
        self.assertEqual(set((first | second).mapped("state")), {"waiting"})
        self.assertEqual((self._balance(self.ann), self.mug.stock), (120, 0))
        facts = dict(self._as(self.officer, first)._get_decision_facts())
        self.assertEqual(facts["If approved"], "The reward can then be delivered.")
        self._as(self.officer, first).action_approve()
        self._as(self.officer, second).action_reject("No more mugs")
        self.assertEqual((first.state, second.state), ("ordered", "cancelled"))
        self.assertEqual((self._balance(self.ann), self.mug.stock), (160, 1))
        third = self._order(self.ann)
        self._as(self.ann, third).action_cancel()
        self.assertEqual((third.state, third.approval_state), ("cancelled", "none"))
        self.assertEqual((self._balance(self.ann), self.mug.stock), (160, 1))

    def test_others_do_not_see_orders(self):
        self._give((self.ann, 100, 1))
        order = self._order(self.ann)
        self.assertFalse(self._as(self.ben, self.env["kpi.reward.order"]).search([]))
        with self.assertRaises(AccessError):
            self._as(self.ann, order).write({"price": 1})
        with self.assertRaises(AccessError):
            self._as(self.ann, order).action_hand_over()

    @mute_logger("odoo.sql_db")
    def test_bad_prices_are_refused(self):
        for values in ({"price": 0}, {"price": -5}, {"stock": -1}):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.mug.write(values)
                self.mug.flush_recordset()
