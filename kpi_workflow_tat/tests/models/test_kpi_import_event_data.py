"""The public event logs, imported by the wizard and read again from the requests."""

from datetime import datetime, timedelta
from unittest import skipUnless

import numpy as np
import pytz

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import run_cron

from ...engine.event_log import (
    build_log,
    count_variants,
    count_worked,
    find_pairs,
    measure_successions,
)
from ..engine.logs import DATA, GOLDEN, HELPDESK, MISSING, TRAVEL, read_csv
from .event_log_case import EventLogCase


@skipUnless(DATA.is_dir(), MISSING)
@tagged("post_install", "-at_install")
class TestKpiImportEventData(EventLogCase):
    def _import_file(self, path):
        job = self._import(path.read_bytes(), name=path.name)
        job.action_check()
        self._finish(job)
        self.assertCounts(job, added=GOLDEN[path][0])
        job.action_import_checked()
        self._finish(job)
        self.assertEqual(job.state, "done", job.error)
        return job

    def _finish(self, job):
        if job.state == "queued":
            run_cron(self, "kpi_base.kpi_import_cron")

    def _check_numbers(self, path):
        self._import_file(path)
        requests = self._get_requests()
        log = self.env["kpi.tat.request"]._build_event_log([("id", "in", requests.ids)])
        variants = count_variants(log)
        found = (
            len(requests),
            len(requests.event_ids),
            len(variants),
            variants[0].count,
            len(measure_successions(log)),
            round(float(np.median(requests.mapped("cycle_hours"))), 4),
        )
        self.assertEqual(found, GOLDEN[path])
        read = build_log(read_csv(path))
        self.assertEqual(
            [
                (log.activity_names[a], t)
                for a, t in zip(log.activities, log.instants, strict=True)
            ],
            [
                (read.activity_names[a], t)
                for a, t in zip(read.activities, read.instants, strict=True)
            ],
        )
        return log

    def test_helpdesk(self):
        self._check_worked(self._check_numbers(HELPDESK))

    def test_travel_permits(self):
        self._check_numbers(TRAVEL)

    def _check_worked(self, log):
        """Worked time of cases and steps is what Odoo's calendar says."""
        calendar = self.company.resource_calendar_id
        worked = count_worked(log, self.env["kpi.tat.request"]._get_timelines(log))
        pairs = find_pairs(log)
        for place in range(0, len(pairs), 97):
            start, stop = log.instants[pairs[place] : pairs[place] + 2]
            hours = calendar.get_work_hours_count(_to_utc(start), _to_utc(stop))
            self.assertAlmostEqual(worked[place] / 3600, hours, 3)
        totals = np.bincount(log.cases[pairs], worked, minlength=len(log.case_names))
        for case in range(0, len(totals), 53):
            start, stop = (log.instants[ends[case]] for ends in (log.firsts, log.lasts))
            hours = calendar.get_work_hours_count(_to_utc(start), _to_utc(stop))
            self.assertAlmostEqual(totals[case] / 3600, hours, 2)


def _to_utc(instant):
    moment = datetime(1970, 1, 1) + timedelta(microseconds=int(instant))
    return pytz.utc.localize(moment)
