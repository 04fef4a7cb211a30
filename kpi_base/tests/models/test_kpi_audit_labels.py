from odoo.tests import TransactionCase

from ...audit import AuditEvent
from ..audit_labels import AuditLabelsMixin, logged_codes


class TestKpiAuditLabels(AuditLabelsMixin, TransactionCase):
    """The log in people's words; what is stored and hashed stays as it is."""

    addon = "kpi_base"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Anchor"})
        cls.log = cls.env["kpi.audit.log"]

    def _append(self, event_type, **values):
        return self.log._append([AuditEvent(self.partner, event_type, values)])

    def test_entries_are_named_by_what_happened(self):
        entry = self._append("audit_personal_erased")
        self.assertEqual(entry.title, "Personal text erased")
        self.assertEqual(entry.display_name, "Personal text erased")
        self.assertEqual(entry.event_type, "audit_personal_erased")
        self.assertIn('"event_type":"audit_personal_erased"', entry.text)
        self.assertEqual(self.log._verify(self.partner), [])

    def test_what_an_addon_left_behind_has_its_code(self):
        entry = self._append("gone_order_moved", status="lost")
        self.assertEqual(entry.title, "gone_order_moved")
        labels = dict(self.log._fields["event_type"]._description_selection(self.env))
        self.assertEqual(labels["gone_order_moved"], "gone_order_moved")
        self.assertEqual(labels["audit_personal_erased"], "Personal text erased")

    def test_an_entry_that_was_tampered_with_still_has_a_name(self):
        entry = self._append("audit_personal_erased")
        for text in ("no JSON", "[]", '{"values": 1}'):
            tampered = self.log.new({"event_type": entry.event_type, "text": text})
            self.assertEqual(tampered.title, "Personal text erased")

    def test_kinds_of_records_are_named(self):
        self._append("audit_personal_erased")
        labels = dict(self.log._fields["model"]._description_selection(self.env))
        self.assertEqual(labels["res.partner"], "Contact")

    def test_groups_of_the_list_are_named_by_the_fields(self):
        self._append("audit_personal_erased")
        groups = self.log.web_read_group(
            [("model", "=", "res.partner"), ("res_id", "=", self.partner.id)],
            ["event_type"],
        )["groups"]
        self.assertEqual(
            [group["event_type"] for group in groups], ["audit_personal_erased"]
        )
        described = self.log.fields_get(["event_type"], ["selection", "type"])
        self.assertIn(
            ("audit_personal_erased", "Personal text erased"),
            described["event_type"]["selection"],
        )

    def test_the_check_itself(self):
        cases = (
            ('AuditEvent(record, "moved", {})', ["moved"]),
            ('order._log("moved", note="x")', ["moved"]),
            ('E = {"a": "won"}\n', []),
            ('self._log(EVENTS.get(status, "moved"))', ["won", "moved"]),
            ("self._log(MOVED)", ["came"]),
            ("AuditEvent(record, self._audited_event, {})", []),
            ('self._message_log(body="x")', []),
        )
        for line, expected in cases:
            source = (
                f'EVENTS = {{"a": "won"}}\nMOVED = "came"\ndef f(self):\n    {line}'
            )
            with self.subTest(line):
                self.assertEqual(list(logged_codes(source)), expected)
        with self.assertRaisesRegex(ValueError, "which event"):
            list(logged_codes("def f(self, what):\n    self._log(what())"))
