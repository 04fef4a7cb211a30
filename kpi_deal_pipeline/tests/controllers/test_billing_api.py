from datetime import date

from odoo import Command
from odoo.tests import tagged

from .deal_api_case import DealApiCase


@tagged("post_install", "-at_install")
class TestBillingApi(DealApiCase):
    """Billings over REST, and the commissions that follow them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls.env["kpi.deal"].create(
            {
                "title": "Quay 7",
                "agent_id": cls.people["user"].id,
                "team_id": cls.team.id,
                "currency_id": cls.euro.id,
                "estimated_value_amount": 1000.0,
            }
        )
        cls.path = f"/deals/{cls.deal.uuid}/billings"

    def _bill(self, amount="1000.00", who="manager", **values):
        body = {"date": "2026-02-03", "amount_untaxed": amount, **values}
        return self.ask(self.path, who, json=body)

    def test_billings_are_entered_and_listed(self):
        answer = self._bill(reference="INV/1", margin="250.50", product="Rent")
        self.assertEqual(answer.status_code, 201, answer.text)
        billing = answer.json()
        self.assertEqual(billing["amount_untaxed"], "1000.00")
        self.assertEqual((billing["margin"], billing["product"]), ("250.50", "Rent"))
        self.assertEqual(billing["currency"]["name"], "EUR")
        self._bill("400", billing_type="payment", date="2026-03-01")
        for query, expected in (
            ("", ["1000.00", "400.00"]),
            ("?billing_type=payment", ["400.00"]),
            ("?reference=INV/1", ["1000.00"]),
            ("?first=2026-02-28", ["400.00"]),
            ("?last=2026-02-28", ["1000.00"]),
            ("?sort=-date", ["400.00", "1000.00"]),
        ):
            for who in ("user", "manager"):
                with self.subTest(query=query, who=who):
                    items = self.ask(f"{self.path}{query}", who).json()["items"]
                    amounts = [item["amount_untaxed"] for item in items]
                    self.assertEqual(amounts, expected)

    def test_only_who_leads_the_deal_enters_them(self):
        self.assertProblem(self._bill(who="user"), "forbidden")
        for who in ("other", "director"):
            with self.subTest(who):
                self.assertProblem(self._bill(who=who), "not-found")
                self.assertProblem(self.ask(self.path, who), "not-found")
        self.assertProblem(self._bill(who="viewer"), "forbidden")

    def test_what_cannot_be_is_refused(self):
        for amount, values in (
            ("0", {}),
            ("-5", {}),
            ("10000000000000000", {}),
            ("5", {"margin": "6"}),
            ("5", {"billing_type": "gift"}),
            ("5", {"billing_type": "refund"}),  # nothing came in yet
            ("5", {"date": "1066-01-01"}),
            ("5", {"deal_id": 1}),
            ("5", {"company_id": 1}),
        ):
            with self.subTest(amount=amount, values=values):
                self.assertProblem(self._bill(amount, **values), "invalid")

    def test_commissions_follow(self):
        plan = self.env["kpi.commission.plan"].create(
            {
                "name": "Plan",
                "date_from": "2026-01-01",
                "currency_id": self.euro.id,
                "agent_ids": [Command.set(self.people["user"].ids)],
                "computation": "percentage",
                "rate": 0.05,
                "accrual": "paid",
            }
        )
        plan.action_activate()
        self.deal.write(
            {
                "pipeline_stage": "closed_won",
                "actual_close_date": date.today(),
            }
        )
        self._bill()
        commission = f"/commissions/{self.deal.commission_ids.id}"
        answer = self.ask(
            f"{commission}/status", "manager", json={"status": "confirmed"}
        )
        self.assertEqual(answer.json()["due_amount"], "0.00", answer.text)
        self._bill("400", billing_type="payment")
        self.assertEqual(self.ask(commission, "user").json()["due_amount"], "20.00")
        self._bill("100", billing_type="refund")
        commission = self.ask(commission, "user").json()
        self.assertEqual(commission["net_amount"], "45.00")  # a tenth is taken back
