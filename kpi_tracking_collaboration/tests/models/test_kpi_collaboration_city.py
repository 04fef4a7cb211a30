"""On the measures of a city: a discussion, an action, and what has changed since."""

import csv
import io
import os
from datetime import date
from itertools import combinations
from math import isnan
from pathlib import Path
from statistics import mean, median
from unittest import skipUnless

from odoo.tests import Form, tagged

from odoo.addons.kpi_base.tests.common import LONG, ClockMixin, read_sample
from odoo.addons.kpi_tracking.tests.import_case import KpiImportCase

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "kpi" / "austin_fy2016_measures.csv"
MONTHS = "OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split()
SAIDI = "city_7413"  # minutes without electricity a year, per customer
BEFORE = 6  # months until April 2016, from which on the actions work


def read_file():
    """The text of the file, with some of its measures; with all in long tests."""
    return read_sample(FILE, "MEASURE_ID", always=[SAIDI.removeprefix("city_")])


def read_measures():
    """Code → values of the twelve months, NaN where there is none."""
    return {
        f"city_{row['MEASURE_ID']}": [float(row[month] or "nan") for month in MONTHS]
        for row in csv.DictReader(io.StringIO(read_file(), newline=""))
    }


def expect_change(values):
    """Mean of the months after, less the line of Theil and Sen through those before.

    By pairs of months, one by one.

    :return: None where there are fewer than 6 before or 3 after
    """
    known = [pair for pair in enumerate(values) if not isnan(pair[1])]
    before = [pair for pair in known if pair[0] < BEFORE]
    after = [pair for pair in known if pair[0] >= BEFORE]
    if len(before) < 6 or len(after) < 3:
        return None
    slope = median(
        (later - earlier) / (end - start)
        for (start, earlier), (end, later) in combinations(before, 2)
    )
    height = median(value - slope * month for month, value in before)
    return mean(value - slope * month - height for month, value in after)


@skipUnless(FILE.is_file(), f"{FILE} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiCollaborationCity(ClockMixin, KpiImportCase):
    """The change since an action is that of a calculation apart from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        calendar = cls.env["kpi.calendar"].create(
            {"name": "From October", "fiscal_month": "10", "tz": "America/Chicago"}
        )
        job = cls._import(
            read_file().encode(),
            name=FILE.name,
            first_year=2015,
            creates_kpis=True,
            code_prefix="city_",
            calendar_id=calendar.id,
            no_value_texts="No Data; New Meas.; No Goal",
        )
        title = job.column_ids.filtered(lambda each: each.name == "MEASURE_NAME")
        title.key = "kpi_name"
        job.action_import()
        reports = cls.env["kpi.report"].search([])
        cls.report_of = {report.definition_id.code: report for report in reports}

    def _discuss(self, report):
        """Open a discussion from the explanation of March's point on the chart."""
        point = self.env["kpi.explanation"].create(
            {"report_id": report.id, "grain": "month", "period_start": "2016-03-01"}
        )
        action = point.action_discuss()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.name = "Why so many minutes?"
        return form.save()

    def test_a_discussion_an_action_and_months_after_its_effect(self):
        values = read_measures()[SAIDI]
        report = self.report_of[SAIDI]
        with self._at("2016-04-01 15:00:00"):
            discussion = self._discuss(report)
            self.assertEqual(discussion.period_start, date(2016, 3, 1))
            self.assertEqual(discussion.value, values[5])
            item = self.env["kpi.action.item"].create(
                {
                    "description": "Trim trees beside the lines",
                    "discussion_id": discussion.id,
                    "expected_effect": -4.0,
                    "expected_by": "2016-08-31",
                }
            )
            item.action_complete()
            self.assertEqual(item.effective_date, date(2016, 4, 1))
            discussion.decision = "Trim trees."
            discussion.action_close()
        with self._at("2016-06-15 15:00:00"):
            item.invalidate_recordset()
            self.assertIn("Too early", item.effect_in_words)
        with self._at("2016-10-15 15:00:00"):
            item.invalidate_recordset()
            # April to July, of which there are values
            self.assertAlmostEqual(item.measured_effect, expect_change(values), 9)
            self.assertLess(item.effect_low, item.measured_effect)
            self.assertGreater(item.effect_high, item.measured_effect)
            self.assertIn("Expected: −4", item.effect_in_words)
            self.assertIn("4 periods", item.effect_in_words)

    def test_of_every_measure_the_change_is_as_calculated_apart(self):
        measures = {
            code: values
            for code, values in read_measures().items()
            if code in self.report_of
        }
        with self._at("2016-10-15 15:00:00"):
            items = self.env["kpi.action.item"].create(
                [
                    {
                        "description": "Something",
                        "report_id": self.report_of[code].id,
                        "status": "completed",
                        "effective_date": "2016-04-01",
                    }
                    for code in measures
                ]
            )
            known = 0
            for item, (code, values) in zip(items, measures.items(), strict=True):
                change = expect_change(values)
                with self.subTest(code):
                    if change is None:
                        self.assertIs(item.measured_effect, False)
                        continue
                    known += 1
                    scale = max(1.0, *(abs(each) for each in values if not isnan(each)))
                    self.assertAlmostEqual(
                        item.measured_effect / scale, change / scale, 9
                    )
            self.assertGreater(known, 150 if LONG else 15)
