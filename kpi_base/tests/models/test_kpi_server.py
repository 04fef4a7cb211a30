import json
import os
import time
from pathlib import Path
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import config

from ...models.job import kpi_job
from ...models.kpi_server import MARK
from ...roles import ADMIN, OFFICER


@tagged("post_install", "-at_install")
class TestKpiServer(TransactionCase):
    """Servers say how they are; what two of them do not share is seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.env.cr.execute("DELETE FROM kpi_server")
        cls.servers = cls.env["kpi.server"]
        cls.admin = new_test_user(cls.env, "servers_admin", groups=ADMIN)

    def report(self, mark="own"):
        path = Path(http.root.session_store.path, MARK + mark)
        self.addCleanup(path.unlink, missing_ok=True)
        self.servers._report(mark)

    def add_server(self, mark, *, file=None, age=0, **state):
        """A row as another server writes it."""
        self.env.cr.execute(
            """
            INSERT INTO kpi_server
            SELECT %s, 'other', 8070, '10.0.0.12', 'odoo-7', %s, state || %s::jsonb,
                   now() - make_interval(secs => %s)
              FROM kpi_server WHERE mark = 'own'
            """,
            (mark, file, json.dumps(state), age),
        )

    def codes(self):
        return self.servers.with_user(self.admin).get_page()["problems"]

    def test_one_server_that_is_well(self):
        attachment = self.env["ir.attachment"].create({"name": "a", "raw": b"servers"})
        self.report()
        (server,) = self.servers.with_user(self.admin).get_page()["servers"]
        self.assertEqual(server["name"], f"{os.uname().nodename}:{config['http_port']}")
        self.assertIn(
            self.env.ref("base.module_kpi_base").installed_version, str(server)
        )
        self.assertLess(abs(server["clock"]), 2)
        self.assertIs(server["has_locks"], True)
        self.assertIs(server["has_files"], True)
        self.env.cr.execute("SELECT file FROM kpi_server")
        (name,) = self.env.cr.fetchone()
        self.assertNotEqual(name, attachment.store_fname)  # may be on its way yet
        attachment.flush_recordset()
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = create_date - interval '3 min'"
            " WHERE id = %s",
            (attachment.id,),
        )
        self.report()
        self.env.cr.execute("SELECT file FROM kpi_server")
        self.assertEqual(self.env.cr.fetchone(), (attachment.store_fname,))
        self.assertFalse(self.codes().keys() - {"workers"})

    def test_files_and_sessions_of_another_server_are_missing(self):
        attachment = self.env["ir.attachment"].create({"name": "a", "raw": b"servers"})
        self.report()
        self.add_server("other", file=attachment.store_fname)
        shared = Path(http.root.session_store.path, f"{MARK}other")
        self.addCleanup(shared.unlink, missing_ok=True)
        shared.touch()
        self.report()
        self.assertFalse({"files", "sessions"} & self.codes().keys())
        # what is in the database and in a folder of another machine
        attachment.flush_recordset()
        absent = "zz/" + "z" * 40
        self.env.cr.execute(
            "UPDATE kpi_server SET file = %s WHERE mark = 'other'", [absent]
        )
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = %s WHERE id = %s",
            (absent, attachment.id),
        )
        shared.unlink()
        self.report()
        name = f"{os.uname().nodename}:{config['http_port']}"
        codes = self.codes()
        self.assertEqual(codes["files"], [name])
        self.assertEqual(codes["sessions"], [name])
        # a file that somebody has deleted since is no other folder's
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = NULL WHERE id = %s",
            (attachment.id,),
        )
        self.report()
        self.assertNotIn("files", self.codes())

    def test_sessions_are_shared_whatever_the_clock_of_the_disk(self):
        self.report()
        shared = Path(http.root.session_store.path, f"{MARK}other")
        self.addCleanup(shared.unlink, missing_ok=True)
        shared.touch()
        with patch.object(time, "time", lambda: shared.stat().st_mtime + 2 * 86400):
            self.report()
        self.assertTrue(shared.exists())
        two_days_ago = shared.stat().st_mtime - 2 * 86400
        os.utime(shared, (two_days_ago, two_days_ago))
        self.report()
        self.assertFalse(shared.exists())

    def test_others_are_named_by_what_is_amiss(self):
        self.report()
        self.add_server("other", clock=9.1, release="19.0.0 (0000)")
        codes = self.codes()
        self.assertEqual(codes["clock"], ["other:8070"])
        self.assertIn("release", codes)
        self.env.cr.execute("DELETE FROM kpi_server WHERE mark = 'other'")
        self.add_server("other", age=200)
        self.assertEqual(self.codes()["silent"], ["other:8070"])
        # forgotten after an hour
        self.env.cr.execute("DELETE FROM kpi_server WHERE mark = 'other'")
        self.add_server("other", age=3601)
        self.report()
        self.assertNotIn("silent", self.codes())

    def test_a_process_that_ended_is_no_server(self):
        self.report("before")
        self.env.cr.execute("UPDATE kpi_server SET seen_at = now() - interval '3 min'")
        self.report()
        self.env.cr.execute("SELECT mark FROM kpi_server")
        self.assertEqual(self.env.cr.fetchall(), [("own",)])

    def test_only_administrators_see_them(self):
        officer = new_test_user(self.env, "servers_officer", groups=OFFICER)
        with self.assertRaises(AccessError):
            self.servers.with_user(officer).get_page()
        self.assertNotIn("servers", self.env["kpi.job"].with_user(officer)._health())
        self.assertIn("servers", self.env["kpi.job"].with_user(self.admin)._health())

    def test_the_page_tells_of_jobs_that_wait(self):
        jobs = self.env["kpi.job"]
        jobs.search([("state", "=", "queued")]).unlink()
        page = self.servers.with_user(self.admin).get_page()
        self.assertEqual((page["waiting"], page["oldest_seconds"]), (0, None))
        job = jobs.create({"name": "Waits", "kind": "cron"})
        page = self.servers.with_user(self.admin).get_page()
        self.assertEqual(page["waiting"], 0)  # runs of crons wait for nobody
        job.flush_recordset()
        # as an addon's kind of job
        self.env.cr.execute("UPDATE kpi_job SET kind = 'count' WHERE id = %s", job.ids)
        job.invalidate_recordset()
        lines = [("Quick", 1.5), ("Slow", 4.0)]
        self.env["kpi.job.line"].create(
            [
                {"job_id": job.id, "name": name, "duration_seconds": 9999 * seconds}
                for name, seconds in lines
            ]
        )
        page = self.servers.with_user(self.admin).get_page()
        self.assertEqual(page["waiting"], 1)
        self.assertGreaterEqual(page["oldest_seconds"], 0)
        self.assertEqual(page["longest"], [["Slow", 4.0 * 9999]])
        self.assertEqual(page["lanes"], len(jobs._find_lanes()))

    def test_no_job_is_run_where_locks_are_lost(self):
        jobs = self.env["kpi.job"]
        with (
            patch.object(kpi_job, "are_locks_kept", return_value=False),
            patch.object(self.registry["kpi.job"], "_resume_abandoned") as resumed,
            self.assertLogs(kpi_job.__name__, "ERROR"),
        ):
            jobs._cron_run()
        resumed.assert_not_called()
