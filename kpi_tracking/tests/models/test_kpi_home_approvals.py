from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .entry_case import TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiHomeApprovals(KpiEntryCase):
    """What waits for somebody's approval, on the overview and in the digest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.definition_id.has_entry_approval = True

    def _needs(self, user):
        home = self.env["kpi.home"].with_user(user)
        return [need for need in home.get_needs() if need["kind"] == "approval"]

    def test_it_waits_for_those_who_are_asked_until_somebody_decides(self):
        entry = self._enter(self.uma, 4)
        for user in (self.mia, self.otto):
            (need,) = self._needs(user)
            self.assertEqual(need["text"], entry.display_name)
            self.assertEqual((need["model"], need["res_id"]), (entry._name, entry.id))
        for user in (self.uma, self.ben):
            self.assertFalse(self._needs(user))
        entry.with_user(self.mia).action_approve()
        self.assertFalse(self._needs(self.otto))

    def test_it_says_what_is_decided_who_asks_and_how(self):
        entry = self._enter(self.uma, 4)
        (need,) = self._needs(self.mia)
        kpi = entry.sudo().definition_id
        self.assertEqual(need["amount"], kpi._format_value(4))
        self.assertEqual(need["person"], {"id": self.uma.id, "name": self.uma.name})
        button = need["button"]
        self.assertEqual((button["text"], need["urgency"]), ("Approve", 1))
        rows = self.env[button["model"]].with_user(self.mia)
        getattr(rows.browse(button["id"]), button["method"])()
        self.assertEqual(entry.state, "approved")

    def test_what_is_overdue_comes_first(self):
        self._enter(self.uma, 4, self._report("Calls", has_entry_approval=True))
        entry = self._enter(self.uma, 4)
        past = fields.Datetime.now() - timedelta(hours=1)
        entry.sudo()._find_steps("asked").due_at = past
        first, second = self._needs(self.mia)
        self.assertEqual((first["res_id"], first["urgency"]), (entry.id, 0))
        self.assertEqual(first["due_at"], fields.Datetime.to_string(past))
        self.assertEqual(second["urgency"], 1)

    def test_of_one_day_the_earliest_comes_first(self):
        reports = [
            self._report(name, has_entry_approval=True) for name in ("A", "B", "C")
        ]
        entries = [self._enter(self.uma, 4, report) for report in reports]
        day = fields.Datetime.now() + timedelta(days=1)
        for entry, hour in zip(entries, (15, 9, 12), strict=True):
            due_at = day.replace(hour=hour, minute=0, second=0, microsecond=0)
            entry.sudo()._find_steps("asked").due_at = due_at
        found = [need["res_id"] for need in self._needs(self.mia)]
        self.assertEqual(found, [entries[index].id for index in (1, 2, 0)])

    def test_it_says_when_it_is_escalated(self):
        entry = self._enter(self.uma, 4)
        due_at = fields.Datetime.now() + timedelta(days=3)
        entry.sudo()._find_steps("asked").due_at = due_at
        (need,) = self._needs(self.mia)
        self.assertEqual(need["date"], "2026-11-23")

    def test_it_is_in_the_list_of_all_kinds(self):
        entry = self._enter(self.uma, 4)
        steps = self.env["kpi.approval.step"].with_user(self.mia)
        (step,) = steps.search([("user_id", "=", self.mia.id)])
        self.assertEqual(step.document_name, entry.display_name)
        self.assertEqual(step.kind, "kpi.submission")
        step.action_approve()
        self.assertEqual(entry.state, "approved")

    def test_statements_do_not_grow_with_what_waits(self):
        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(self._needs(self.mia))
            return self.cr.sql_log_count - before

        self._enter(self.uma, 4)
        statements()
        few = statements()
        for name in ("Calls", "Visits", "Offers"):
            report = self._report(name, has_entry_approval=True)
            self._enter(self.uma, 4, report)
        statements()  # new KPIs empty the caches of the registry
        self.assertEqual(statements(), few)

    def test_the_digest_counts_them(self):
        digest = self.env["digest.digest"].create(
            {"name": "KPIs", "company_id": self.company.id}
        )

        def count(user, end):
            own = digest.with_user(user).with_company(self.company)
            own = own.with_context(
                start_datetime=datetime(2026, 1, 1), end_datetime=end
            )
            own.invalidate_recordset(["kpi_approval_waiting_value"])
            return own.sudo(False).kpi_approval_waiting_value

        entry = self._enter(self.uma, 4)
        later = fields.Datetime.now() + timedelta(hours=1)
        self.assertEqual(count(self.mia, later), 1)
        self.assertEqual(count(self.uma, later), 0)
        self.assertEqual(count(self.mia, datetime(2026, 11, 1)), 0)
        entry.with_user(self.mia).action_approve()
        self.assertEqual(count(self.mia, later), 0)
