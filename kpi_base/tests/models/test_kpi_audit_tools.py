import argparse
import base64
import contextlib
import gzip
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from odoo.exceptions import AccessError, UserError
from odoo.modules import load_script
from odoo.tests import TransactionCase, freeze_time, new_test_user
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from ...audit import AuditEvent
from ...engine.audit import leaf_hash, parse_anchor
from ...engine.audit.export import ExportedLog
from ..merkle_proofs import is_consistent, is_included

WATCH = "odoo.addons.kpi_base.models.audit.kpi_audit_log"


class TestKpiAuditTools(TransactionCase):
    """Tools by which administrators verify the log and store it elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = cls.env["kpi.audit.log"]
        cls.one, cls.two = cls.env["res.partner"].create(
            [{"name": "One"}, {"name": "Two"}]
        )
        cls.entries = cls.log._append(
            [
                AuditEvent(record, "moved", {"to": step})
                for step, record in enumerate((cls.one, cls.two, cls.one))
            ]
        )
        cls.anchor = cls.env["kpi.audit.anchor"]._anchor()
        cls.admin = cls.env.ref("base.user_admin")

    def _tamper(self):
        """Change the second entry of the first record as a database's owner can."""
        self.cr.execute("ALTER TABLE audit_logs DISABLE TRIGGER USER")
        self.cr.execute(
            "UPDATE audit_logs SET text = replace(text, '\"to\":2', '\"to\":9')"
            " WHERE id = %s",
            [self.entries[2].id],
        )
        self.cr.execute("ALTER TABLE audit_logs ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def _append(self, step):
        self.log._append([AuditEvent(self.one, "moved", {"to": step})])

    def _dialog(self, user=None, **values):
        dialogs = self.env["kpi.audit.check"].with_user(user or self.admin)
        return dialogs.create(values)

    def test_the_dialog_tells_a_whole_log(self):
        dialog = self._dialog()
        dialog.action_verify()
        self.assertEqual((dialog.state, dialog.faults), ("whole", ""))
        self.assertEqual(dialog.entry_count, self.log.search_count([]))
        self.assertEqual(dialog.anchored_count, dialog.entry_count)

    def test_the_dialog_names_what_was_changed(self):
        self._tamper()
        dialog = self._dialog()
        dialog.action_verify()
        self.assertEqual(dialog.state, "broken")
        self.assertEqual(
            dialog.faults,
            f"Contact {self.one.id}, entry 2: its text was changed.",
        )

    def test_anchors_from_elsewhere_are_compared(self):
        kept = base64.b64encode(f"{self.anchor.text}\n\n".encode())
        dialog = self._dialog(anchor_file=kept)
        dialog.action_verify()
        self.assertEqual(dialog.state, "whole")
        other = self.anchor.text.replace(self.anchor.root, "00" * 32)
        dialog = self._dialog(anchor_file=base64.b64encode(other.encode()))
        dialog.action_verify()
        self.assertIn("do not match the anchor", dialog.faults)

    def test_a_file_that_holds_no_anchors_is_refused(self):
        for content in (b"hello", b"\xff\xfe", b"{}"):
            dialog = self._dialog(anchor_file=base64.b64encode(content))
            with self.assertRaisesRegex(
                UserError, "Line 1 of the file is not a valid anchor"
            ):
                dialog.action_verify()

    def test_only_system_administrators_verify(self):
        group = "kpi_base.kpi_base_group_admin"
        user = new_test_user(self.env, "audit_kpi_admin", group)
        with self.assertRaises(AccessError):
            self._dialog(user)

    def test_administrators_hear_of_a_changed_log_once_a_day(self):
        outbox = self.env["kpi.delivery"]
        known = outbox.search([])
        self.log._cron_verify()
        self.assertFalse(outbox.search([]) - known, "a whole log is no news")
        self._tamper()
        with mute_logger(WATCH):
            self.log._cron_verify()
            self.log._cron_verify()
        mails = outbox.search([]) - known
        told = mails.filtered(lambda mail: mail.user_id == self.admin)
        self.assertEqual(len(told), 1)
        self.assertIn(f"Contact {self.one.id}, entry 2", told.body)
        self.assertTrue(all(mail.user_id._is_system() for mail in mails))

    def test_anchors_are_mailed_once_a_day_to_who_keeps_them(self):
        outbox = self.env["kpi.delivery"]
        known = outbox.search([])
        groups = "base.group_portal,kpi_base.kpi_base_group_anchor"
        keeper = new_test_user(self.env, "anchor-keeper", groups=groups)
        anchors = self.env["kpi.audit.anchor"]
        self._append("d")
        with freeze_time("2026-03-02 08:00:00"):
            anchors._anchor_next()
            self._append("e")
            anchors._anchor_next()
        with freeze_time("2026-03-03 08:00:00"):
            anchors._anchor_next()  # nothing new
            self._append("f")
            anchors._anchor_next()
        mails = (outbox.search([]) - known).sorted("id")
        self.assertEqual(mails.user_id, keeper)
        first, second = mails.attachment_ids.sorted("id").mapped("raw")
        last = anchors.search([], limit=1)
        self.assertEqual(second.decode(), f"{last.text}\n")
        self.assertEqual(
            self.log._verify(anchor_texts=[first.decode(), second.decode()]), []
        )

    def test_the_chain_of_a_record_that_is_gone_is_verified(self):
        self.one.unlink()
        found = self.log._prepare_verification("res.partner", self.entries[0].res_id)
        self.assertEqual((found["is_whole"], found["entry_count"]), (True, 2))
        self._tamper()
        found = self.log._prepare_verification("res.partner", self.entries[0].res_id)
        self.assertEqual([fault["seq"] for fault in found["faults"]], [2])

    def test_an_entry_is_proved_to_stand_under_the_anchor(self):
        for entry in self.entries:
            shown = entry._inclusion()
            anchor = parse_anchor(shown["anchor"])
            leaf = leaf_hash(bytes.fromhex(entry.hash))
            proof = [bytes.fromhex(each) for each in shown["proof"]]
            place = leaf, shown["leaf_index"], anchor.size
            self.assertTrue(is_included(*place, proof, anchor.root))
        late = self.log._append([AuditEvent(self.one, "moved", {"to": 4})])
        with self.assertRaisesRegex(UserError, "not anchored yet"):
            late._inclusion()

    def test_the_log_is_proved_to_have_only_grown(self):
        self.log._append([AuditEvent(self.two, "moved", {"to": 4})])
        later = self.env["kpi.audit.anchor"]._anchor()
        shown = later._consistency(self.anchor.size)
        proof = [bytes.fromhex(each) for each in shown["proof"]]
        roots = [bytes.fromhex(anchor.root) for anchor in (self.anchor, later)]
        self.assertTrue(is_consistent(self.anchor.size, later.size, *roots, proof))
        for size in (0, later.size + 1):
            with self.assertRaisesRegex(UserError, "Enter a size from 1 to"):
                later._consistency(size)

    def _command(self, action, **options):
        """Run the command line; return its output and its exit status."""
        script = load_script(file_path("kpi_base/cli/kpi_audit.py"), "kpi_audit")
        given = argparse.Namespace(**{"anchors": None, "file": None, **options})
        said, status = io.StringIO(), 0
        with contextlib.redirect_stdout(said):
            try:
                getattr(script.KpiAudit(), f"_{action}")(self.env, given)
            except SystemExit as end:
                status = end.code
        return said.getvalue(), status

    def test_the_command_line_verifies(self):
        said, status = self._command("verify")
        self.assertIn("0 faults", said)
        self.assertEqual(status, 0)
        self._tamper()
        said, status = self._command("verify")
        self.assertIn(f"Contact {self.one.id}, entry 2", said)
        self.assertEqual(status, 1)

    def test_the_command_line_writes_what_can_be_verified_elsewhere(self):
        with TemporaryDirectory() as folder:
            log, anchors = Path(folder) / "log.gz", Path(folder) / "anchors"
            self._command("export", file=log)
            self._command("anchors", file=anchors)
            read = ExportedLog()
            for line in gzip.decompress(log.read_bytes()).decode().splitlines():
                read.add(line)
            kept = anchors.read_text().splitlines()
            read.check([parse_anchor(line) for line in kept])
            self.assertEqual(read.faults, [])
            self.assertEqual(read.size, self.log.search_count([]))
            said, status = self._command("verify", anchors=anchors)
            self.assertEqual(status, 0, said)
            anchors.write_text("nothing")
            self.assertIn("Not JSON", self._command("verify", anchors=anchors)[1])
