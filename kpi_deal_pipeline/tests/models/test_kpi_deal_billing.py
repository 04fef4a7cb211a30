from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiDealBilling(CommissionCase):
    """Billings that turn out not to count, before and after agents were paid."""

    def _settled(self, amount=1000.0, **values):
        """A deal whose commission of a tenth is confirmed."""
        self._plan("percentage", rate=0.1, **values)
        deal = self._won(amount)
        if values.get("base", "value") != "value":
            self._bill(deal, amount)
        self._confirm(deal.commission_ids)
        return deal

    def _void(self, billing, is_void=True):
        billing.sudo().write({"is_void": is_void})

    def _due(self, deal):
        deal.invalidate_recordset()
        return deal.commission_ids.due_amount

    def test_a_payment_that_is_withdrawn_falls_due_no_more(self):
        deal = self._settled(accrual="paid")
        first = self._bill(deal, 400.0, "payment")
        second = self._bill(deal, 100.0, "payment", "2026-02-10")
        self.assertEqual(self._due(deal), 50.0)
        self._void(first)
        self.assertEqual(self._due(deal), 10.0)
        self._void(first, False)
        self.assertEqual(self._due(deal), 50.0)
        self._void(first)
        self._bill(deal, 900.0, "payment", "2026-02-20")
        self.assertEqual(self._due(deal), 100.0)
        self.assertEqual(deal.commission_ids.net_amount, 100.0)
        booked = deal.commission_ids.accrual_ids.sorted("id")
        self.assertEqual(
            [(each.billing_id == first, each.amount) for each in booked],
            [
                (True, 40.0),
                (False, 10.0),
                (True, -40.0),
                (True, 40.0),
                (True, -40.0),
                (False, 90.0),
            ],
        )
        self.assertTrue(second)
        self.assertEqual(self._faults(deal), [])

    def test_a_refund_that_is_withdrawn_takes_nothing_back(self):
        deal = self._settled(accrual="invoiced")
        self._bill(deal, 1000.0)
        refund = self._bill(deal, 500.0, "refund")
        self.assertEqual(
            (deal.commission_ids.net_amount, self._due(deal)), (50.0, 50.0)
        )
        self._void(refund)
        self.assertEqual(
            (deal.commission_ids.net_amount, self._due(deal)), (100.0, 100.0)
        )
        self.assertEqual(self._faults(deal), [])

    def test_an_invoice_that_is_withdrawn_is_no_base(self):
        deal = self._settled(base="invoiced")
        self.assertEqual(deal.commission_ids.commission_amount, 100.0)
        invoice = deal.billing_ids
        self._void(invoice)
        self.assertEqual(deal.commission_ids.commission_amount, 100.0)  # settled
        self.assertEqual(deal.commission_ids.net_amount, 0.0)
        self._bill(deal, 600.0)
        self.assertEqual(deal.commission_ids.net_amount, 60.0)

    def test_pending_commissions_follow_what_is_removed_or_moved(self):
        self._plan("percentage", rate=0.1, base="invoiced")
        deal, other = self._won(1000.0), self._won(1000.0)
        invoice = self._bill(deal, 600.0)
        self.assertEqual(self._amounts([deal]), [60.0])
        invoice.deal_id = other
        self.assertEqual(self._amounts([deal, other]), [0.0, 60.0])
        invoice.unlink()
        self.assertEqual(self._amounts([deal, other]), [0.0, 0.0])

    def test_what_refunds_stand_on_is_not_removed(self):
        deal, other = self._deal(), self._deal()
        invoice = self._bill(deal, 100.0).with_user(self.manager)
        self._bill(deal, 60.0, "refund")
        refused = r"60\.00\s€ exceed the 0\.00\s€"
        with self.assertRaisesRegex(ValidationError, refused), self.cr.savepoint():
            invoice.unlink()
        with self.assertRaisesRegex(ValidationError, refused), self.cr.savepoint():
            invoice.deal_id = other

    def test_only_the_engine_withdraws(self):
        deal = self._settled(accrual="invoiced")
        invoice = self._bill(deal, 1000.0)
        with self.assertRaises(AccessError):
            invoice.with_user(self.manager).is_void = True
        with self.assertRaises(UserError):
            invoice.with_user(self.manager).unlink()
