from unittest import SkipTest

from odoo import Command
from odoo.tests import tagged

from ..account_case import InvoicingCase


@tagged("post_install", "-at_install")
class TestAccountMoveSale(InvoicingCase):
    """Invoices of orders that were won as opportunities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env["account.move"]._kpi_order_path():
            raise SkipTest("needs Sales with CRM")
        sales = cls.env.ref("sales_team.group_sale_manager")
        cls.env.user.sudo().group_ids += sales
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Quay 7", "type": "opportunity", "company_id": cls.company.id}
        )
        cls.deal.sudo().lead_id = cls.lead

    def _order(self, lead=None, **line):
        product = self.env["product.product"].create(
            {"name": "Rent", "type": "service", "invoice_policy": "order"}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "opportunity_id": (lead or self.lead).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 2.0,
                            "price_unit": 500.0,
                            "tax_ids": [Command.set(self.tax.ids)],
                            **line,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        return order

    def test_the_invoice_of_an_opportunity_is_its_deals(self):
        invoice = self._order()._create_invoices()
        self.assertEqual(invoice.kpi_deal_id, self.deal)
        invoice.action_post()
        self.assertEqual(self._billed(), [("invoice", 1000.0)])
        self.assertEqual(self.deal.billing_ids.product, "Rent")

    def test_what_somebody_chose_stands(self):
        other = self._won(title="Mill")
        invoice = self._order()._create_invoices()
        invoice.kpi_deal_id = other
        invoice.invoice_line_ids.price_unit = 600.0
        invoice.action_post()
        self.assertEqual(self._billed(other), [("invoice", 1200.0)])
        self.assertFalse(self._billed())

    def test_an_invoice_of_two_opportunities_is_of_neither(self):
        lead = self.lead.copy()
        self._won(title="Mill").sudo().lead_id = lead
        orders = self._order() | self._order(lead)
        self.assertFalse(orders._create_invoices().kpi_deal_id)

    def test_the_margin_is_what_the_order_knows(self):
        if "purchase_price" not in self.env["sale.order.line"]._fields:
            self.skipTest("needs Margins in Sales Orders")
        invoice = self._order(purchase_price=300.0)._create_invoices()
        invoice.action_post()
        self.assertEqual(self.deal.billing_ids.margin, 400.0)
        for cost, margin in ((0.0, 0.0), (600.0, 0.0)):  # not known; sold at a loss
            with self.subTest(cost):
                invoice = self._order(purchase_price=cost)._create_invoices()
                invoice.action_post()
                billing = self.deal.billing_ids.filtered(
                    lambda each, invoice=invoice: each.move_id == invoice
                )
                self.assertEqual(billing.margin, margin)
