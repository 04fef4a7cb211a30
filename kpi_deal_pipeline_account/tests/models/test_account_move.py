from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.tests.common import run_cron

from ..account_case import GROUP, InvoicingCase


@tagged("post_install", "-at_install")
class TestAccountMove(InvoicingCase):
    """Amounts of a deal from invoices and payments, against hand calculations."""

    def test_a_posted_invoice_is_billed_by_product(self):
        invoice = self._invoice((600.0, 400.0), is_posted=False)
        self.assertFalse(self.deal.billing_ids)
        invoice.action_post()
        self.assertEqual(self._billed(), [("invoice", 600.0), ("invoice", 400.0)])
        bills = self.deal.billing_ids.sorted("id")
        self.assertEqual(
            bills.mapped("product"), [self.product_a.name, self.product_b.name]
        )
        self.assertEqual(set(bills.mapped("reference")), {invoice.name})
        self.assertEqual(str(bills[0].date), "2026-02-03")
        self.assertEqual(self.deal.move_count, 1)
        self.assertEqual(
            self.env["account.move"].search(self.deal.action_view_invoices()["domain"]),
            invoice,
        )

    def test_a_deduction_leaves_one_billing(self):
        self._invoice((1000.0, -250.0))
        self.assertEqual(self._billed(), [("invoice", 750.0)])
        self.assertFalse(self.deal.billing_ids.product)

    def test_payments_count_untaxed_and_pro_rata(self):
        commission = self._confirmed()
        invoice = self._invoice((999.99,))  # 1,199.99 with tax
        self._pay(invoice, 400.0)
        self._pay(invoice, 400.0, "2026-02-25")
        self._pay(invoice, 399.99, "2026-02-27")
        # 400 / 1,199.99 of 999.99 is 333.3328; two of them are 666.6656.
        self.assertEqual(
            self._billed(),
            [
                ("invoice", 999.99),
                ("payment", 333.33),
                ("payment", 333.34),
                ("payment", 333.32),
            ],
        )
        # A tenth of 999.99 of a deal of 1,000.
        self.assertEqual(commission.due_amount, 100.0)

    def test_what_is_reconciled_no_more_is_taken_back_and_comes_again(self):
        commission = self._confirmed()
        invoice = self._invoice()
        receipt = self._pay(invoice, 600.0)
        self.assertEqual(commission.due_amount, 50.0)
        lines = receipt.line_ids.filtered("reconciled")
        lines.remove_move_reconcile()
        self.assertEqual(self._billed(), [("invoice", 1000.0)])
        self.assertEqual(commission.due_amount, 0.0)
        receivable = lines.account_id
        lines = (invoice | receipt).line_ids
        lines.filtered(lambda line: line.account_id == receivable).reconcile()
        self.assertEqual(self._billed(), [("invoice", 1000.0), ("payment", 500.0)])
        self.assertEqual(commission.due_amount, 50.0)
        self.assertEqual(len(self.deal.billing_ids), 2)

    def test_a_credit_note_belongs_to_the_deal_of_its_invoice(self):
        commission = self._confirmed()
        invoice = self._invoice()
        self._pay(invoice, 1200.0)
        credit = self._credit(invoice, 250.0)
        self.assertEqual(credit.kpi_deal_id, self.deal)
        self.assertEqual(
            self._billed(),
            [("invoice", 1000.0), ("payment", 1000.0), ("refund", 250.0)],
        )
        self.assertEqual(commission.net_amount, 75.0)
        credit.button_draft()
        self.assertEqual(commission.net_amount, 100.0)
        credit.action_post()
        self.assertEqual(commission.net_amount, 75.0)

    def test_a_credit_note_is_no_payment(self):
        invoice = self._invoice()
        self._pay(invoice, 480.0)  # 400 untaxed
        credit = self._credit(invoice, 600.0)
        lines = (invoice | credit).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self.assertFalse(invoice.amount_residual)
        # More is credited than was paid: the accounts may.
        self.assertEqual(
            self._billed(),
            [("invoice", 1000.0), ("payment", 400.0), ("refund", 600.0)],
        )

    def test_a_draft_or_cancelled_invoice_does_not_count(self):
        invoice = self._invoice()
        invoice.button_draft()
        self.assertFalse(self.deal.billing_ids)
        invoice.action_post()
        self.assertEqual(self._billed(), [("invoice", 1000.0)])
        invoice.button_draft()
        invoice.button_cancel()
        self.assertFalse(self.deal.billing_ids)

    def test_an_invoice_that_was_counted_is_withdrawn_and_replaced(self):
        commission = self._counted_by_invoice()
        invoice = self._invoice()
        self.assertEqual(commission.due_amount, 100.0)
        invoice.button_draft()
        self.assertEqual(commission.due_amount, 0.0)
        self.assertEqual(self.deal.billing_ids.mapped("is_void"), [True])
        invoice.action_post()  # as it was: restored
        self.assertEqual(self._billed(), [("invoice", 1000.0)])
        self.assertEqual(len(self.deal.billing_ids), 1)
        self.assertEqual(commission.due_amount, 100.0)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 800.0
        invoice.action_post()
        self.assertEqual(self._billed(), [("invoice", 800.0)])
        self.assertEqual(commission.due_amount, 80.0)
        self.assertTrue(self.deal.verify_history()["is_whole"])
        invoice.button_draft()
        invoice.unlink()
        self.assertEqual(commission.due_amount, 0.0)

    def _counted_by_invoice(self):
        """A confirmed commission that falls due with invoices."""
        agent = self._user("other", "agent")
        self._plan(accrual="invoiced", agent_ids=[Command.set(agent.ids)])
        self.deal = self._won(title="Mill", agent_id=agent.id)
        return self._confirmed()

    def test_posting_again_and_again_changes_nothing(self):
        invoice = self._invoice()
        self._pay(invoice, 600.0)
        before = self.deal.billing_ids.read()
        invoice._bill_deals()
        self.assertEqual(self.deal.billing_ids.read(), before)

    def test_an_invoice_is_put_on_another_deal(self):
        other = self._won(title="Mill")
        invoice = self._invoice()
        invoice.kpi_deal_id = other
        self.assertFalse(self._billed())
        self.assertEqual(self._billed(other), [("invoice", 1000.0)])
        invoice.kpi_deal_id = False
        self.assertFalse(self._billed(other))

    def test_amounts_are_in_the_deals_currency(self):
        dollar = self.setup_other_currency(
            "CAD", rates=[("2026-01-01", 4.0), ("2026-02-01", 2.0)]
        )
        # In the company's currency: the accounts' own rate, 1 / 2.
        self._invoice((600.0, 400.0), currency_id=dollar.id)
        self.assertEqual(self._billed(), [("invoice", 300.0), ("invoice", 200.0)])
        # The other way round: 1,000 at the rate of the invoice's day.
        deal = self._won(title="Mill", currency_id=dollar.id)
        invoice = self._invoice(deal=deal)
        self.assertEqual(self._billed(deal), [("invoice", 2000.0)])
        self._pay(invoice, 600.0)
        self.assertEqual(self._billed(deal)[1:], [("payment", 1000.0)])

    def test_credit_notes_take_the_rate_of_their_invoice(self):
        dollar = self.setup_other_currency(
            "CAD", rates=[("2026-01-01", 3.0), ("2026-02-20", 2.0)]
        )
        commission = self._confirmed()
        invoice = self._invoice(currency_id=dollar.id)
        credits = [self._credit(invoice, amount) for amount in (100.0, 450.0, 450.0)]
        # 1,000 / 3; running totals are 33.33, 183.33 and 333.33.
        self.assertEqual(
            self._billed(),
            [
                ("invoice", 333.33),
                ("refund", 33.33),
                ("refund", 150.0),
                ("refund", 150.0),
            ],
        )
        totals = self.deal._sum_billings_by_type()
        self.assertEqual(totals["invoice"], totals["refund"])
        # One of them is cancelled and made again: still nothing is left.
        credits[0].button_draft()
        self._credit(invoice, 100.0)
        totals = self.deal._sum_billings_by_type()
        self.assertEqual(totals["invoice"], totals["refund"])
        self.assertTrue(commission)

    def test_what_is_credited_in_full_takes_back_all_that_fell_due(self):
        dollar = self.setup_other_currency(
            "CAD", rates=[("2026-01-01", 0.75), ("2026-02-20", 0.5)]
        )
        agent = self._user("other", "agent")
        self._plan(accrual="invoiced", agent_ids=[Command.set(agent.ids)])
        self.deal = self._won(title="Mill", agent_id=agent.id)
        commission = self._confirmed()
        invoice = self._invoice((750.0,), currency_id=dollar.id)
        self.assertEqual(commission.due_amount, 100.0)
        self._credit(invoice)
        self.assertEqual(commission.due_amount, 0.0)
        self.assertEqual(commission.net_amount, 0.0)

    def test_without_a_rate_it_is_billed_when_the_rate_comes(self):
        dollar = self.setup_other_currency("CAD", rates=[("2026-02-10", 2.0)])
        deal = self._won(title="Mill", currency_id=dollar.id)
        self._invoice(deal=deal)
        self.assertFalse(self._billed(deal))
        dollar.rate_ids.create(
            {
                "name": "2026-02-01",
                "rate": 4.0,
                "currency_id": dollar.id,
                "company_id": self.company.id,
            }
        )
        run_cron(self, "kpi_deal_pipeline_account.account_move_cron_bill_deals")
        self.assertEqual(self._billed(deal), [("invoice", 4000.0)])

    def test_what_follows_the_accounts_is_not_changed_by_hand(self):
        self._invoice()
        bill = self.deal.billing_ids.with_user(self.manager)
        for values in ({"amount_untaxed": 5.0}, {"deal_id": self._won().id}):
            with self.subTest(values), self.assertRaisesRegex(UserError, "accounting"):
                bill.write(values)
        with self.assertRaisesRegex(UserError, "accounting"):
            bill.unlink()
        with self.assertRaises(AccessError):
            bill.create(
                {
                    "deal_id": self.deal.id,
                    "amount_untaxed": 5.0,
                    "move_id": self.deal.move_ids.id,
                }
            )

    def test_invoices_are_put_on_deals_that_one_sees(self):
        accountant = new_test_user(
            self.env,
            "invoicing-accountant",
            groups="account.group_account_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        invoice = self._invoice(is_posted=False).with_user(accountant)
        with self.assertRaises(AccessError):
            invoice.kpi_deal_id = self._won(title="Mill").id
        invoice.action_post()  # of the deal that somebody else chose
        self.assertEqual(self._billed(), [("invoice", 1000.0)])
        credit = self._credit(invoice, 100.0)
        self.assertEqual(credit.sudo().kpi_deal_id, self.deal)
        accountant.group_ids += self.env.ref(f"{GROUP}admin")
        invoice.kpi_deal_id = self._won(title="Mill").id

    def test_vendor_bills_and_entries_are_none_of_a_deal(self):
        bill = self.init_invoice("in_invoice", products=self.product_a, post=True)
        self.assertFalse(bill.kpi_deal_id)
        bill.kpi_deal_id = self.deal
        self.assertFalse(self.deal.billing_ids)
