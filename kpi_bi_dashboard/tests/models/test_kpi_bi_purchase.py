"""Purchases follow invoices, orders and imports."""

from datetime import timedelta

import numpy as np

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .purchase_case import PurchaseCase


@tagged("post_install", "-at_install")
class TestKpiBiPurchase(PurchaseCase):
    def test_a_customer_and_day_is_one_row(self):
        self._invoice(amount=100)
        self._invoice(amount=50, partner=self.person)
        self._invoice(day="2026-03-11", amount=30, move_type="out_refund")
        self.assertEqual(self._refresh(), ["2026-03-01"])
        rows = self._rows("day", "amount", "quantity")
        self.assertEqual(rows, [("2026-03-10", 150, 2), ("2026-03-11", -30, -1)])
        customer = self.purchases.search([("company_id", "=", self.company.id)]).mapped(
            "customer_id"
        )
        self.assertEqual(customer.partner_id, self.partner_a)
        self.assertEqual(customer.display_name, self.partner_a.display_name)

    def test_only_months_that_changed_are_written(self):
        self._invoice()
        april = self._invoice(day="2026-04-05", amount=7)
        self.assertEqual(self._refresh(), ["2026-03-01", "2026-04-01"])
        before = self.purchases.search([("day", "=", "2026-03-10")])
        self.assertEqual(self._refresh(), [])
        april.button_draft()
        self.assertEqual(self._refresh(), ["2026-04-01"])
        self.assertEqual(self._rows(), [("2026-03-10", 100)])
        self.assertTrue(before.exists())
        april.button_cancel()
        self.assertEqual(self._refresh(), [])

    def test_what_is_no_sale_is_none(self):
        draft = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner_a.id}
        )
        self._invoice(move_type="in_invoice")
        self.assertEqual(self._refresh(), [])
        self.assertEqual(self._rows(), [])
        self.assertEqual(draft.state, "draft")

    def test_what_was_posted_late_leaves_results_as_they_were(self):
        results = self.env["kpi.bi.result"].sudo()
        self._invoice()
        self._refresh()
        first = results._find_latest(self.company, "purchases")
        figures = first.figures
        self._invoice(day="2026-03-20", amount=1)
        self._refresh()
        self.assertNotEqual(results._find_latest(self.company, "purchases"), first)
        self.assertEqual(first.figures, figures)

    def test_a_line_changed_past_the_documents_is_found_at_night(self):
        invoice = self._invoice()
        self._refresh()
        self._change_past_document(invoice)
        self.assertEqual(self._refresh(), [])
        self.assertEqual(self._refresh(with_lines=True), ["2026-03-01"])
        self.assertEqual(self._rows(), [("2026-03-10", 105)])

    def test_each_purchase_is_read_once_where_postgresql_believes_there_is_none(self):
        """It counts them while a first, long transaction writes them."""
        fill = """
            INSERT INTO kpi_bi_customer (company_id, partner_key)
            SELECT %(company)s, -number FROM generate_series(1, 400) AS number
            ON CONFLICT DO NOTHING;
            INSERT INTO kpi_bi_purchase
                   (company_id, customer_id, day, category_key, amount, quantity)
            SELECT %(company)s, id, DATE '2026-01-01' + number, 0, 1, 1
              FROM kpi_bi_customer, generate_series(1, 10) AS number
             WHERE company_id = %(company)s;
        """
        self.cr.execute(SQL(fill, company=self.company.id))
        self.cr.execute("DELETE FROM kpi_bi_purchase; ANALYZE kpi_bi_purchase")
        self.cr.execute("DELETE FROM kpi_bi_customer; ANALYZE kpi_bi_customer")
        self.cr.execute(SQL(fill, company=self.company.id))
        read = """
            SELECT seq_tup_read + COALESCE(idx_tup_fetch, 0)
              FROM pg_stat_xact_user_tables WHERE relname = 'kpi_bi_purchase'
        """
        self.cr.execute(read)
        (before,) = self.cr.fetchone()
        self._invoice()
        self.assertEqual(self._refresh(), ["2026-03-01"])
        self.cr.execute(read)
        self.assertLess(self.cr.fetchone()[0] - before, 10 * 4000)
        counted = "SELECT reltuples FROM pg_class WHERE relname IN %s"
        tables = ("kpi_bi_customer", "kpi_bi_purchase")
        self.cr.execute(counted, [tables])
        self.assertNotIn((0,), self.cr.fetchall())

    def test_merged_partners_are_one_customer(self):
        self._invoice(amount=100)
        self._invoice(amount=20, partner=self.partner_b)
        self._refresh()
        self.assertEqual(len({row[0] for row in self._rows("customer_id")}), 2)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((self.partner_a | self.partner_b).ids, self.partner_a)
        self.assertEqual(self._refresh(), ["2026-03-01"])
        self.assertEqual(self._rows("amount"), [(120,)])

    def test_segments_become_tags_of_contacts(self):
        self._invoice()
        self._refresh()
        analyses = self.env["kpi.bi.analysis"].sudo()
        analyses._analyse_customers(self.company)
        customers = self.env["kpi.bi.customer"].sudo()
        customer = customers.search([("partner_key", "=", self.partner_a.id)])
        customer.action_tag_contacts()
        self.assertEqual(self.partner_a.category_id.name, "New")
        customer._replace_figures(
            self.company,
            fields.Date.today(),
            {"id": np.array(customer.ids), "segment": np.array(["at_risk"])},
        )
        customer.action_tag_contacts()
        self.assertEqual(self.partner_a.category_id.name, "At risk")
        action = customer.action_open_contacts()
        self.assertEqual(action["domain"], [("id", "in", self.partner_a.ids)])

    def _checks(self):
        results = self.env["kpi.bi.result"].sudo()
        return results._find_latest(self.company, "purchases").checks

    def test_odd_documents_are_listed(self):
        future = fields.Date.today() + timedelta(days=400)
        ahead = self._invoice(day=str(future))
        other = self.env["res.currency"].create({"name": "XQX", "symbol": "Q"})
        unpriced = self._invoice(currency_id=other.id)
        self.env["kpi.currency.rate"].sudo()._refresh(force=True)
        self._refresh()
        checks = self._checks()
        self.assertEqual(checks["future"], {"count": 1, "ids": ahead.ids})
        self.assertEqual(checks["unpriced"], {"count": 1, "ids": unpriced.ids})
        read = self.purchases._read_purchases(self.company)
        self.assertEqual(read.amounts.tolist(), [100])  # nothing of what is to come

    def test_margins_are_assumed_from_a_day_on(self):
        benchmarks = self.env["kpi.bi.benchmark"].sudo()
        common = {"measure": "gross_margin", "company_id": self.company.id}
        benchmarks.create({**common, "date_from": "2026-03-01", "middle": 40})
        benchmarks.create(
            {
                **common,
                "date_from": "2026-04-01",
                "middle": 25,
                "category_id": self.product_a.categ_id.id,
            }
        )
        self._invoice(day="2026-02-10")
        self._invoice(day="2026-03-10")
        self._invoice(day="2026-04-10")
        self._refresh()
        rows = self._rows("day", "margin")
        known = self.purchases.search([("margin", "=", False)])
        self.assertEqual(rows[1:], [("2026-03-10", 40), ("2026-04-10", 25)])
        # nothing is assumed of February: no margin, rather than 0
        unknown = self.purchases.search([("day", "=", "2026-02-10")])
        self.env.cr.execute(
            "SELECT margin FROM kpi_bi_purchase WHERE id = %s", unknown.ids
        )
        self.assertEqual(self.env.cr.fetchall(), [(None,)])
        self.assertEqual(known, unknown)
        read = self.purchases._read_purchases(self.company)
        self.assertEqual(str(read.margins.tolist()), "[nan, 40.0, 25.0]")
        # another margin is one of the months since then, and of no others
        benchmarks.search([("category_id", "!=", False)]).middle = 30
        changed = self.purchases._refresh(self.company)
        self.assertEqual(list(map(str, changed)), ["2026-04-01"])
        benchmarks.search([("middle", "=", 30)]).unlink()
        self._refresh()
        read = self.purchases._read_purchases(self.company)
        self.assertEqual(str(read.margins.tolist()), "[nan, 40.0, 40.0]")

    def _order(self, date_order, **values):
        """A confirmed order of 30.00."""
        line = {
            "product_id": self.product_a.id,
            "product_uom_qty": 3,
            "price_unit": 10,
            "tax_ids": [Command.clear()],
        }
        values |= {"partner_id": self.partner_b.id, "order_line": [(0, 0, line)]}
        order = self.env["sale.order"].sudo().create(values)
        order.action_confirm()
        order.date_order = date_order
        return order

    def test_orders_whose_rate_comes_later_were_not_changed_past_themselves(self):
        self.company.kpi_bi_purchase_source = "orders"
        other = self.env["res.currency"].create({"name": "XQX", "symbol": "Q"})
        prices = self.env["product.pricelist"].sudo()
        prices = prices.create({"name": "Q", "currency_id": other.id})
        order = self._order("2026-05-10 12:00:00", pricelist_id=prices.id)
        self._refresh(with_lines=True)
        self.assertEqual(self._checks()["unpriced"], {"count": 1, "ids": order.ids})
        for currency, rate in ((other, 2.0), (self.company.currency_id, 1.0)):
            self.env["res.currency.rate"].sudo().create(
                {"name": "2026-01-01", "rate": rate, "currency_id": currency.id}
            )
        self.assertEqual(self._refresh(with_lines=True), ["2026-05-01"])
        self.assertEqual(self._rows("amount"), [(15,)])
        self.assertEqual(self._checks(), {})

    def test_orders_count_where_the_company_says_so(self):
        self._invoice()
        self._refresh()
        self._order(date_order="2026-05-31 23:30:00")
        self.company.partner_id.tz = "Europe/Berlin"
        self.company.kpi_bi_purchase_source = "orders"
        self.assertEqual(self._refresh(), ["2026-03-01", "2026-06-01"])
        # it is June in Berlin already
        self.assertEqual(self._rows("day", "amount"), [("2026-06-01", 30)])

    def test_people_cannot_write_and_see_margins_by_their_group(self):
        self._invoice()
        self._refresh()
        analyst = self._user("analyst", "analyst")
        mine = self.purchases.with_user(analyst).search([])
        self.assertEqual(mine.mapped("amount"), [100])
        with self.assertRaises(AccessError):
            mine.read(["margin"])
        with self.assertRaises(AccessError):
            self.purchases.with_user(self._user("reader", "user")).search([])
        for change in (
            lambda: self.purchases.create({"day": "2026-01-01"}),
            lambda: mine.sudo().write({"amount": 1}),
        ):
            with self.assertRaises(UserError):
                change()
        stranger = self._user("other", "analyst", "margin")
        other = self.env["res.company"].create({"name": "Other"})
        stranger.sudo().write({"company_ids": other.ids, "company_id": other.id})
        self.assertFalse(self.purchases.with_user(stranger).search([]))
