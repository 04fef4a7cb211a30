from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .api_case import ApiCase


@tagged("post_install", "-at_install")
class TestApiHealth(ApiCase):
    """Health as it is reported to whoever watches over the server."""

    def test_health_tells_of_jobs_and_queues(self):
        before = self.ask("/health").json()["queues"]
        job = {"name": "Run", "kind": "cron"}
        states = ("queued", "running", "done", "failed", "cancelled")
        self.env["kpi.job"].create([{**job, "state": state} for state in states])
        vals = {"user_id": self.env.uid, "subject": "Good news"}
        sent, _waiting = self.env["kpi.delivery"]._queue(
            [{**vals, "key": "health 1"}, {**vals, "key": "health 2"}]
        )
        sent.state = "sent"
        found = self.ask("/health").json()
        self.assertIn("KPI: Run Waiting Jobs", str(found["jobs"]))
        self.assertEqual(found["queues"]["kpi.job"], before["kpi.job"] + 2)
        self.assertEqual(found["queues"]["kpi.delivery"], before["kpi.delivery"] + 1)

    def test_health_tells_of_messages_given_up_and_of_servers_that_fail(self):
        before = self.ask("/health").json()
        vals = {"user_id": self.env.uid, "subject": "Good news"}
        failed, skipped = self.env["kpi.delivery"]._queue(
            [{**vals, "key": "health 1"}, {**vals, "key": "health 2"}]
        )
        failed.state, skipped.state = "failed", "skipped"
        soon = fields.Datetime.now() + timedelta(minutes=5)
        hosts = self.env["kpi.delivery.host"]
        hosts.create(
            [
                {"name": "smtp://away:25", "paused_until": soon, "last_error": "no"},
                {"name": "smtp://limited:25", "paused_until": soon},
                {"name": "smtp://back:25", "last_error": "no"},
            ]
        )
        found = self.ask("/health").json()
        for name in ("failed_messages", "paused_servers"):
            self.assertEqual(found[name], before[name] + 1, name)

    def test_what_is_so_now_comes_from_the_primary(self):
        seen, jobs = [], self.registry["kpi.job"]
        self.set_registry_readonly_mode(True)
        self.addCleanup(self.set_registry_readonly_mode, False)
        health = jobs._health

        def note(job):
            seen.append(job.env.cr.readonly)
            return health(job)

        with patch.object(jobs, "_health", note):
            for header in ({}, {"Cache-Control": "no-cache"}):
                self.assertEqual(self.ask("/health", headers=header).status_code, 200)
        self.assertEqual(seen, [True, False])

    def test_a_job_that_does_not_run_is_late(self):
        cron = self.env.ref("kpi_base.kpi_job_cron")
        self.env["ir.cron"].search([]).lastcall = False
        self.assertEqual(self.ask("/health").json()["status"], "ok")
        cron.lastcall = "2020-01-01 00:00:00"
        found = self.ask("/health").json()
        self.assertEqual(found["status"], "late")
        (job,) = (job for job in found["jobs"] if job["age_seconds"] is not None)
        self.assertEqual((job["name"], job["is_active"]), (cron.name, True))
        self.assertEqual(job["last_run_at"], "2020-01-01T00:00:00Z")
        cron.active = False
        self.assertEqual(self.ask("/health").json()["status"], "ok")

    def test_health_tells_how_the_last_run_of_a_cron_ended(self):
        cron = self.env.ref("kpi_base.kpi_audit_anchor_cron")
        runs = [{"state": "done"}, {"state": "failed"}]
        values = {"name": "Run", "kind": "cron", "cron_id": cron.id}
        self.env["kpi.job"].create([{**values, **run} for run in runs])
        jobs = self.ask("/health").json()["jobs"]
        states = {job["name"]: job["last_state"] for job in jobs}
        self.assertEqual(states[cron.name], "failed")

    def test_health_tells_of_sweeps_that_fail_until_they_go_well(self):
        cron = self.env.ref("kpi_base.kpi_timer_cron")
        timer, jobs = self.env["kpi.timer"], self.env["kpi.job"]
        outbox = self.env["kpi.delivery"]

        def get_state():
            found = self.ask("/health").json()["jobs"]
            return {job["name"]: job["last_state"] for job in found}[cron.name]

        timer._record_failures("")
        self.assertIsNone(get_state())
        before = outbox.search_count([])
        timer._record_failures("kpi.delivery: no room")
        told = outbox.search_count([])
        self.assertGreater(told, before)
        for reason in ("kpi.delivery: no room", "other"):
            timer._record_failures(reason)
            self.assertEqual(get_state(), "failed")
        (run,) = jobs.search([("cron_id", "=", cron.id)])
        self.assertEqual(run.error, "other")
        self.assertEqual(outbox.search_count([]), told)
        run.action_retry()
        timer._record_failures("again")
        self.assertEqual((run.state, run.error), ("failed", "again"))
        timer._record_failures("")
        self.assertEqual(get_state(), "done")

    def test_only_jobs_of_our_addons_are_told(self):
        names = {job["name"] for job in self.ask("/health").json()["jobs"]}
        self.assertNotIn(self.env.ref("base.autovacuum_job").name, names)
