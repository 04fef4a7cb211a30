from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import run_cron

from ...models.source.kpi_source import KpiSource
from ..common import KpiCase

COMPUTATION = "odoo.addons.kpi_tracking.models.job.kpi_job"
USER = "kpi_base.kpi_base_group_user"


@tagged("post_install", "-at_install")
class TestKpiJobUpdate(KpiCase):
    """Whoever sees KPIs has values updated, and nobody more often than it helps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.job"].search([]).unlink()
        cls.today = fields.Date.today()
        cls.definition = cls._definition("Count", history_start=cls.today)
        cls.report = cls._track(cls.definition)
        cls.user = cls._create_user("reader", groups=USER)
        cls.jobs = cls.env["kpi.job"].with_user(cls.user)

    def _refreshes(self):
        return self.env["kpi.job"].search([("kind", "=", "refresh")])

    def _run(self):
        run_cron(self, "kpi_base.kpi_job_cron")

    def _end(self, seconds_ago, state="done", **values):
        ended = fields.Datetime.now() - timedelta(seconds=seconds_ago)
        return self.env["kpi.job"].create(
            {
                "name": "Ended",
                "kind": "refresh",
                "state": state,
                "finished_at": ended,
                **values,
            }
        )

    def test_a_record_is_counted_as_soon_as_somebody_asks(self):
        never = self.jobs.get_update()
        self.assertEqual((never["age_seconds"], never["state"]), (None, "idle"))
        self.deals.create(
            {"x_date": self.today, "x_active": True, "x_company_id": self.company.id}
        )
        self.assertEqual(self.jobs.request_update()["state"], "queued")
        self._run()
        self.assertEqual(self.report.current_value, 1)
        found = self.jobs.get_update()
        self.assertEqual((found["state"], found["is_incomplete"]), ("idle", False))
        self.assertGreaterEqual(found["age_seconds"], 0)

    def test_asking_wakes_the_cron(self):
        cron = self.env.ref("kpi_base.kpi_job_cron")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.jobs.request_update()
        self.assertTrue(triggers.search_count([("cron_id", "=", cron.id)]))

    def test_one_that_waits_or_runs_is_enough(self):
        self.jobs.request_update()
        self.jobs.request_update()
        job = self._refreshes()
        self.assertEqual((len(job), job.requested_by_id), (1, self.user))
        job.write({"state": "running", "step_count": 4, "step_done_count": 1})
        found = self.jobs.request_update()
        self.assertEqual((found["state"], found["progress"]), ("running", 0.25))
        self.assertEqual(self._refreshes(), job)

    def test_one_that_has_just_ended_is_enough(self):
        job = self._end(20)  # of 30 seconds, on a slow machine
        self.assertEqual(self.jobs.request_update()["state"], "idle")
        self.assertEqual(self._refreshes(), job)

    def test_one_that_ended_a_while_ago_is_followed_by_another(self):
        self._end(31)
        self.assertEqual(self.jobs.request_update()["state"], "queued")
        self.assertEqual(len(self._refreshes()), 2)

    def test_other_jobs_do_not_stand_for_an_update(self):
        self._end(1, kind="recompute")
        self.assertIsNone(self.jobs.get_update()["age_seconds"])
        self.assertEqual(self.jobs.request_update()["state"], "queued")

    def test_what_failed_from_the_start_updated_nothing(self):
        self._end(600)
        self._end(100, state="failed")
        found = self.jobs.get_update()
        self.assertTrue(found["is_incomplete"])
        self.assertGreaterEqual(found["age_seconds"], 600)

    def test_a_source_that_fails_leaves_the_update_incomplete(self):
        compute = KpiSource._compute

        def broken(source, *args, **kwargs):
            if source == self.definition.source_ids:
                raise RuntimeError("disk on fire")
            return compute(source, *args, **kwargs)

        self._track(self._definition("Closed", date_field="x_closed_date"))
        self.jobs.request_update()
        with patch.object(KpiSource, "_compute", broken), mute_logger(COMPUTATION):
            self._run()
        found = self.jobs.get_update()
        self.assertTrue(found["is_incomplete"])
        self.assertIsNotNone(found["age_seconds"])

    def test_who_may_not_open_kpis_asks_for_nothing(self):
        for group in ("base.group_user", "base.group_portal"):
            stranger = self._create_user(f"x {group}", groups=group)
            for name in ("get_update", "request_update"):
                with self.subTest(group=group, method=name):
                    with self.assertRaises(AccessError):
                        getattr(self.jobs.with_user(stranger), name)()
        self.assertFalse(self._refreshes())

    def test_asking_gives_no_right_to_jobs(self):
        self.jobs.request_update()
        with self.assertRaises(AccessError):
            self.jobs.search([])
