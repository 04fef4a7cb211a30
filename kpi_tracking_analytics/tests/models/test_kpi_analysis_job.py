import json
from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.kpi_tracking.models.live.kpi_report import CHANGED

from ...models import kpi_job
from .analysis_case import NOW, AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiAnalysisJob(AnalysisCase):
    """What is stale is worked out again by a job, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpis = [cls._entered(f"Job {n}", months(seasonal())) for n in range(3)]
        cls.jobs = cls.env["kpi.job"]
        cls.jobs.search([]).unlink()

    def _run(self, left=60.0):
        """Run the job that is queued; empty where nothing is due.

        :param left: seconds after each step
        """
        progress = type(self.env["ir.cron"])
        with (
            self._at(NOW),
            patch.object(progress, "_commit_progress", lambda *_a, **_k: left),
        ):
            self.jobs._enqueue_regular()
            job = self.jobs.search([("kind", "=", "analyse"), ("state", "=", "queued")])
            for one in job:
                one._run()
        return job

    def _due(self):
        with self._at(NOW):
            return self.analytics._find_due()

    def test_what_has_no_analysis_gets_one(self):
        self.assertGreater(len(self._due()), 2)
        job = self._run()
        self.assertEqual(job.state, "done")
        self.assertGreater(job.written_count, 0)
        self.assertEqual(self._due(), [])
        self.assertFalse(self._run(), "nothing is due")

    def test_one_changed_value_renews_one_series(self):
        self._run()
        self._fill(self.kpis[1], {"2025-06": 1.0})
        self.assertEqual(self._due(), self.kpis[1].ids)
        self._run()
        self.assertEqual(self._due(), [])

    def test_screens_hear_that_a_forecast_was_renewed(self):
        self._run()
        self._fill(self.kpis[1], {"2025-06": 1.0})
        self.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()
        self._run()
        self.cr.precommit.run()
        sent = [json.loads(row.message) for row in self.env["bus.bus"].search([])]
        told = [each["payload"] for each in sent if each["type"] == CHANGED]
        self.assertEqual(told, [{"report_ids": self.kpis[1].ids}])

    def test_what_changed_is_asked_for_at_once_but_not_all_the_time(self):
        self.assertIn("_sweep_stale", self.env["kpi.timer"]._get_sweeps().values())
        analyses = [("kind", "=", "analyse")]
        sweep = self.analytics._sweep_stale
        with self._at("2026-03-11 11:00:00"):
            self.jobs._enqueue_regular()
            self.jobs.search(analyses).state = "done"
            self.analytics._analyse(self.env["kpi.report"].search([]))
            self.assertIsNone(sweep(), "nothing has changed")
        # the transaction of the tests began at another time
        self.env.flush_all()
        self.cr.execute("UPDATE kpi_job SET create_date = '2026-03-11 11:00:00'")
        self.env.invalidate_all()
        self._fill(self.kpis[1], {"2025-06": 1.0})
        with self._at("2026-03-11 11:02:00"):
            self.assertEqual(sweep(), datetime(2026, 3, 11, 11, 5))
        self.assertEqual(self.jobs.search_count(analyses), 1)
        with self._at("2026-03-11 11:05:00"):
            self.assertIsNone(sweep())
            self.assertIsNone(sweep(), "it is asked for")
        self.assertEqual(self.jobs.search(analyses, limit=1).state, "queued")
        self.assertEqual(self.jobs.search_count(analyses), 2)
        self.jobs.search(analyses).state = "done"
        self.kpis[1].active = False
        with self._at("2026-03-11 12:00:00"):
            self.assertIsNone(sweep())
        self.assertEqual(self.jobs.search_count(analyses), 2, "nobody looks at it")

    def test_changes_while_it_runs_are_not_missed(self):
        """What a run has not read stays due."""
        self._run()
        self._fill(self.kpis[1], {"2025-06": 1.0})
        store = type(self.analytics)._store

        def change_meanwhile(analytics, *arguments):
            self._fill(self.kpis[1], {"2025-07": 2.0})
            return store(analytics, *arguments)

        with patch.object(type(self.analytics), "_store", change_meanwhile):
            self._run()
        self.assertEqual(self._due(), self.kpis[1].ids)
        self._run()
        self.assertEqual(self._due(), [])

    def test_many_changes_are_kept_as_one(self):
        self._run()
        for value in (1.0, 2.0, 3.0):
            self._fill(self.kpis[1], {"2025-06": value})
        self.analytics._gc_marks()
        self.assertEqual(len(self.analytics._find_marks(self.kpis[1].ids)), 1)
        self.assertEqual(self._due(), self.kpis[1].ids)

    def test_a_closed_period_makes_all_due(self):
        self._run()
        with self._at("2026-04-01 00:00:01"):
            self.assertGreater(len(self.analytics._find_due()), 2)

    def test_archived_kpis_are_left_alone(self):
        self._run()
        self._fill(self.kpis[1], {"2025-06": 1.0})
        self.kpis[1].definition_id.active = False
        self.assertEqual(self._due(), [])

    def test_it_goes_on_where_its_time_ended(self):
        """Each chunk is committed; what was done is not due again."""
        many = len(self._due())
        steps = iter([60.0, 60.0, 60.0])
        progress = type(self.env["ir.cron"])
        with (
            self._at(NOW),
            patch.object(kpi_job, "CHUNK", 2),
            patch.object(
                progress, "_commit_progress", lambda *_a, **_k: next(steps, 0)
            ),
        ):
            job = self.jobs._enqueue_analysis()
            job._run()
        self.assertEqual(job.state, "queued")
        left = len(self._due())
        self.assertTrue(0 < left < many)
        self.assertEqual(self._run(), job)
        self.assertEqual(job.state, "done")
        self.assertEqual(self._due(), [])

    def test_a_target_that_changes_makes_it_due(self):
        self._run()
        self.env["kpi.target"].create(
            {
                "report_id": self.kpis[0].id,
                "date_from": date(2025, 1, 1),
                "value": 500.0,
            }
        )
        self.env.flush_all()
        self.assertEqual(self._due(), self.kpis[0].ids)

    def test_a_cancelled_job_stops(self):
        with self._at(NOW):
            job = self.jobs._enqueue_analysis()
        job.is_cancel_requested = True
        self.assertEqual(self._run(), job)
        self.assertEqual(job.state, "cancelled")
        self.assertGreater(len(self._due()), 2)
