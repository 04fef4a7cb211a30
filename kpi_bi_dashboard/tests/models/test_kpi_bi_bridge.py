"""From purchases to the general ledger, to the cent."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .purchase_case import PurchaseCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 12:00:00")
class TestKpiBiBridge(PurchaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.income = cls.company_data["default_account_revenue"]
        cls.asset = cls.company_data["default_account_assets"]
        cls.analyses = cls.env["kpi.bi.analysis"].sudo()

    def _sums(self, part="2026-03"):
        start, stop = self.analyses._get_bridge_days(self.company, part)
        sums, changes = self.analyses._compute_bridge(self.company, start, stop)
        ledger = -sum(
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company.id),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "in", ("income", "income_other")),
                    ("date", ">=", start),
                    ("date", "<", stop),
                ]
            )
            .mapped("balance")
        )
        self.assertAlmostEqual(sums["ledger"], ledger, 2)
        steps = sum(one for name, one in sums.items() if name != "ledger")
        self.assertEqual(self.company.currency_id.round(steps - sums["ledger"]), 0)
        self.changes = changes
        return {name: one for name, one in sums.items() if one}

    def _line(self, account=None, amount=100):
        return Command.create(
            {
                "product_id": self.product_a.id,
                "account_id": (account or self.income).id,
                "price_unit": amount,
                "tax_ids": [Command.clear()],
            }
        )

    def _entry(self, amount, **values):
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-03-12",
                "line_ids": [
                    Command.create({"account_id": self.income.id, "credit": amount}),
                    Command.create({"account_id": self.asset.id, "debit": amount}),
                ],
                **values,
            }
        )
        entry.action_post()
        return entry

    def _opened(self, step, part="2026-03"):
        action = self.analyses.open_bridge_step(self.company.id, part, step)
        return self.env[action["res_model"]].sudo().search(action["domain"])

    def test_all_that_lies_between(self):
        other = self.setup_other_currency("EUR")
        self._invoice(amount=1000)
        self._invoice(amount=200, move_type="out_refund")
        self._invoice(amount=90, currency_id=other.id)
        # sold on credit for later: a balance sheet account
        self._invoice(invoice_line_ids=[self._line(self.asset, 70), self._line()])
        late = self._invoice(day="2026-03-31", amount=50, date="2026-04-02")
        early = self._invoice(day="2026-02-27", amount=30, date="2026-03-02")
        self._invoice(day="2026-03-31", amount=5)  # in the future
        cancelled = self._invoice(amount=7)
        cancelled.button_draft()
        cancelled.button_cancel()
        manual = self._entry(11.11)
        self._invoice(move_type="in_invoice", amount=3)
        self.env["account.move"].create(
            {
                "move_type": "out_receipt",
                "date": "2026-03-10",
                "invoice_date": "2026-03-10",
                "partner_id": self.partner_a.id,
                "invoice_line_ids": [self._line(amount=4)],
            }
        ).action_post()
        self._refresh()
        sums = self._sums()
        foreign = 90 / 2  # EUR at 2.0 since 2017
        self.assertEqual(sums["purchases"], 1000 - 200 + foreign + 170 + 50 + 5)
        self.assertEqual(sums["off_income"], -70)
        self.assertEqual(sums["dates"], -50 + 30)
        self.assertEqual(sums["manual"], 11.11)
        self.assertEqual(sums["documents"], 4)
        self.assertNotIn("changed", sums)
        self.assertEqual(self._opened("manual").move_id, manual)
        self.assertEqual(self._opened("dates").move_id, late | early)
        self.assertEqual(-sum(self._opened("ledger").mapped("balance")), sums["ledger"])
        self._sums("year")

    def test_a_line_moved_by_sql_is_named(self):
        invoice = self._invoice()
        self._refresh()
        self._change_past_document(invoice)
        self.env.invalidate_all()
        self.assertEqual(self._sums()["changed"], 5)
        ((customer, day, _category, then, now),) = self.changes
        found = self.env["kpi.bi.customer"].sudo().browse(customer)
        self.assertEqual(found.partner_id, self.partner_a)
        self.assertEqual((str(day), then, now), ("2026-03-10", 100, 105))
        self.assertEqual(self._opened("changed").move_id, invoice)
        # counted at night, and said
        self._refresh(with_lines=True)
        self.assertNotIn("changed", self._sums())
        checks = self.env["kpi.bi.result"].sudo()
        checks = checks._find_latest(self.company, "purchases").checks
        self.assertEqual(checks["moved"], {"count": 1, "ids": invoice.ids})

    def test_a_new_invoice_is_a_change_until_the_update(self):
        self._invoice()
        self._refresh()
        self._invoice(partner=self.partner_b, amount=40)
        self.assertEqual(self._sums()["changed"], 40)
        self.assertIsNone(self.changes[0][0])  # nobody that is known yet

    def test_orders(self):
        self.company.kpi_bi_purchase_source = "orders"
        orders = self.env["sale.order"].sudo()
        for amount in (100, 60):
            orders |= orders.create(
                {
                    "partner_id": self.partner_b.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product_a.id,
                                "product_uom_qty": 1,
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        orders.action_confirm()
        orders.write({"date_order": "2026-03-05 12:00:00"})
        orders.order_line.qty_delivered = 1
        invoice = orders[0]._create_invoices()
        invoice.invoice_date = "2026-03-15"
        invoice.action_post()
        self._invoice(amount=9)
        self._refresh()
        sums = self._sums()
        self.assertEqual(sums["purchases"], 160)
        self.assertEqual(sums["not_invoiced"], -60)
        self.assertEqual(sums["no_order"], 9)
        self.assertEqual(sums["ledger"], 109)
        self.assertEqual(self._opened("not_invoiced"), orders[1])

    def test_the_page_and_who_may_open_steps(self):
        self._invoice()
        self._entry(3)
        self._refresh()
        self.analyses._analyse_bridge(self.company)
        reader = self._user("reader", "user")
        analyses = self.env["kpi.bi.analysis"].with_user(reader)
        page = analyses.get_page("bridge")
        self.assertEqual(len(page["choices"]), 14)
        (section,) = page["sections"]
        self.assertEqual([one["size"] for one in section["steps"]], [3])
        self.assertFalse(section["steps"][0]["opens"])  # no accountant
        with self.assertRaises(AccessError):
            analyses.open_bridge_step(self.company.id, "", "manual")
        stranger = self.env["res.company"].sudo().create({"name": "Other"})
        with self.assertRaises(UserError):
            analyses.open_bridge_step(stranger.id, "", "manual")
        with self.assertRaises(UserError):
            analyses.get_page("bridge:soon")

    def test_odd_documents_open_for_who_may_see_them(self):
        ahead = self._invoice(day="2026-04-10")
        self._refresh()
        self.analyses._analyse_bridge(self.company)
        reader = self._user("reader", "user")
        for analyses, kinds in (
            (self.analyses, [("account.move", ahead.ids)]),
            (self.env["kpi.bi.analysis"].with_user(reader), [None]),
        ):
            (odd,) = (
                one
                for one in analyses.get_page("bridge")["sections"]
                if one["title"] == "Data quality"
            )
            self.assertEqual([one and one["args"] for one in odd["opens"]], kinds)
