"""Files that connectors send by SFTP, to a server that is one."""

import gzip
import io
import json
import os
import tempfile
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from random import Random
from unittest import skipUnless
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.engine.sealing import generate_key
from odoo.addons.kpi_base.tests.common import ClockMixin, run_cron
from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ...engine import sftp
from ...models.kpi_bi_connector import CRON

with suppress(ImportError):
    import paramiko

    from ..sftp_server import PASSWORD, USER, SftpServer


@skipUnless("paramiko" in globals(), "paramiko is not installed")
@tagged("post_install", "-at_install")
class TestKpiBiSftp(ClockMixin, KpiApiCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, KPI_SECRET_KEYS=generate_key()))
        rows = [(self.own_report.id, fields.Date.to_date("2025-01-01"), 7)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.server = self.enterContext(SftpServer(folder))
        (self.server.folder / "in").mkdir()
        self.env["ir.config_parameter"].set_param(
            "kpi_base.outgoing_hosts", self.server.place
        )
        officer = self.people["officer"]
        self.connector = (
            self.env["kpi.bi.connector"]
            .with_user(officer)
            .create(
                {
                    "name": "../Nightly\u202e /1",
                    "connector_type": "csv_export",
                    "sftp_host": self.server.place,
                    "sftp_folder": "in",
                    "sftp_user": USER,
                    "sftp_password": PASSWORD,
                }
            )
        )

    @property
    def files(self):
        return sorted(path.name for path in (self.server.folder / "in").iterdir())

    def trust(self):
        self.connector.action_test()
        self.connector.action_trust_sftp()
        return self.connector.action_test()

    def export(self):
        self.connector.action_export()
        self.env.flush_all()
        run_cron(self, CRON)
        self.connector.invalidate_recordset()

    def assert_not_sent(self, reason):
        """Nothing has a name on the server, nothing is stored, and it is said why."""
        self.export()
        self.assertRegex(self.connector.last_error, reason)
        self.assertEqual([n for n in self.files if not n.endswith(".part")], [])
        self.assertFalse(self.connector.export_ids)
        self.assertFalse(self.connector.mark)

    def test_a_trusted_server_is_sent_each_file_and_its_manifest(self):
        self.assertFalse(self.connector.action_test())  # asks
        shown = sftp.fingerprint(self.connector.sftp_seen_key)
        digest = self.server.key.fingerprint  # as OpenSSH shows it, by paramiko
        self.assertEqual(shown, f"{digest} ({self.server.key.get_name()})")
        self.assertIn(shown, self.connector.sftp_question)
        self.assertIn("Test passed", self.trust()["params"]["message"])
        self.assertFalse(self.connector.sftp_question)
        self.assertEqual(self.files, [])
        self.export()
        self.assertFalse(self.connector.last_error)
        name, manifest = self.files
        self.assertRegex(name, r"^_Nightly_1_\d{4}-\d\d-\d\d_\d{6}\.csv\.gz$")
        self.assertEqual(manifest, f"{name}.json")
        content = (self.server.folder / "in" / name).read_bytes()
        lines = gzip.decompress(content).decode().splitlines()
        said = json.loads((self.server.folder / "in" / manifest).read_text())
        self.assertEqual(said["rows"], len(lines) - 1)
        self.assertEqual(self.connector.export_ids.manifest, json.dumps(said))
        part = f".kpi-{self.connector.id}.part"
        self.assertEqual(set(self.server.opened), {part, ".kpi-test.part"})

    def test_another_host_key_is_refused_until_it_is_trusted(self):
        self.trust()
        before = self.server.key
        self.server.key = paramiko.RSAKey.generate(2048)
        self.assert_not_sent("server's key has changed")
        self.assertFalse(self.connector.action_test())
        question = self.connector.sftp_question
        for key in (before, self.server.key):
            self.assertIn(key.fingerprint, question)
        self.connector.action_trust_sftp()
        self.export()
        self.assertEqual(len(self.files), 2)

    def test_nothing_is_sent_to_a_server_that_nobody_trusted(self):
        self.assert_not_sent("trust the server's key")
        self.assertEqual(self.server.opened, [])

    def test_a_connection_that_ends_in_mid_file_leaves_no_name(self):
        self.trust()
        self.server.cut_after = 10
        self.assert_not_sent("SFTP connection was lost")
        (part,) = self.files
        self.assertLess((self.server.folder / "in" / part).stat().st_size, 11)
        self.server.cut_after = None
        self.export()  # writes over what is left
        self.assertFalse(self.connector.last_error)
        self.assertNotIn(part, self.files)
        self.assertEqual(len(self.files), 2)

    def test_what_could_not_be_sent_is_tried_again_with_growing_pauses(self):
        self.trust()
        self.server.is_full = True
        tried = [fields.Datetime.now()]
        with patch.object(Random, "uniform", lambda _self, _least, most: most):
            with self._at(tried[0]):
                self.export()
            due = self.connector.next_export_at
            for _time in range(3):
                tried.append(self.connector.retry_at)
                self.run_at(tried[-1])
        pauses = [after - before for before, after in pairwise(tried)]
        self.assertEqual(pauses, [timedelta(minutes=n) for n in (1, 2, 4)])
        self.server.is_full = False
        self.run_at(self.connector.retry_at - timedelta(seconds=1))
        self.assertTrue(self.connector.last_error)
        self.run_at(self.connector.retry_at)
        self.assertEqual(len(self.files), 2)
        self.assertEqual(self.connector.next_export_at, due)
        self.assertFalse(self.connector.last_error)
        self.assertFalse(self.connector.retry_at)

    def run_at(self, moment):
        with self._at(moment):
            run_cron(self, CRON)

    def test_a_full_disk_there_leaves_no_name(self):
        self.trust()
        self.server.is_full = True
        self.assert_not_sent("rejected the file|stored only 0 of")

    def test_a_folder_that_is_missing_is_named(self):
        self.trust()
        self.connector.sftp_folder = "in/none"
        self.assert_not_sent("no folder “in/none”")
        with self.assertRaisesRegex(UserError, "no folder"):
            self.connector.action_test()

    def test_a_wrong_password_is_said(self):
        self.connector.sftp_password = "wrong"
        with self.assertRaisesRegex(UserError, "refused the user name"):
            self.trust()
        self.assertNotIn("wrong", str(self.connector.read()))

    def test_a_private_key_logs_in(self):
        key = paramiko.RSAKey.generate(2048)
        text = io.StringIO()
        key.write_private_key(text, password="of the key")
        self.server.public_key = key
        self.connector.write(
            {"sftp_private_key": text.getvalue(), "sftp_password": "of the key"}
        )
        self.assertIn("Test passed", self.trust()["params"]["message"])
        self.connector.sftp_password = "another"
        with self.assertRaisesRegex(UserError, "or its password is invalid"):
            self.connector.action_test()

    def test_another_server_gets_neither_trust_nor_password(self):
        self.trust()
        self.connector.sftp_host = "sftp.example.com"
        self.assertFalse(self.connector.sftp_known_key)
        self.assertFalse(self.connector.sftp_password)
        self.assertEqual(self.connector._read_secret("sftp_password"), "")

    def test_servers_within_are_refused_unless_allowed(self):
        for place in ("127.0.0.1", "127.0.0.1:22022", "example.com:2222", "a@b", "?"):
            with self.subTest(place), self.assertRaises(ValidationError):
                self.connector.sftp_host = place

    def test_it_says_which_package_is_missing(self):
        with (
            patch.dict("sys.modules", paramiko=None),
            self.assertRaisesRegex(UserError, "Python package paramiko"),
        ):
            self.connector.action_test()

    def test_a_server_that_does_not_answer_is_left(self):
        self.trust()
        self.server.goes_on.clear()
        with patch.object(sftp, "SECONDS", 1.0):
            self.assert_not_sent("SFTP connection was lost")
