"""Measures of the City of Austin as KPIs of an initiative, imported as users would."""

import csv
import io
import os
import subprocess
import sys
from datetime import date
from math import isclose
from pathlib import Path
from tempfile import NamedTemporaryFile
from unittest import skipUnless

import pandas as pd

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG, read_sample
from odoo.addons.kpi_tracking.tests.import_case import KpiImportCase

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data") / "kpi"
FILE = DATA / "austin_fy2016_measures.csv"
SCRIPT = ROOT / "docs" / "city_baselines.py"
# of the measures that are tried by default: without progress, with it, reached, worse
SAMPLE = (7, 56, 16, 19)
PREFIX = "city_year_"
BEFORE, TARGET, AFTER = "PFY2_ACTUAL", "PFY1_AMENDED", "PFY1_ACTUAL"
COLUMNS = {
    "Initiative": "initiative_id",
    "Baseline Type": "baseline_method",
    "Average From": "window_from",
    "Baseline Until": "baseline_date",
    "KPI": "report_id",
    "Target": "target_value",
}


def read_complete(text):
    """Measures that have all three numbers, with their progress as pandas has it.

    Without progress where target and baseline are equal.
    """
    rows = pd.read_csv(io.StringIO(text), dtype=str).set_index("MEASURE_ID")
    rows = rows[[BEFORE, TARGET, AFTER]].apply(pd.to_numeric, errors="coerce").dropna()
    way = (rows[TARGET] - rows[BEFORE]).where(lambda each: each != 0)
    return rows.assign(progress=(rows[AFTER] - rows[BEFORE]) / way)


@skipUnless(FILE.is_file(), f"{FILE} is not there, see KPI_DATA")
@skipUnless(SCRIPT.is_file(), f"{SCRIPT} is not there")
@tagged("post_install", "-at_install")
class TestKpiBaselineCity(KpiImportCase):
    """Actuals of two fiscal years by the import of values, then a list of baselines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["kpi.calendar"].create(
            {"name": "From October", "fiscal_month": "10", "tz": "America/Chicago"}
        )
        cls.text = read_sample(FILE, "MEASURE_ID")
        cls.complete = read_complete(cls.text)

    def _import_year(self, column, year):
        job = self._import(
            self.text.encode(),
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

    def _print_baselines(self):
        """Rows of the file that the page has users make, titles first."""
        with NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
            file.write(self.text)
            file.flush()
            command = [sys.executable, str(SCRIPT), file.name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        return list(csv.reader(done.stdout.splitlines()))

    def test_progress_of_measures(self):
        count = 570 if LONG else 63
        for column, year in ((BEFORE, 2014), (AFTER, 2015)):
            self._import_year(column, year)
        self.env["kpi.initiative"].create(
            {
                "name": "FY2015",
                "company_id": self.company.id,
                "owner_id": self.officer.id,
            }
        )
        self.assertEqual(len(self.complete), count)
        titles, *lines = self._print_baselines()
        self.assertEqual(
            titles,
            [self.env["kpi.baseline"]._fields[COLUMNS[one]].string for one in titles],
        )
        loaded = self.env["kpi.baseline"].load([COLUMNS[one] for one in titles], lines)
        self.assertFalse(loaded["messages"])
        baselines = self.env["kpi.baseline"].browse(loaded["ids"])
        self.assertEqual(len(baselines), count)
        without = baselines.filtered(lambda one: one.progress is False)
        self.assertTrue(
            all("target equals the baseline" in one.warning for one in without)
        )
        for baseline in baselines:
            row = self.complete.loc[baseline.report_id.code.removeprefix(PREFIX)]
            self.assertTrue(isclose(baseline.baseline_value, row[BEFORE]))
            if baseline in without:
                self.assertTrue(pd.isna(row["progress"]), baseline.name)
            else:
                self.assertTrue(isclose(baseline.progress, row["progress"]))
        known = (baselines - without).mapped("progress")
        reached = sum(each >= 1 for each in known)
        worse = sum(each < 0 for each in known)
        found = (len(without), len(known), reached, worse)
        self.assertEqual(found, (47, 523, 147, 180) if LONG else SAMPLE)
