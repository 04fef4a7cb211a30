from types import SimpleNamespace

from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .entry_case import NOVEMBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
class TestKpiArchived(KpiEntryCase):
    """An archived KPI is asked for nothing and takes no value, on any way in."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(TODAY))
        self.definition = self.report.definition_id
        self._enter(self.uma, 4)

    def _each_archived(self):
        """The KPI archived for the department; its definition archived."""
        for record in (self.report, self.definition):
            record.active = False
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(record._name):
                yield
            record.active = True

    def _assert_refused(self, function, *args, **options):
        with self.assertRaisesRegex(UserError, "Pulse.* is archived"):
            function(*args, **options)

    def _row(self, **values):
        given = {
            "report_id": None,
            "code": self.definition.code,
            "scope_type": "department",
            "scope_id": self.sales.id,
            "day": NOVEMBER,
            "value": 7.0,
            "note": "",
            "contributor_id": None,
            "weight": None,
            "reason": "",
        }
        return SimpleNamespace(**given | values)

    def test_nothing_is_due_from_anybody(self):
        dues, grid = self.env["kpi.entry.due"], self.env["kpi.report"]
        waiting = [
            ("report_id", "=", self.report.id),
            ("state", "in", ["due", "overdue"]),
        ]
        self.env["kpi.entry.duty"]._refresh()
        self.assertTrue(dues.search(waiting))
        for _kind in self._each_archived():
            self.assertFalse(dues.search(waiting))
            for user in (self.uma, self.otto):
                rows = grid.with_user(user).get_entry_grid(for_others=True)["rows"]
                self.assertNotIn(self.report.id, [row["report_id"] for row in rows])
                asked = grid.with_user(user).get_entry_grid(report_ids=self.report.ids)
                self.assertFalse(asked["rows"])
                self.assertFalse(self.report.with_user(user).can_enter_value)
            self.env["kpi.entry.duty"]._refresh()
            self.assertFalse(dues.search(waiting))
        self.assertTrue(dues.search(waiting))

    def test_its_form_offers_nothing_that_would_be_refused(self):
        refused = {
            "action_cascade_target",
            "action_copy_targets",
            "action_enter_value",
            "action_enter_values",
            "action_propose_target",
        }
        report = self.report.with_user(self.otto)
        report.target_ids = [Command.create({"value": 5, "date_from": "2026-01-01"})]
        self.assertIn("action_copy_targets", self._list_offered(report))
        for _kind in self._each_archived():
            self.assertFalse(refused & self._list_offered(report))

    def _list_offered(self, report):
        """Names of the buttons that the form of a KPI shows."""
        arch = etree.fromstring(report.get_view(view_type="form")["arch"])
        values = {"id": report.id} | {
            name: report[name].ids if report._fields[name].relational else report[name]
            for name in {node.get("name") for node in arch.iter("field")}
            if name in report._fields
        }
        return {
            button.get("name")
            for button in arch.iter("button")
            if not any(node.tag == "field" for node in button.iterancestors())
            and not any(
                safe_eval(node.get("invisible") or "False", dict(values))
                for node in (button, *button.iterancestors())
            )
        }

    def test_people_enter_nothing(self):
        for _kind in self._each_archived():
            for user in (self.uma, self.otto):
                report = self.report.with_user(user)
                self._assert_refused(report._enter_value, NOVEMBER, 7)
                self._assert_refused(report.action_enter_value)
                self._assert_refused(report.action_enter_values)
                cell = {"report_id": report.id, "start": str(NOVEMBER), "text": "7"}
                (answer,) = self.env["kpi.report"].with_user(user).save_entries([cell])
                self.assertRegex(answer["error"], "Pulse.* is archived")
        self.assertFalse(self._fact(day=NOVEMBER))

    def test_programs_send_nothing(self):
        facts = self.env["kpi.measurement"].with_user(self.otto)
        reports = self.env["kpi.report"].with_user(self.otto)
        for _kind in self._each_archived():
            for row in (self._row(), self._row(report_id=self.report.id)):
                (result,) = facts._record_rows([row])["results"]
                self.assertEqual(result["outcome"], "refused")
                self.assertRegex(result["detail"], "Pulse.* is archived")
                self._assert_refused(reports._submit_values, [row])
            self._assert_refused(self._fact().with_user(self.otto)._remove, "Mistaken")
        self.assertEqual(self._fact().value, 4)
        self.assertFalse(self._fact(day=NOVEMBER))

    def test_entries_that_wait_do_not_count(self):
        self.definition.has_entry_approval = True
        draft = self._enter(self.uma, 5, day=NOVEMBER)
        self.assertEqual(draft.state, "submitted")
        for _kind in self._each_archived():
            self._assert_refused(draft.with_user(self.mia).action_approve)
            self._assert_refused(draft.with_user(self.uma)._withdraw, "Mistaken")
        draft.with_user(self.uma).action_recall()
        for _kind in self._each_archived():
            self._assert_refused(draft.with_user(self.uma).action_submit)
        self.assertFalse(self._fact(day=NOVEMBER))
