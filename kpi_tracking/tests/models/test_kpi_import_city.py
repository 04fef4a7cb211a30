"""The public files of docs/import.md, imported as it says."""

import csv
import io
import os
from datetime import date
from pathlib import Path
from unittest import skipUnless

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG, read_sample

from ..import_case import KpiImportCase

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data") / "kpi"
MONTHS = "OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split()
NO_VALUE = "No Data; New Meas.; No Goal"


AUSTIN = "austin_fy2016_measures.csv"
# years of theirs are texts, which are refused
WITH_TEXTS = ("7446", "8020")


def read_file(name):
    """The text of a file; some of the measures of Austin, all in long tests."""
    if name == AUSTIN:
        return read_sample(DATA / name, "MEASURE_ID", always=WITH_TEXTS)
    return (DATA / name).read_text(encoding="utf-8")


def rows_of(name):
    return list(csv.DictReader(io.StringIO(read_file(name), newline="")))


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def month_of_fiscal_year(place):
    """October 2015 is the first month of the fiscal year 2016."""
    return date(2015 + (place > 2), (place + 9) % 12 + 1, 1)


def achievement(value, target):
    """Percent of a target where higher is better, as docs/targets.md defines it."""
    if target > 0:
        percent = 100 * value / target
    elif target < 0:
        percent = 100 * (2 - value / target)
    else:
        percent = 100.0 if value >= 0 else 0.0
    return max(min(percent, 999.0), -999.0)


@skipUnless(DATA.is_dir(), f"{DATA} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiImportCity(KpiImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["kpi.calendar"].create(
            {"name": "From October", "fiscal_month": "10", "tz": "America/Chicago"}
        )

    def _read(self, name, keys, **values):
        """The file with its columns matched as ``keys`` says, and nothing else."""
        job = self._import(read_file(name).encode(), name=name, **values)
        for column in job.column_ids:
            column.key = keys.get(column.name, False)
        return job

    def _reports(self):
        reports = self.env["kpi.report"].search([])
        return {report.definition_id.code: report for report in reports}

    def test_months_of_a_fiscal_year(self):
        job = self._import(
            read_file(AUSTIN).encode(),
            name=AUSTIN,
            first_year=2015,
            creates_kpis=True,
            code_prefix="city_",
            calendar_id=self.calendar.id,
            no_value_texts=NO_VALUE,
        )
        suggested = {c.name for c in job.column_ids if c.key == "value"}
        self.assertEqual(suggested, set(MONTHS))
        self._column(job, "MEASURE_NAME").key = "kpi_name"
        self.assertFalse(job.question)
        job.action_check()
        self.assertEqual(job.state, "checked", job.error)
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        expected = {
            f"city_{row['MEASURE_ID']}": {
                month_of_fiscal_year(place): float(row[name])
                for place, name in enumerate(MONTHS)
                if row[name]
            }
            for row in rows_of(AUSTIN)
        }
        expected = {code: values for code, values in expected.items() if values}
        self.assertEqual(job.added_count, sum(map(len, expected.values())))
        reports = self._reports()
        for code, values in expected.items():
            self.assertEqual(self._values_of(reports[code]), values, code)
        again = self._import(read_file(AUSTIN).encode(), name="again.csv")
        again.action_import()
        empty = len(rows_of(AUSTIN)) - len(expected)
        self.assertCounts(again, equal=job.added_count, empty=empty, refused=0)

    def test_years_against_their_targets(self):
        job = self._read(
            AUSTIN,
            {
                "MEASURE_ID": "kpi_code",
                "MEASURE_NAME": "kpi_name",
                "PFY1_ACTUAL": "value",
                "PFY1_AMENDED": "target",
            },
            period_day=date(2015, 1, 1),
            creates_kpis=True,
            code_prefix="city_year_",
            calendar_id=self.calendar.id,
            frequency="year",
            direction="higher",
            no_value_texts=NO_VALUE,
        )
        self.assertFalse(job.question)
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        reports, judged, refused = self._reports(), 0, set()
        for line, row in enumerate(rows_of(AUSTIN), start=2):
            actual, amended = row["PFY1_ACTUAL"], row["PFY1_AMENDED"]
            if {actual, amended} & {"AA-", "Yes"}:
                refused.add(line)
                continue
            value, target = number(actual), number(amended)
            report = reports.get(f"city_year_{row['MEASURE_ID']}")
            if value is None:
                self.assertFalse(report and report.has_value)
                continue
            self.assertEqual(report.current_value, value)
            self.assertEqual(report.current_period_start, date(2014, 10, 1))
            if target is None:
                self.assertEqual(report.status, "no_target")
                continue
            judged += 1
            percent = achievement(value, target)
            self.assertAlmostEqual(report.achievement, percent, 6, report.name)
        self.assertGreater(judged, 600 if LONG else 60)
        self.assertEqual(set(self._reasons(job)), refused)

    def test_published_zones_of_a_council(self):
        name = "hart_council_rag.csv"
        job = self._read(
            name,
            {
                "code": "kpi_code",
                "name": "kpi_name",
                "department": "department",
                "unit": "unit",
                "lower_is_better": "lower_is_better",
                "last_quarter": "value",
                "this_quarter": "value",
                "target": "target",
            },
            creates_kpis=True,
            creates_departments=True,
            frequency="quarter",
            on_track_percent=100,
            at_risk_percent=90,
            no_value_texts="0",
        )
        for title, day in (
            ("last_quarter", date(2014, 4, 1)),
            ("this_quarter", date(2014, 7, 1)),
        ):
            self._column(job, title).period_day = day
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        published = {
            "green": "on_target",
            "amber": "at_risk",
            "red": "off_target",
            "no_status": "no_target",
        }
        reports, different = self._reports(), set()
        for row in rows_of(name):
            code = row["code"].lower()
            report = reports.get(code)
            status = "no_data"
            if report and report.current_period_start == date(2014, 7, 1):
                status = report.status
                self.assertEqual(report.current_value, float(row["this_quarter"]))
                self.assertEqual(report.department_id.name, row["department"])
            if status != published[row["status"]]:
                different.add((code, row["status"], status))
        self.assertEqual(
            different,
            {
                ("ets01", "red", "no_data"),  # 0 in both quarters: not reported
                ("it06", "green", "no_data"),  # 0 this quarter: not reported
                ("ls05", "red", "no_target"),  # its target is 0
            },
        )
