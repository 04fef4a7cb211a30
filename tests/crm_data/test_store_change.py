"""Why sales, profit and margin of a public store moved equals what pandas says."""

import os
from pathlib import Path

import pandas as pd
import pytest

from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
FILE = FOLDER / "transactions" / "superstore.csv"
NEAR = 1e-9


def read_quarters():
    """Sales and Profit by quarter (rows) and region (columns)."""
    lines = pd.read_csv(FILE)
    ordered = pd.to_datetime(lines["Order Date"], format="%m/%d/%Y")
    quarter = ordered.dt.to_period("Q").rename("quarter")
    sums = lines.groupby([quarter, "Region"])[["Sales", "Profit"]].sum()
    return sums.unstack("Region")


def share_by_hand(before, after):
    """What profit and sales add to the change of profit ÷ sales: Shapley 1953.

    Each is the mean of what it changes before the other has changed, and after.
    """
    moved = {
        (first, second): (after if first else before)["Profit"]
        / (after if second else before)["Sales"]
        for first in (0, 1)
        for second in (0, 1)
    }
    return {
        "Profit": (moved[1, 0] - moved[0, 0] + moved[1, 1] - moved[0, 1]) / 2,
        "Sales": (moved[0, 1] - moved[0, 0] + moved[1, 1] - moved[1, 0]) / 2,
    }


@pytest.mark.skipif(not FILE.is_file(), reason=f"{FILE} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestStoreChange(TransactionCase):
    """9,994 order lines of four years as values of regions, which are departments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = read_quarters()
        cls.quarters = list(cls.table.index)
        regions = sorted(cls.table["Sales"].columns)
        cls.company = cls.env.company
        departments = cls.env["hr.department"].create(
            [{"name": name, "company_id": cls.company.id} for name in regions]
        )
        cls.scopes = {"": cls.company, **dict(zip(regions, departments, strict=True))}
        cls.calendar = cls.env["kpi.calendar"].create({"name": "Store", "tz": "UTC"})
        cls.kpis = {
            name: cls._track(name, aggregation_time="sum")
            for name in ("Sales", "Profit")
        }
        cls.kpis["Margin"] = cls._track(
            "Margin",
            computation="formula",
            formula="store_profit / store_sales",
            decimals=4,
        )
        cls.env["kpi.definition"]._recompute_formulas()

    @classmethod
    def _track(cls, name, **values):
        """Region (empty = all) → the KPI, with its values of all quarters."""
        definition = cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": f"store_{name.lower()}",
                "frequency": "quarter",
                "calendar_id": cls.calendar.id,
                "history_start": "2016-01-01",
                **values,
            }
        )
        reports = {
            region: definition._track_for(
                "department" if region else "company",
                scope,
                company_id=cls.company.id,
            )
            for region, scope in cls.scopes.items()
        }
        if "formula" not in values:
            rows = [
                (
                    report.id,
                    quarter.start_time.date(),
                    float(cls._sum(region)[name][at]),
                )
                for region, report in reports.items()
                for at, quarter in enumerate(cls.quarters)
            ]
            cls.env["kpi.measurement"]._upsert("quarter", rows, source="manual")
        return reports

    @classmethod
    def _sum(cls, region):
        """Sales and Profit by quarter of a region, or of all."""
        return {
            name: (
                cls.table[name][region] if region else cls.table[name].sum(axis=1)
            ).to_numpy()
            for name in ("Sales", "Profit")
        }

    def _pairs(self):
        """Places of quarters that follow each other, or are a year apart."""
        count = len(self.quarters)
        return [(at - gap, at) for gap in (1, 4) for at in range(gap, count)]

    def _explain(self, kpi, first, last):
        days = (self.quarters[at].start_time.date() for at in (first, last))
        return kpi.explain_change(*map(str, days))

    def assertNear(self, found, wanted):
        self.assertEqual(set(found), set(wanted))
        for name, number in wanted.items():
            self.assertAlmostEqual(found[name], number, delta=NEAR, msg=name)

    def test_sales_and_profit_moved_by_what_their_regions_did(self):
        for name in ("Sales", "Profit"):
            for first, last in self._pairs():
                change = self._explain(self.kpis[name][""], first, last)
                moved = self.table[name].iloc[last] - self.table[name].iloc[first]
                self.assertAlmostEqual(change["change"], moved.sum(), delta=NEAR)
                parts = {
                    part["label"]: part["part"]
                    for part in change["parts"]
                    if part["kind"] == "scope"
                }
                self.assertNear(parts, moved.to_dict())

    def test_the_margin_moved_by_its_inputs(self):
        for region, kpi in self.kpis["Margin"].items():
            values = self._sum(region)
            for first, last in self._pairs():
                before, after = (
                    {name: values[name][at] for name in values} for at in (first, last)
                )
                change = self._explain(kpi, first, last)
                self.assertEqual(change["kind"], "formula")
                parts = {part["label"]: part["part"] for part in change["parts"]}
                self.assertNear(parts, share_by_hand(before, after))
                moved = after["Profit"] / after["Sales"]
                moved -= before["Profit"] / before["Sales"]
                self.assertAlmostEqual(sum(parts.values()), moved, delta=NEAR)
