"""Measures of the City of Austin as KPIs of an initiative, imported as users would."""

import csv
import os
from datetime import date
from math import isfinite
from pathlib import Path
from unittest import skipUnless

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.import_case import KpiImportCase

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data") / "kpi"
FILE = DATA / "austin_fy2016_measures.csv"
PREFIX = "city_tracked_"
BEFORE, TARGET, AFTER = "PFY2_ACTUAL", "PFY1_AMENDED", "PFY1_ACTUAL"
COLUMNS = (
    "initiative_id/.id",
    "report_id/.id",
    "name",
    "baseline_method",
    "window_from",
    "baseline_date",
    "target_value",
)


def number(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


@skipUnless(FILE.is_file(), f"{FILE} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiBaselineCity(KpiImportCase):
    """Actuals of two fiscal years by the import of values, then a list of baselines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["kpi.calendar"].create(
            {"name": "From October", "fiscal_month": "10", "tz": "America/Chicago"}
        )
        with FILE.open(encoding="utf-8", newline="") as stream:
            cls.rows = list(csv.DictReader(stream))

    def _import_year(self, column, year):
        job = self._import(
            FILE.read_bytes(),
            name=FILE.name,
            period_day=date(year, 1, 1),
            creates_kpis=True,
            code_prefix=PREFIX,
            calendar_id=self.calendar.id,
            frequency="year",
            direction="higher",
            no_value_texts="No Data; New Meas.; No Goal",
        )
        keys = {"MEASURE_ID": "kpi_code", "MEASURE_NAME": "kpi_name", column: "value"}
        for each in job.column_ids:
            each.key = keys.get(each.name, False)
        job.action_import()
        self.assertEqual(job.state, "done", job.error)

    def test_progress_of_570_measures(self):
        for column, year in ((BEFORE, 2014), (AFTER, 2015)):
            self._import_year(column, year)
        initiative = self.env["kpi.initiative"].create(
            {
                "name": "FY2015",
                "company_id": self.company.id,
                "owner_id": self.officer.id,
            }
        )
        reports = {
            one.code: one
            for one in self.env["kpi.report"].search([("code", "like", PREFIX)])
        }
        complete = {}
        for row in self.rows:
            numbers = tuple(number(row[each]) for each in (BEFORE, TARGET, AFTER))
            if None not in numbers:
                complete[row["MEASURE_ID"]] = numbers
        self.assertEqual(len(complete), 570)
        lines = [
            [
                str(initiative.id),
                str(reports[f"{PREFIX}{key}"].id),
                key,
                "window",
                "2013-10-01",
                "2014-09-30",
                repr(target),
            ]
            for key, (_before, target, _after) in complete.items()
        ]
        loaded = self.env["kpi.baseline"].load(list(COLUMNS), lines)
        self.assertFalse(loaded["messages"])
        baselines = self.env["kpi.baseline"].browse(loaded["ids"])
        self.assertEqual(len(baselines), 570)
        undefined, equal, reached, worse = 0, 0, 0, 0
        for baseline in baselines:
            before, target, after = complete[baseline.name]
            self.assertEqual(baseline.baseline_value, before)
            if target == before:
                self.assertIs(baseline.progress, False)
                self.assertIn("equal", baseline.warning)
                undefined += 1
                continue
            expected = (after - before) / (target - before)
            self.assertAlmostEqual(baseline.progress, expected, 9)
            equal += 1
            reached += baseline.progress >= 1
            worse += baseline.progress < 0
        self.assertEqual((undefined, equal, reached, worse), (47, 523, 147, 180))
