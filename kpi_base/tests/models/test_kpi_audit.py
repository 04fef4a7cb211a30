import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import psycopg2
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import config, mute_logger

from ...audit import AuditEvent
from ...engine.audit import AnchorKey, parse_anchor
from ...models.audit import kpi_audit_anchor


class TestKpiAudit(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = cls.env["kpi.audit.log"]
        cls.anchors = cls.env["kpi.audit.anchor"]
        cls.one, cls.two = cls.env["res.partner"].create(
            [{"name": "One"}, {"name": "Two"}]
        )

    def _append(self, *steps, record=None, **personal):
        return self.log._append(
            [
                AuditEvent(record or self.one, "moved", {"to": step}, personal)
                for step in steps
            ]
        )

    def _tamper(self, statement, *args):
        """Change the log as somebody who owns the database can."""
        tables = ("audit_logs", "kpi_audit_leaf", "kpi_audit_anchor")
        for table in tables:
            self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.cr.execute(statement, args[0] if args else None)
        for table in tables:
            self.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def _faults(self, records=None, anchor_texts=()):
        return [
            (fault.kind, fault.seq) for fault in self.log._verify(records, anchor_texts)
        ]

    def test_entries_are_linked_as_documented(self):
        first, second = self._append("a", "b")
        third = self._append("c")
        for entry, before in ((first, "00" * 32), (second, first.hash)):
            self.assertEqual(entry.previous_hash, before)
            data = bytes.fromhex(before) + entry.text.encode()
            self.assertEqual(entry.hash, sha256(data).hexdigest())
        self.assertEqual(third.previous_hash, second.hash)
        self.assertEqual((first + second + third).mapped("seq"), [1, 2, 3])
        self.assertEqual(json.loads(third.text)["values"], {"to": "c"})
        self.assertEqual(third.user_id, self.env.user)

    def test_each_record_has_a_chain_of_its_own(self):
        events = [
            AuditEvent(record, "moved", {"to": step})
            for record, step in ((self.one, 1), (self.two, 2), (self.one, 3))
        ]
        entries = self.log._append(events)
        self.assertEqual(entries.mapped("res_id"), (self.one + self.two + self.one).ids)
        self.assertEqual(entries.mapped("seq"), [1, 1, 2])
        self.assertEqual(self._faults(), [])

    def test_many_entries_take_one_statement(self):
        self._append("warm")
        with self.assertQueryCount(1):
            self._append(*range(200))
        self.assertEqual(self._faults(), [])

    def test_nothing_to_log_is_no_entry(self):
        self.assertFalse(self.log._append([]))

    def test_what_has_no_single_text_is_refused(self):
        with self.assertRaisesRegex(ValidationError, r"moved.*values\.to: float"):
            self._append(1.5)

    def test_the_database_refuses_changes(self):
        self._append("a")
        self.anchors._anchor()
        for table in ("audit_logs", "kpi_audit_leaf", "kpi_audit_anchor"):
            for statement in ("DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {}"):
                with (
                    self.subTest(table=table, statement=statement),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(psycopg2.Error),
                    self.cr.savepoint(),
                ):
                    self.cr.execute(statement.format(table))
        self.assertEqual(self._faults(), [])

    def test_the_orm_refuses_changes(self):
        entry = self._append("a")
        with self.assertRaises(UserError):
            entry.write({"seq": 2})
        with self.assertRaises(UserError):
            entry.unlink()
        with self.assertRaises(UserError):
            self.log.create({"model": "res.partner", "res_id": 1, "seq": 1})

    def test_one_place_cannot_be_taken_twice(self):
        self._append("a")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                """
                INSERT INTO audit_logs
                       (model, res_id, seq, event_type, recorded_at, user_id,
                        hash_version, text, previous_hash, hash)
                SELECT model, res_id, seq, event_type, recorded_at, user_id,
                       hash_version, text, previous_hash, hash FROM audit_logs
                """
            )

    def test_an_edited_entry_is_named(self):
        self._append("a", "b", "c")
        self._tamper("UPDATE audit_logs SET text = replace(text, '\"b\"', '\"x\"')")
        self.assertEqual(self._faults(), [("changed", 2)])

    def test_an_edited_column_is_named(self):
        self._append("a", "b", "c")
        columns = {
            "event_type": "'won'",
            "recorded_at": "recorded_at - interval '1 day'",
            "user_id": "1",
            "hash_version": "2",
        }
        for column, value in columns.items():
            with self.subTest(column), self.cr.savepoint() as savepoint:
                self._tamper(f"UPDATE audit_logs SET {column} = {value} WHERE seq = 2")
                expected = [] if column == "user_id" and self.env.uid == 1 else [2]
                self.assertEqual(self._faults(), [("columns", seq) for seq in expected])
                savepoint.rollback()

    def test_a_hash_that_is_none_is_named(self):
        for column in ("previous_hash", "hash"):
            with self.subTest(column), self.cr.savepoint() as savepoint:
                self._append("a", "b")
                self._append("c", record=self.two)
                self._tamper(f"UPDATE audit_logs SET {column} = 'gone' WHERE seq = 2")
                with mute_logger("odoo.sql_db"):
                    self.assertIn(("changed", 2), self._faults())
                    self.assertEqual(self._faults(self.two), [])
                savepoint.rollback()

    def test_a_removed_entry_is_named(self):
        self._append("a", "b", "c")
        self._tamper("DELETE FROM audit_logs WHERE seq = 2")
        self.assertEqual(self._faults(), [("missing", 2)])

    def test_exchanged_entries_are_named(self):
        self._append("a", "b", "c")
        self._tamper("UPDATE audit_logs SET seq = 9 WHERE seq = 1")
        self._tamper("UPDATE audit_logs SET seq = 1 WHERE seq = 2")
        self._tamper("UPDATE audit_logs SET seq = 2 WHERE seq = 9")
        self.assertIn(("reordered", 1), self._faults())

    def test_links_are_checked_where_each_entry_gives_its_hash(self):
        cases = {
            "an entry twice": """
                DROP INDEX audit_logs_chain_uniq;
                INSERT INTO audit_logs
                       (model, res_id, seq, event_type, recorded_at, user_id,
                        hash_version, text, previous_hash, hash)
                SELECT model, res_id, seq, event_type, recorded_at, user_id,
                       hash_version, text, previous_hash, hash
                  FROM audit_logs WHERE res_id = %(one)s AND seq = 2
                """,
            "a place left out": """
                UPDATE audit_logs SET seq = 4 WHERE res_id = %(one)s AND seq = 3;
                UPDATE kpi_audit_head SET seq = 4 WHERE res_id = %(one)s
                """,
            "the first one removed": """
                DELETE FROM audit_logs WHERE res_id = %(one)s AND seq = 1;
                UPDATE audit_logs SET seq = seq - 1 WHERE res_id = %(one)s;
                UPDATE kpi_audit_head SET seq = 2 WHERE res_id = %(one)s
                """,
            "no end": "DELETE FROM kpi_audit_head WHERE res_id = %(one)s",
            "an end without entries": """
                UPDATE kpi_audit_head SET res_id = 0 WHERE res_id = %(one)s
                """,
            "an older end": """
                UPDATE kpi_audit_head AS head SET seq = 2, hash = log.hash
                  FROM audit_logs AS log
                 WHERE head.res_id = %(one)s AND log.res_id = %(one)s AND log.seq = 2
                """,
            "ends exchanged": """
                UPDATE kpi_audit_head SET seq = 7 - seq, hash = previous_hash
                """,
            "no text": """
                ALTER TABLE audit_logs ALTER text DROP NOT NULL;
                UPDATE audit_logs SET text = NULL WHERE res_id = %(one)s AND seq = 2
                """,
        }
        self._append("a", "b", "c")
        self._append("d", "e", "f", "g", record=self.two)
        self.env.flush_all()
        for case, statement in cases.items():
            with self.subTest(case), self.cr.savepoint() as savepoint:
                self._tamper(statement, {"one": self.one.id})
                named = {(each.model, each.res_id) for each in self.log._verify()}
                places = {("res.partner", self.one.id), ("res.partner", 0)}
                self.assertTrue(named & places, named)
                savepoint.rollback()
        self.assertEqual(self._faults(), [])

    def test_a_cut_tail_is_named(self):
        self._append("a", "b", "c")
        self._tamper("DELETE FROM audit_logs WHERE seq = 3")
        self.assertEqual(self._faults(), [("truncated", 3)])

    def test_a_chain_cut_with_its_head_is_found_by_the_anchor(self):
        self._append("a", "b", "c")
        kept = self.anchors._anchor().text
        self._tamper("DELETE FROM kpi_audit_leaf WHERE leaf_index = 2")
        self._tamper("DELETE FROM audit_logs WHERE seq = 3")
        self._tamper(
            "UPDATE kpi_audit_head SET seq = 2, hash ="
            " (SELECT hash FROM audit_logs WHERE seq = 2)"
        )
        self.assertEqual(self._faults(), [("anchor", 3)])
        self._tamper("DELETE FROM kpi_audit_anchor")
        self.assertEqual(self._faults(), [], "nothing left to compare with")
        self.assertEqual(self._faults(anchor_texts=[kept]), [("anchor", 3)])

    def test_a_rewritten_log_is_found_by_an_anchor_kept_outside(self):
        self._append("a")
        kept = self.anchors._anchor().text
        for table in ("kpi_audit_leaf", "kpi_audit_anchor", "audit_logs"):
            self._tamper(f"DELETE FROM {table}")
        self._tamper("DELETE FROM kpi_audit_head")
        self._append("b")
        self.anchors._anchor()
        self.assertEqual(self._faults(), [])
        self.assertEqual(self._faults(anchor_texts=[kept]), [("anchor", 1)])

    def test_one_record_is_verified_alone(self):
        self._append("a", "b")
        self._append("c", record=self.two)
        self._tamper("UPDATE audit_logs SET text = text || ' ' WHERE seq = 2")
        self.assertEqual(self._faults(self.two), [])
        self.assertEqual(self._faults(self.one), [("changed", 2)])

    def test_anchors_go_on_where_the_last_one_ended(self):
        self._append("a", "b", "c")
        first = self.anchors._anchor()
        self.assertFalse(self.anchors._anchor(), "nothing new")
        self._append("d", "e")
        second = self.anchors._anchor()
        self.assertEqual((first.size, second.size), (3, 5))
        self.assertFalse(second.is_signed)
        self.assertIn('"signature":"unsigned"', second.text)
        self.assertEqual(self._faults(), [])

    def test_what_a_run_had_no_time_for_is_anchored_by_the_next(self):
        self.anchors._anchor()
        self._append("a", "b", "c", "d", "e")
        crons = type(self.env["ir.cron"])
        before = self.anchors.search([], limit=1).size
        sizes = []
        with (
            patch.multiple(kpi_audit_anchor, BATCH=1, MOST=2),
            patch.object(crons, "_commit_progress", return_value=0),
        ):
            for _run in range(4):
                self.anchors._cron_anchor()
                sizes.append(self.anchors.search([], limit=1).size - before)
        self.assertEqual(sizes, [2, 4, 5, 5])
        self.assertEqual(self._faults(), [])

    def test_anchors_are_signed_with_the_servers_key_and_exported(self):
        key = AnchorKey(bytes(range(32)))
        self._append("a")
        with TemporaryDirectory() as folder:
            key_file, anchor_file = Path(folder, "key"), Path(folder, "anchors")
            key_file.write_bytes(bytes(range(32)))
            options = {
                "kpi_audit_key_file": str(key_file),
                "kpi_audit_anchor_file": str(anchor_file),
            }
            with patch.object(config, "get", lambda name: options.get(name)):
                self.anchors._anchor_next()
                self.cr.postcommit.run()
                self._append("b")
                self.anchors._anchor_next()
                self.cr.postcommit.run()
            lines = anchor_file.read_text().splitlines()
        self.assertEqual([parse_anchor(line).size for line in lines], [1, 2])
        self.assertTrue(parse_anchor(lines[1]).is_signed_by(key.public_key))

    def test_an_anchor_is_exported_when_it_is_committed(self):
        """Rolled back, it would read as tampering: the log never had its root."""
        self._append("a")
        with TemporaryDirectory() as folder:
            anchor_file = Path(folder, "anchors")
            options = {"kpi_audit_anchor_file": str(anchor_file)}
            with patch.object(config, "get", lambda name: options.get(name)):
                self.anchors._anchor_next()
                self.assertFalse(anchor_file.exists())
                self.cr.postcommit.run()
            (line,) = anchor_file.read_text().splitlines()
        self.assertEqual(line, self.anchors.search([], limit=1).text)

    def test_a_key_that_is_none_is_refused(self):
        self._append("a")
        with TemporaryDirectory() as folder:
            bad = Path(folder, "key")
            bad.write_bytes(b"short")
            for path in (bad, Path(folder, "missing")):
                with (
                    self.subTest(path.name),
                    patch.object(config, "get", lambda name, path=path: str(path)),
                    self.assertRaisesRegex(UserError, "key for signing audit anchors"),
                ):
                    self.anchors._anchor()

    def test_personal_text_can_be_erased_and_the_chain_stays_whole(self):
        entry = self._append("a", reason="Ann was ill")
        kept = self.env["kpi.audit.personal"].search([("log_id", "=", entry.id)])
        withheld = json.loads(entry.text)["withheld"]
        data = bytes.fromhex(kept.salt) + b"Ann was ill"
        self.assertEqual(withheld, {"reason": sha256(data).hexdigest()})
        self.assertNotIn("Ann", entry.text)
        kept._erase("request 7")
        self.assertFalse(kept.exists())
        last = self.log.search([], limit=1)
        self.assertEqual(last.event_type, "audit_personal_erased")
        self.assertEqual(
            json.loads(last.text)["values"],
            {"entry": 1, "names": ["reason"], "reason": "request 7"},
        )
        self.assertEqual(self._faults(), [])

    def test_a_user_of_the_log_cannot_be_deleted(self):
        user = new_test_user(self.env, "logged", groups="base.group_user")
        self.log.with_user(user).sudo()._append(
            [AuditEvent(self.one, "moved", {"to": 1})]
        )
        with self.assertRaisesRegex(UserError, "Archive the"):
            user.unlink()

    def test_only_system_administrators_read_the_log(self):
        self._append("a", reason="secret")
        user = new_test_user(
            self.env, "kpi_adm", groups="kpi_base.kpi_base_group_admin"
        )
        for model in ("log", "head", "leaf", "anchor", "personal"):
            with self.subTest(model):
                own = self.env[f"kpi.audit.{model}"].with_user(user)
                self.assertFalse(own.has_access("read"))
                for operation in ("create", "write", "unlink"):
                    admin = self.env.ref("base.user_admin")
                    own = self.env[f"kpi.audit.{model}"].with_user(admin)
                    self.assertFalse(own.has_access(operation))
