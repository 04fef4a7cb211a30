"""Purchases of files."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.kpi_base.tests.import_case import OFFICER, ImportCase

FILE = """customer_id,date,quantity,amount
00001,2026-01-01,1,11.77
00002,2026-01-12,1,12.00
00002,2026-01-12,5,77.00
00002,2026-01-12,5,77.00
00003,2026-02-02,2,-8
"""


class TestKpiImportPurchase(ImportCase):
    officer_groups = f"{OFFICER},kpi_bi_dashboard.kpi_bi_dashboard_group_analyst"
    target_model = "kpi.import.purchase"

    def _lines(self):
        lines = self.env["kpi.bi.purchase.line"].search([], order="number")
        return [
            (line.customer_id.reference, str(line.day), line.amount) for line in lines
        ]

    def test_equal_lines_are_real(self):
        job = self._imported(FILE)
        self.assertCounts(job, added=5)
        self.assertEqual(self._lines()[2:4], [("00002", "2026-01-12", 77)] * 2)
        purchases = self.env["kpi.bi.purchase"].sudo()
        purchases._refresh(self.company)
        read = purchases._read_purchases(self.company)
        self.assertEqual(read.amounts.tolist(), [11.77, 166, -8])

    def test_amounts_and_days_that_cannot_be(self):
        lines = ["customer,date,amount", "1,2026-01-01,1e308", "2,1899-12-30,5"]
        job = self._imported("\n".join([*lines, "3,2026-01-01,7"]))
        self.assertCounts(job, added=1, refused=2)
        reasons = {2: "Amount is too large.", 3: "Day is before 1970."}
        self.assertEqual(self._reasons(job), reasons)

    def test_categories_that_are_not_found_are_mapped(self):
        categories = self.env["product.category"].sudo()
        first, second = categories.create([{"name": "Toys"}, {"name": "Games"}])
        inner = categories.create({"name": "toys", "parent_id": second.id})
        head = "customer,date,amount,category\n"
        rows = (
            "1,2026-01-01,5,Tois\n",
            "1,2026-01-01,5,TOYS\n",
            "1,2026-01-01,5,games/toys\n",
            "1,2026,5,Tois\n",
        )
        job = self._import(head + "".join(rows))
        job.action_check()
        (unknown,) = job.check_page["unknown"]
        self.assertEqual((unknown["key"], unknown["rows"]), ("category", 2))
        texts = [each["text"] for each in unknown["nearest"]]
        self.assertEqual(texts, ["Games / toys", "Toys"])
        self.assertEqual(
            self._reasons(job)[5],
            "Enter the day of the purchase. Product category “Tois” not found.",
        )
        job.action_map("category", "Tois", "Toys")
        job.action_import_checked()
        lines = self.env["kpi.bi.purchase.line"].search([], order="number")
        keys = lines.mapped("category_key")
        self.assertEqual(keys, [first.id, first.id, inner.id])

    def test_amounts_in_another_unit_are_refused(self):
        head = "customer,date,amount,margin\n"
        job = self._imported(head + "1,2026-01-01,5 EUR,\n1,2026-01-01,5 USD,5 %\n")
        self.assertCounts(job, refused=2)

    def _amounts(self):
        """Amounts of all lines by file, in the order of the lines."""
        lines = self.env["kpi.bi.purchase.line"].search([], order="file_name, number")
        files = lines.grouped("file_name")
        return {name: same.mapped("amount") for name, same in files.items()}

    def _choose(self, job, choice):
        """Choose what to do about a known file, as the buttons of its page do."""
        fixes = [f for f in job.check_page["fixes"] if "chosen" in f]
        self.assertEqual(
            [fix["label"] for fix in fixes],
            [
                "If Imported Before: Replace Earlier Rows",
                "If Imported Before: Add Rows",
            ],
        )
        job.action_fix(fixes[choice == "add"]["key"])
        job.action_import_checked()
        self.assertEqual(job.state, "done", job.error)

    def test_the_same_file_again_changes_nothing(self):
        self._imported(FILE)
        again = self._imported(FILE)
        self.assertCounts(again, equal=5)

    def test_a_known_name_with_other_rows_is_asked_about(self):
        self._imported(FILE)
        other = FILE.replace("11.77", "12.50").replace("00003,2026-02-02,2,-8\n", "")
        job = self._import(other)
        job.action_check()
        self.assertCounts(job, refused=4)
        self.assertEqual(
            {*self._reasons(job).values()},
            {
                "“values.csv” was imported with other rows: 5 then, 4 now, 3 of them "
                "equal. Replace the earlier rows, add these, or cancel."
            },
        )
        self._choose(job, "replace")
        self.assertEqual(self._amounts(), {"values.csv": [12.5, 12, 77, 77]})
        # what was chosen for one file is not remembered for the next
        job = self._import(FILE)
        job.action_check()
        self.assertCounts(job, refused=5)
        self._choose(job, "add")
        name = f"values.csv #{job.id}"
        self.assertEqual(self._amounts()[name], [11.77, 12, 77, 77, -8])
        self.assertEqual(self._amounts()["values.csv"], [12.5, 12, 77, 77])
        # a run that was cut off after it had written continues and adds nothing twice
        job.sudo().state = "checked"
        job.action_import()
        self.assertCounts(job, equal=5)

    def test_known_rows_under_another_name_are_asked_about(self):
        self._imported(FILE)
        job = self._import(FILE + "00009,2026-03-03,1,5\n", name="shop.csv")
        job.action_check()
        self.assertIn(
            "5 of 6 rows were imported with “values.csv” (5 rows).",
            self._reasons(job)[2],
        )
        self._choose(job, "replace")
        self.assertEqual([*self._amounts()], ["shop.csv"])
        self.assertEqual(len(self._lines()), 6)
        # one with some rows that are as elsewhere is another file
        job = self._imported(
            "customer_id,date,quantity,amount\n00001,2026-01-01,1,11.77\n"
            "00001,2026-01-02,1,11.77\n",
            name="more.csv",
        )
        self.assertCounts(job, added=2)

    def test_orders_are_known_by_their_number(self):
        head = "Order ID,customer,date,amount\n"
        first = "A1,x,2026-01-01,10\nA1,x,2026-01-01,20\nA2,y,2026-01-02,5\n"
        self.assertCounts(self._imported(head + first, name="one.csv"), added=3)
        self.assertCounts(self._imported(head + first, name="two.csv"), equal=3)
        # an order that comes again, in any file, replaces its lines
        second = "A3,x,2026-01-03,7\nA1,x,2026-01-01,15\n"
        job = self._imported(head + second, name="one.csv")
        self.assertCounts(job, added=1, changed=1)
        self.assertEqual(job.created_text, "Earlier rows removed: 1")
        lines = self.env["kpi.bi.purchase.line"].search([])
        self.assertEqual(
            sorted(zip(lines.mapped("order_ref"), lines.mapped("amount"), strict=True)),
            [("A1", 15), ("A2", 5), ("A3", 7)],
        )
        self.assertEqual(job.action_open_records()["domain"][1][2], "one.csv")
        # which line of A1 the second one is, is not known: the first one has no day
        broken = "A1,x,,15\nA1,x,2026-01-01,99\nA4,x,2026-01-09,1\n"
        job = self._imported(head + broken, name="three.csv")
        self.assertCounts(job, added=1, refused=2)
        self.assertIn("Order A1 was imported with other lines", self._reasons(job)[3])
        job = self._imported(head + ",x,2026-01-01,5\n", name="four.csv")
        self.assertEqual(self._reasons(job), {2: "Order Number is missing."})

    def test_lines_of_orders_are_known_by_their_number(self):
        head = "Order Number,Order Line,customer,date,amount\n"
        first = "A1,1,x,2026-01-01,10\nA1,2,x,2026-01-01,20\n"
        self._imported(head + first, name="one.csv")
        job = self._imported(head + "A1,2,x,2026-01-01,25\n", name="two.csv")
        self.assertCounts(job, changed=1)
        self.assertEqual(sorted(line[2] for line in self._lines()), [10, 25])
        job = self._imported(head + first + first, name="three.csv")
        self.assertCounts(job, refused=4)

    def test_orders_of_a_file_that_was_imported_without_them_are_asked_about(self):
        self._imported("customer,date,amount\nx,2026-01-01,10\ny,2026-01-02,5\n")
        rows = "order id,customer,date,amount\n1,x,2026-01-01,10\n2,y,2026-01-02,5\n"
        job = self._import(rows)
        job.action_check()
        self.assertCounts(job, refused=2)
        self._choose(job, "replace")
        self.assertEqual([line[2] for line in self._lines()], [10, 5])

    def test_a_customer_is_the_contact_of_that_reference(self):
        partners = self.env["res.partner"].sudo()
        other = self.env["res.company"].sudo().create({"name": "Other"})
        known, *_others = partners.create(
            [
                {"name": "Known", "ref": "00001"},
                {"name": "Twice", "ref": "00002"},
                {"name": "Twice again", "ref": "00002"},
                {"name": "Elsewhere", "ref": "00003", "company_id": other.id},
            ]
        )
        self._imported(FILE)
        customers = self.env["kpi.bi.customer"].search([], order="reference")
        self.assertEqual(customers.mapped("partner_key"), [known.id, 0, 0])
        self.assertEqual(
            self.env["kpi.bi.customer"].search([("partner_id", "=", known.id)]),
            customers[0],
        )
        # what is imported of the contact later, and by another reference, stays apart
        known.ref = "00009"
        self._imported("customer,date,amount\n00009,2026-04-01,5\n", name="more.csv")
        self.assertEqual(customers[0].reference, "00009")
        self.assertEqual(self._lines()[0], ("00009", "2026-01-01", 11.77))

    def test_analyses_follow(self):
        self._imported(FILE)
        jobs = self.env["kpi.job"].sudo().search([("kind", "=", "bi")])
        self.assertEqual(jobs.bi_company_id, self.company)

    def test_rows_that_are_no_purchase(self):
        category = self.env["product.category"].sudo().create({"name": "Toys"})
        job = self._imported(
            "customer,date,amount,category\n"
            "A,2026-01,5,\nB,2026-01-02,x,\n,2026-01-02,5,\nC,2026-01-02,5,Nothing\n"
            "D,2026-01-02,5,toys\n"
        )
        self.assertEqual(sorted(self._reasons(job)), [2, 3, 4, 5])
        self.assertIn("not found", self._reasons(job)[5])
        line = self.env["kpi.bi.purchase.line"].search([])
        self.assertEqual((line.category_key, line.quantity), (category.id, 1))

    def test_who_may_not_import(self):
        reader = new_test_user(
            self.env(su=True),
            "bi_reader",
            f"{OFFICER},kpi_bi_dashboard.kpi_bi_dashboard_group_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        with self.assertRaises(AccessError):
            self.env["kpi.import.purchase"].with_user(reader)._check_may_import()
