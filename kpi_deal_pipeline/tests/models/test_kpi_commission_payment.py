from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..commission_case import CommissionCase

BOOKED, PAID, LATER = (
    "2026-05-04 09:00:00",
    "2026-05-20 09:00:00",
    "2026-06-02 09:00:00",
)


@tagged("post_install", "-at_install")
class TestKpiCommissionPayment(CommissionCase):
    """Statements and the ledger say the same of what was paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plan("percentage", rate=0.1)

    def _issued(self, *values, **period):
        """Return a statement of deals of these values, at 10% each."""
        with freeze_time(BOOKED):
            self.deals = [self._earned(value) for value in values]
            statement = self._statement(**period)
            statement.action_issue()
        return statement

    def _pay(self, commissions, moment=PAID):
        with freeze_time(moment):
            commissions.with_user(self.manager).action_pay()

    def _payment(self, statement):
        return (
            statement.payment_state,
            statement.settled_amount,
            statement.unpaid_amount,
            statement.paid_on,
        )

    def test_what_is_paid_with_commissions_is_not_to_be_paid_again(self):
        statement = self._issued(900.0, 300.0)
        self.assertEqual(self._payment(statement), ("open", 0, 120.0, False))
        first, second = (deal.commission_ids for deal in self.deals)
        self._pay(first)
        self.assertEqual(self._payment(statement), ("partial", 90.0, 30.0, False))
        self.assertEqual((first.unpaid_amount, second.unpaid_amount), (0, 30.0))
        self._pay(second, LATER)
        paid = ("paid", 120.0, 0, date(2026, 6, 2))
        self.assertEqual(self._payment(statement.with_user(self.agent)), paid)
        with self.assertRaisesRegex(UserError, "no amount to pay"):
            statement.action_pay()

    def test_commissions_are_paid_with_their_statement(self):
        statement = self._issued(900.0, 300.0)
        first, second = (deal.commission_ids for deal in self.deals)
        self._pay(first)
        with freeze_time(LATER):
            statement.with_user(self.boss).action_pay()
        self.assertEqual((first.status, second.status), ("paid", "paid"))
        self.assertEqual(second.paid_at, statement.paid_at)
        self.assertEqual(statement.paid_by, self.boss)
        self.assertEqual(self._payment(statement)[-1], date(2026, 6, 2))
        self.assertEqual((first.unpaid_amount, second.unpaid_amount), (0, 0))
        self.assertEqual(self._faults(self.deals[1]), [])
        self.assertEqual(self._faults(statement), [])
        written = statement._prepare_statement()
        self.assertEqual(
            [str(amount) for _label, amount in written.totals],
            ["120.00", "120.00", "120.00", "0.00"],  # earned, payout, paid, to pay
        )
        self.assertIn("Paid on Jun 2, 2026", written.notes)

    def test_what_is_booked_after_a_payment_is_to_be_paid(self):
        statement = self._issued(900.0)
        commission = self.deals[0].commission_ids
        self._pay(commission)
        with freeze_time(LATER):
            commission.with_user(self.manager)._adjust("bonus", 5.0, "Well done")
        self.assertEqual((commission.status, commission.unpaid_amount), ("paid", 5.0))
        self.assertEqual(self._payment(statement)[:3], ("paid", 90.0, 0))
        following = self._statement("2026-04-01", "2026-07-01")
        with freeze_time("2026-07-02 09:00:00"):
            following.action_issue()
            self.assertEqual(self._payment(following)[:3], ("open", 0, 5.0))
            following.action_pay()
        self.assertEqual(commission.unpaid_amount, 0)

    def test_what_is_booked_in_the_second_of_a_payment(self):
        statement = self._issued(900.0, 300.0)
        first, second = (deal.commission_ids for deal in self.deals)
        with freeze_time(PAID):
            first.with_user(self.manager)._adjust("bonus", 5.0, "Well done")
            (first | second).with_user(self.manager).action_pay()
            second.with_user(self.manager)._adjust("clawback", -7.0, "Returned")
        self.assertEqual((first.unpaid_amount, second.unpaid_amount), (0, -7.0))
        self.assertEqual(self._payment(statement)[:3], ("paid", 120.0, 0))

    def test_a_commission_of_which_more_falls_due_is_not_paid_yet(self):
        self.plans.search([]).last_day = "2026-03-31"
        self._plan("percentage", rate=0.1, accrual="invoiced", date_from="2026-04-01")
        with freeze_time("2026-05-04 09:00:00"):
            deal = self._won(1000.0, "2026-05-02")
            self._confirm(deal.commission_ids)
            self._bill(deal, 400.0, day="2026-05-03")
        with freeze_time("2026-07-04 09:00:00"):
            statement = self._statement("2026-04-01", "2026-07-01")
            statement.action_issue()
            statement.action_pay()
        commission = deal.commission_ids
        self.assertEqual(self._payment(statement)[:3], ("paid", 40.0, 0))
        self.assertEqual(
            (commission.status, commission.unpaid_amount), ("confirmed", 0)
        )
        self._bill(deal, 600.0, day="2026-07-05")
        self.assertEqual(commission.unpaid_amount, 60.0)

    def test_what_was_paid_too_much_is_withheld_later(self):
        with freeze_time(BOOKED):
            deal = self._earned(1000.0)
        self._pay(deal.commission_ids)
        with freeze_time("2026-05-21 09:00:00"):
            deal.commission_ids.with_user(self.manager)._adjust(
                "clawback", -30.0, "Returned"
            )
        statement = self._statement("2026-04-01", "2026-07-01")
        with freeze_time("2026-07-02 09:00:00"):
            statement.action_issue()
        self.assertEqual((statement.earned_amount, statement.paid_amount), (70.0, 70.0))
        self.assertEqual(self._payment(statement)[:3], ("paid", 70.0, 0))
        self.assertEqual(statement.owed_after, 30.0)

    def test_a_guarantee_is_paid_beside_commissions(self):
        self.plans.search([]).write({"draw_amount": 100.0})
        statement = self._issued(300.0)
        self._pay(self.deals[0].commission_ids)
        self.assertEqual(self._payment(statement)[:3], ("partial", 30.0, 70.0))

    def test_a_statement_of_nothing_is_not_to_be_paid(self):
        statement = self._issued()
        self.assertEqual(self._payment(statement), ("none", 0, 0, False))
        with self.assertRaisesRegex(UserError, "no amount to pay"):
            statement.action_pay()
        draft = self._statement("2026-04-01", "2026-07-01")
        self.assertEqual(self._payment(draft), (False, 0, 0, False))

    def test_nothing_is_paid_while_it_is_disputed(self):
        statement = self._issued(900.0)
        dispute = (
            self.env["kpi.commission.dispute"]
            .with_user(self.agent)
            .create({"commission_id": self.deals[0].commission_ids.id, "reason": "No"})
        )
        with self.assertRaisesRegex(UserError, "is disputed"):
            statement.action_pay()
        dispute.with_user(self.boss)._decide("rejected", "Yes")
        statement.action_pay()
        self.assertEqual(self.deals[0].commission_ids.status, "paid")

    def test_who_notes_payments(self):
        statement = self._issued(900.0)
        for who in (self.agent, self.manager, self.other):
            with self.assertRaises(AccessError):
                statement.with_user(who).action_pay()
        self.boss.sudo().group_ids |= self.env.ref(
            "kpi_deal_pipeline.kpi_deal_pipeline_group_agent"
        )
        own = self._statement(agent=self.boss)
        own.action_issue()
        with self.assertRaisesRegex(AccessError, "mark your own statement as paid"):
            own.with_user(self.boss).action_pay()

    def test_periods_are_named_and_end_with_their_last_day(self):
        statement = self._statement()
        self.assertEqual(statement.last_day, date(2026, 3, 31))
        name = self.agent.name
        for first, stop, label in (
            ("2026-01-01", "2026-04-01", "Q1 2026"),
            ("2026-02-01", "2026-03-01", "Feb 2026"),
            ("2025-01-01", "2026-01-01", "2025"),
            ("2026-01-05", "2026-02-02", "Jan 5, 2026 – Feb 1, 2026"),
        ):
            statement.write({"date_from": first, "date_to": stop})
            self.assertEqual(statement.display_name, f"{name}, {label}")

    def test_people_enter_the_last_day(self):
        with Form(self.env["kpi.commission.statement"]) as form:
            form.agent_id = self.agent
            form.date_from = "2026-01-01"
            form.last_day = "2026-03-31"
        statement = form.record
        self.assertEqual(statement.date_to, date(2026, 4, 1))
        with Form(statement) as form:
            form.last_day = "2026-06-30"
        self.assertEqual(statement.date_to, date(2026, 7, 1))
        statements = self.env["kpi.commission.statement"]
        for operator, day, is_found in (
            ("=", "2026-06-30", True),
            ("=", "2026-07-01", False),
            ("<=", "2026-06-30", True),
            ("<", "2026-06-30", False),
            (">=", "2026-07-01", False),
        ):
            found = statements.search([("last_day", operator, day)])
            self.assertEqual(statement in found, is_found, (operator, day))
        plan = self.plans.search([])
        plan.last_day = "2026-12-31"
        self.assertEqual(plan.date_to, date(2027, 1, 1))
        plan.last_day = False
        self.assertFalse(plan.date_to)
        self.assertIn(plan, plan.search([("last_day", "=", False)]))
