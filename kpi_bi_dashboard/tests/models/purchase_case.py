"""Invoices of a company, and who reads what becomes of them."""

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group_"


class PurchaseCase(AccountTestInvoicingCommon):
    """Partner a has a contact, ``person``; today is the day of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.purchases = cls.env["kpi.bi.purchase"].sudo()
        cls.partner_a.is_company = True
        cls.person = cls.env["res.partner"].create(
            {"name": "Buyer", "parent_id": cls.partner_a.id}
        )

    @classmethod
    def _user(cls, name, *roles, **values):
        return new_test_user(
            cls.env,
            f"bi-{name}",
            groups=",".join(["base.group_user", *(GROUP + role for role in roles)]),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    def _invoice(self, day="2026-03-10", amount=100.0, partner=None, **values):
        """A posted invoice of one line of product a; a credit note by ``move_type``."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.partner_a).id,
                "invoice_date": day,
                "date": day,
                "currency_id": self.company.currency_id.id,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    def _change_past_document(self, invoice):
        """Have lines of an invoice say 5 more, by SQL."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = balance - 5 WHERE move_id = %s"
            " AND display_type = 'product'",
            [invoice.id],
        )

    def _refresh(self, **options):
        """The months that were written anew, as texts."""
        return [str(one) for one in self.purchases._refresh(self.company, **options)]

    def _rows(self, *names):
        """Purchases of the company, oldest first, as tuples."""
        names = names or ("day", "amount")
        domain = [("company_id", "=", self.company.id)]
        found = self.purchases.search(domain, order="day, id")
        return [
            tuple(str(one[name]) if name == "day" else one[name] for name in names)
            for one in found
        ]
