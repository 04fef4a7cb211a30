"""A rule about unusual values, replayed over days with two known failures."""

import json
import os
from datetime import date
from pathlib import Path
from unittest import skipUnless

import pandas as pd

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG

from .evaluation_case import EvaluationCase

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "anomaly" / "daily_ambient_temperature_system_failure.csv"
LABELS = DATA / "anomaly" / "labels.json"
STREAM = "ambient_temperature_system_failure.csv"  # of which the file has the days
SIGMAS, WINDOW = 3, 30  # known days before
LATER = date(2013, 11, 1)  # six weeks before the first failure


def read_days():
    """Values by day, and pairs of the first and last day of each failure."""
    table = pd.read_csv(FILE, parse_dates=["date"])
    labels = json.loads(LABELS.read_text(encoding="utf-8"))[STREAM]["windows"]
    windows = [tuple(pd.Timestamp(end).date() for end in window) for window in labels]
    return table.set_index(table["date"].dt.date)["value"], windows


def find_by_sigmas(values):
    """Runs of days further than three deviations from the mean of the days before."""
    before = values.shift(1).rolling(WINDOW)
    is_odd = (values - before.mean()).abs() > SIGMAS * before.std()
    number = (is_odd != is_odd.shift()).cumsum()
    odd = is_odd[is_odd]
    return [
        (run.index[0], run.index[-1]) for _at, run in odd.groupby(number[odd.index])
    ]


def score(runs, windows):
    """Windows that a run touches, and runs outside of all windows."""

    def touches(run, window):
        return run[0] <= window[1] and run[1] >= window[0]

    hits = sum(any(touches(run, window) for run in runs) for window in windows)
    false = sum(not any(touches(run, window) for window in windows) for run in runs)
    return hits, false


@skipUnless(FILE.is_file(), f"{FILE} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestKpiAlertReplayAnomaly(EvaluationCase):
    """Alerts of a rule beside those of three standard deviations."""

    def test_failures_of_a_system(self):
        values, windows = read_days()
        if not LONG:
            values = values[values.index >= LATER]
        first, last = values.index[0], values.index[-1]
        kpi = self._entered(
            "Temperature", {}, frequency="day", aggregation_time="average"
        )
        rows = [(kpi.id, day, float(value)) for day, value in values.items()]
        self.env["kpi.measurement"]._upsert("day", rows, source="import")
        rule = self._rule(kpi, alert_type="anomaly_detected")
        rule.action_turn_off()
        stop = date.fromordinal(last.toordinal() + 1)
        alerts = rule._play(rule._read_history(kpi, first, stop, False))
        runs, gaps = [], []
        for alert in alerts:
            run = (alert.first.since, max(alert.periods))
            is_gap = alert.first.details["kind"] == "gap"
            (gaps if is_gap else runs).append(run)
        ours, theirs = score(runs, windows), score(find_by_sigmas(values), windows)
        # The figures are for whoever runs the test; it asserts less.
        print(  # pylint: disable=print-used
            f"\n{FILE.name}: {len(windows)} windows.",
            f"Unusual values: {ours[0]} hit, {ours[1]} false alarms.",
            f"{SIGMAS} sigma: {theirs[0]} hit, {theirs[1]} false alarms.",
            f"Missing values: {len(gaps)} alerts,",
            f"{score(gaps, windows)[0]} windows hit.",
        )
        # The second failure falls by steps that each day's forecast follows; by values
        # alone it is found by the distance from a month's mean only, as are three days
        # when nothing failed. The rule tells of it by the days that have no value.
        self.assertGreaterEqual(score(runs + gaps, windows)[0], theirs[0])
        self.assertTrue(ours[0])
        self.assertLessEqual(ours[1], 1)
        self.assertGreater(theirs[1], 0)
        # Those begin on days that have no value indeed.
        self.assertTrue(gaps)
        for since, _last in gaps:
            self.assertNotIn(since, values.index)
