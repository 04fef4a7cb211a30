"""Public data sets by the wizard, beside plain Python over their files."""

import csv
import io
import os
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import SkipTest

from odoo.addons.kpi_base.tests.common import LONG, read_sample, run_cron
from odoo.addons.kpi_base.tests.import_case import OFFICER, ImportCase

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")


class TestBiPublicData(ImportCase):
    officer_groups = f"{OFFICER},kpi_bi_dashboard.kpi_bi_dashboard_group_analyst"
    target_model = "kpi.import.purchase"

    def _import_set(self, name, *, of_some=None):
        """Its rows, as the file says them, once the wizard has imported them.

        :param of_some: title of the column by which one in ten is chosen, but in long
            tests
        """
        path = DATA / "transactions" / name
        if not path.is_file():
            raise SkipTest(f"{path} is not there, see KPI_DATA")
        content = path.read_bytes()
        if of_some:
            content = read_sample(path, of_some).encode()
        job = self._import(content, name=name)
        job.action_import()
        run_cron(self, "kpi_base.kpi_import_cron")
        text = content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertCounts(job, added=len(rows))
        self.env["kpi.bi.purchase"].sudo()._refresh(self.company)
        return rows

    def _sums(self):
        """Lines, customers and amount as imported, and of purchases made of them."""
        self.env.cr.execute(
            """
            SELECT count(*), count(DISTINCT customer_id), sum(amount),
                   sum(round(amount, 2)),
                   (SELECT sum(amount) FROM kpi_bi_purchase WHERE company_id = %(id)s)
              FROM kpi_bi_purchase_line
             WHERE company_id = %(id)s
            """,
            {"id": self.company.id},
        )
        return self.env.cr.fetchone()

    def test_superstore(self):
        for name in ("Furniture", "Office Supplies", "Technology"):
            self.env["product.category"].sudo().create({"name": name})
        rows = self._import_set("superstore.csv")
        self.assertEqual(len({row["Order ID"] for row in rows}), 5009)
        # amounts of the file have up to four decimals, none of which is lost
        whole = 2297200.8603
        self.assertEqual(self._sums(), (9994, 793, whole, 2297201.07, whole))
        by_hand = defaultdict(Decimal)
        for row in rows:
            month, day, year = map(int, row["Order Date"].split("/"))
            key = row["Customer ID"], date(year, month, day)
            by_hand[key] += Decimal(row["Sales"])
        purchases = self.env["kpi.bi.purchase"]._read_group(
            [], ["customer_id", "day:day"], ["amount:sum"]
        )
        found = {
            (customer.reference, day): amount for customer, day, amount in purchases
        }
        self.assertEqual(found.keys(), by_hand.keys())
        for key, amount in by_hand.items():
            self.assertAlmostEqual(found[key], float(amount), 6)

    def test_cdnow(self):
        rows = self._import_set("cdnow.csv", of_some="customer_id")
        counts = (69_659, 23_570) if LONG else (7_328, 2_390)
        whole = 2500315.63 if LONG else 273594.38
        self.assertEqual(self._sums(), (*counts, whole, whole, whole))
        free = sum(row["amount"] in ("0.00", "0") for row in rows)
        self.assertEqual(free, 80 if LONG else 6)
