"""Rules over the measures of a city, replayed over its fiscal year 2016."""

import math
import os
from datetime import date, timedelta
from pathlib import Path
from unittest import skipUnless

import numpy as np
import pandas as pd

from odoo.tests import tagged

from .evaluation_case import EvaluationCase

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "kpi" / "austin_fy2016_measures.csv"
MONTHS = "OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split()
STARTS = [date(2015 + (at + 9) // 12, (at + 9) % 12 + 1, 1) for at in range(12)]
STOP = date(2016, 10, 1)
# The fiscal years 2011 to 2016 begin in October of the year before.
YEARS = [f"PFY{back}_ACTUAL" for back in range(5, 0, -1)] + ["CFY_ACTUAL"]
YEAR_STARTS = [date(year - 1, 10, 1) for year in range(2011, 2017)]


def read_measures():
    """Values by measure (rows) and month (columns), and the targets of the year."""
    table = pd.read_csv(FILE).set_index("MEASURE_ID")
    values = table[MONTHS].apply(pd.to_numeric, errors="coerce")
    values.columns = STARTS
    values = values[values.notna().any(axis=1)]
    targets = pd.to_numeric(table["CFY_APPROVED"], errors="coerce")
    return values, targets.reindex(values.index)


def find_alerts(compared, threshold, clear, periods):
    """Alerts of a rule that waits for less: measure, days of firing and ending.

    The state of each month is 1 where so many months in a row are below, 0 where the
    clear level is reached, and that of the month before where neither holds.
    """
    is_below = compared < threshold - 1e-9 * compared.abs().clip(lower=abs(threshold))
    in_a_row = is_below.T.rolling(periods).sum().T.eq(periods)
    state = pd.DataFrame(float("nan"), compared.index, compared.columns)
    state = state.mask(compared >= clear, 0.0).mask(in_a_row, 1.0)
    state = state.ffill(axis=1).fillna(0.0)
    step = state.diff(axis=1).fillna(state)
    closed_on = dict(zip(STARTS, [*STARTS[1:], STOP], strict=True))
    found = []
    for measure, row in step.iterrows():
        fired = [closed_on[month] for month in row.index[row == 1]]
        ended = [closed_on[month] for month in row.index[row == -1]]
        ended += [None] * (len(fired) - len(ended))
        found += [(measure, *days) for days in zip(fired, ended, strict=True)]
    return sorted(found, key=str)


def find_missing(values, days):
    """Alerts of a rule that waits so many working days for the value of a month.

    A measure is waited for once it has had a value; its alert ends with the next month
    that has one.
    """
    found = []
    for measure, row in values.iterrows():
        newest, fired_on = None, None
        for month, closed_on in zip(STARTS, [*STARTS[1:], STOP], strict=True):
            if not math.isnan(row[month]):
                newest = month
                if fired_on:
                    found.append((measure, fired_on, closed_on))
                    fired_on = None
            # The last of the working days has to be over.
            last = np.busday_offset(closed_on, days - 1, roll="forward").item()
            due_on = last + timedelta(days=1)
            if newest and newest < month and not fired_on and due_on <= STOP:
                fired_on = due_on
        if fired_on:
            found.append((measure, fired_on, None))
    return sorted(found, key=str)


def gets_worse(values):
    """Whether values fall for sure: the test of Mann and Kendall, pair by pair."""
    known = [value for value in values if not math.isnan(value)]
    count = len(known)
    if count < 4:
        return False
    score = sum(
        int(np.sign(known[later] - known[earlier]))
        for later in range(count)
        for earlier in range(later)
    )
    variance = count * (count - 1) * (2 * count + 5)
    for ties in pd.Series(known).value_counts():
        variance -= ties * (ties - 1) * (2 * ties + 5)
    if score >= 0 or not variance:
        return False
    z = (score + 1) / math.sqrt(variance / 18)
    return math.erfc(abs(z) / math.sqrt(2)) <= 0.05


@skipUnless(FILE.is_file(), f"{FILE} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiAlertReplayCity(EvaluationCase):
    """The replay equals what pandas makes of the same file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values, cls.targets = read_measures()
        cls.measure_of = {}
        cls.reports = reports = cls._track_measures(cls.values)
        cls.env["kpi.target"].create(
            [
                {"report_id": kpi.id, "date_from": STARTS[0], "value": target}
                for kpi in reports
                if (target := cls.targets[cls.measure_of[kpi.id]]) > 0
            ]
        )
        cls._store("month", reports, cls.values)

    @classmethod
    def _track_measures(cls, values, **definition):
        """KPIs of the measures of a table."""
        definitions = cls.env["kpi.definition"].create(
            [
                {
                    "name": f"Measure {measure}",
                    "company_id": cls.company.id,
                    "calendar_id": cls.calendar.id,
                    "history_start": values.columns[0],
                    **definition,
                }
                for measure in values.index
            ]
        )
        definitions._track_for("company", cls.company)
        measures = dict(zip(definitions.ids, values.index, strict=True))
        for kpi in definitions.report_ids:
            cls.measure_of[kpi.id] = measures[kpi.definition_id.id]
        return definitions.report_ids

    @classmethod
    def _store(cls, grain, reports, values):
        rows = [
            (kpi.id, start, float(value))
            for kpi in reports
            for start, value in values.loc[cls.measure_of[kpi.id]].dropna().items()
        ]
        cls.env["kpi.measurement"]._upsert(grain, rows, source="import")

    def _replay(self, reports=None, **values):
        reports = reports or self.reports
        rule = self._rule(*reports, **values)
        rule.action_turn_off()
        # The first month is judged on the first of November.
        history = rule._read_history(reports, STARTS[0], STOP, False)
        return sorted(
            (
                (self.measure_of[alert.first.report_id], alert.fired_on, alert.ended_on)
                for alert in rule._play(history)
            ),
            key=str,
        )

    def test_values_below_a_level(self):
        expected = find_alerts(self.values, 80, 85, periods=2)
        found = self._replay(
            compared="value", threshold=80, clear_threshold=85, periods=2
        )
        self.assertEqual(found, expected)
        self.assertGreater(len(expected), 50)

    def test_falls_on_the_month_before(self):
        before = self.values.shift(axis=1)
        change = 100 * (self.values - before) / before.abs()
        change = change.where(before != 0)
        expected = find_alerts(change, -20, -5, periods=1)
        found = self._replay(compared="previous", threshold=-20, clear_threshold=-5)
        self.assertEqual(found, expected)
        self.assertGreater(len(expected), 50)

    def test_shares_of_the_target(self):
        share = self.values.div(self.targets.where(self.targets > 0), axis=0)
        expected = find_alerts(share, 0.9, 0.9, periods=3)
        self.assertEqual(self._replay(threshold=0.9, periods=3), expected)
        self.assertGreater(len(expected), 20)

    def test_a_better_threshold(self):
        rule = self._rule(*self.reports, compared="value", threshold=80)
        found = rule.suggest_threshold(STARTS[0], STOP)
        better = find_alerts(
            self.values, found["threshold"], found["threshold"], periods=1
        )
        self.assertEqual(len(better), found["alert_count"])
        measures = [measure for measure, *_days in better]
        self.assertEqual(len(measures), len(set(measures)))
        self.assertGreater(found["missed_count"], 0)

    def test_values_that_do_not_come(self):
        expected = find_missing(self.values, days=5)
        found = self._replay(condition="no_data", no_data_days=5)
        self.assertEqual(found, expected)
        self.assertGreater(len(expected), 20)
        self.assertTrue(any(ended for _measure, _fired, ended in expected))

    def test_years_that_get_worse(self):
        table = pd.read_csv(FILE).set_index("MEASURE_ID")
        values = table[YEARS].apply(pd.to_numeric, errors="coerce")
        values.columns = YEAR_STARTS
        values = values[values.notna().sum(axis=1) >= 4]
        fiscal = self._create_calendar(fiscal_month="10")
        reports = self._track_measures(
            values,
            frequency="year",
            calendar_id=fiscal.id,
            aggregation_time="average",
        )
        self._store("year", reports, values)
        expected = []
        for measure, row in values.iterrows():
            before, after = gets_worse(row[:-1]), gets_worse(row)
            if before:
                expected.append((measure, STARTS[0], None if after else STOP))
            elif after:
                expected.append((measure, STOP, None))
        found = self._replay(reports, alert_type="trend_deterioration")
        self.assertEqual(found, sorted(expected, key=str))
        self.assertGreater(len(expected), 20)
