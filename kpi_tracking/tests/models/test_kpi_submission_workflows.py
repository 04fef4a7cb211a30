from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ...models.entry.kpi_submission import Entry
from .entry_case import NOVEMBER, OCTOBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmissionWorkflows(KpiEntryCase):
    """Workflows of a company: about which entries, and whom."""

    def _make_workflow(self, *approvers, **values):
        """A workflow of one level, by Olga or whom ``approvers`` say."""
        return self.env["kpi.approval.workflow"].create(
            {
                "name": "Exceptions",
                "model": "kpi.submission",
                "company_id": self.company.id,
                "owner_id": self.otto.id,
                "level_ids": [
                    Command.create(
                        {
                            "approver_ids": [
                                Command.create(each)
                                for each in approvers or [{"whom": "kpi_managers"}]
                            ]
                        }
                    )
                ],
                **values,
            }
        )

    def test_what_is_too_long_within_a_line_is_refused_in_a_sentence(self):
        admin = self._user("ann", "admin")
        workflow = self._make_workflow().with_user(admin)
        line = Command.create({"whom": "kpi_managers", "condition": "x" * 10_001})
        level = Command.update(workflow.level_ids.id, {"approver_ids": [line]})
        with self.assertRaisesRegex(UserError, "too long"):
            workflow.write({"level_ids": [level]})

    def _get_people(self, entry):
        return entry.sudo()._find_steps("asked").user_id

    def test_values_off_track_are_asked_about_and_say_why(self):
        self._make_workflow(workflow_type="below_threshold")
        self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": "2026-01-01", "value": 100}
        )
        self.assertEqual(self._enter(self.uma, 96).state, "approved")
        with self.assertRaisesRegex(ValidationError, "off track. Explain why"):
            self._enter(self.uma, 50, day=date(2026, 9, 1))
        entry = self._enter(self.uma, 50, day=date(2026, 9, 1), note="A strike")
        self.assertEqual(entry.state, "submitted")
        self.assertEqual(self._get_people(entry), self.mia)

    def test_what_is_not_judged_is_not_off_track(self):
        self._make_workflow(workflow_type="below_threshold")
        self.assertEqual(self._enter(self.uma, 50).state, "approved")

    def test_unusual_values_are_asked_about(self):
        self._make_workflow(workflow_type="exceptional_submission")
        self.report.entry_date_from = OCTOBER
        for month, value in enumerate((80, 82, 81, 83, 84), 5):
            entry = self._enter(self.uma, value, day=date(2026, month, 1))
            self.assertEqual(entry.state, "approved", month)
        entry = self._enter(self.uma, 830, day=NOVEMBER)
        self.assertEqual(entry.state, "submitted")

    def test_late_values_and_those_for_others_are_asked_about(self):
        self._make_workflow(workflow_type="exceptional_submission")
        self.assertEqual(self._enter(self.uma, 80, day=NOVEMBER).state, "approved")
        late = self._enter(self.uma, 80)
        self.assertEqual((late.is_late, late.state), (True, "submitted"))
        other = self._report("Other")
        entry = self._enter(self.otto, 80, report=other, day=NOVEMBER)
        self.assertEqual((entry.is_for_other, entry.state), (True, "submitted"))

    def test_people_around_the_kpi_are_found(self):
        self.report.submitter_ids = self.ben
        self._make_workflow({"whom": "kpi_owner"})
        self.assertEqual(self._get_people(self._enter(self.ben, 1)), self.uma)

    def test_small_changes_are_approved_by_what_a_person_approved_last(self):
        workflow = self._make_workflow(auto_approve_threshold=10)
        first = self._enter(self.uma, 100, day=date(2026, 7, 1))
        self.assertEqual(first.state, "submitted")  # from nothing it never happens
        first.with_user(self.mia).action_approve()
        for month, value, state in ((8, 106, "approved"), (9, 112, "submitted")):
            entry = self._enter(self.uma, value, day=date(2026, month, 1))
            self.assertEqual(entry.state, state, value)
        self.assertFalse(entry.decided_by_id)
        automatic = self.env["kpi.audit.log"].search(
            [("event_type", "=", "approval_automatic")]
        )
        self.assertEqual(len(automatic), 1)
        workflow.auto_approve_threshold = 0
        self.assertEqual(self._enter(self.uma, 106).state, "submitted")

    def test_approvers_are_asked_where_their_condition_holds(self):
        workflow = self._make_workflow(
            {"whom": "user", "user_id": self.mia.id, "sequence": 1},
            {
                "whom": "user",
                "user_id": self.otto.id,
                "sequence": 2,
                "condition": "amount > 1000 or abs(change) > 50",
            },
        )
        self.assertEqual(
            workflow.level_ids.summary,
            "Mia or Otto (if amount > 1000 or abs(change) > 50)",
        )
        small = self._enter(self.uma, 10, day=date(2026, 7, 1))
        # what the change is from is not known
        self.assertEqual(self._get_people(small), self.mia | self.otto)
        small.with_user(self.mia).action_approve()
        for month, value, people in (
            (8, 12, self.mia),
            (9, 16, self.mia | self.otto),
            (10, 2000, self.mia | self.otto),
        ):
            entry = self._enter(self.uma, value, day=date(2026, month, 1))
            self.assertEqual(self._get_people(entry), people, value)

    def test_levels_are_told_in_their_order(self):
        workflow = self._make_workflow({"whom": "user", "user_id": self.mia.id})
        approver = {"whom": "user", "user_id": self.otto.id}
        workflow.level_ids = [
            Command.create({"sequence": 2, "approver_ids": [Command.create(approver)]})
        ]
        period = self.calendar._period("month", OCTOBER)
        entry = Entry(self.report.with_user(self.uma), period, 4)
        told = self.env["kpi.submission"].with_user(self.uma)
        entry = told._resolve_entry(entry)
        self.assertEqual(
            told._preview_approvers({0: entry})[0],
            "Needs approval by Mia, then by Otto.",
        )
        entry = self._enter(self.uma, 4)
        entry.with_user(self.mia).action_approve()
        self.assertEqual(entry.state, "submitted")
        entry.with_user(self.otto).action_approve()
        self.assertEqual((entry.state, entry.decided_by_id), ("approved", self.otto))

    def test_conditions_are_checked(self):
        for condition, reason in (
            ("amount >", "Missing value"),
            ("visits > 3", "unknown variable visits"),
            ("target(visits) > 3", "unknown variable visits"),
        ):
            with (
                self.subTest(condition),
                self.assertRaisesRegex(ValidationError, reason),
                self.cr.savepoint(),
            ):
                self._make_workflow({"whom": "kpi_owner", "condition": condition})

    def test_what_needs_approval_is_not_approved_for_want_of_a_workflow(self):
        self.report.definition_id.has_entry_approval = True
        self.env["kpi.approval.workflow"].search([]).active = False
        with self.assertRaisesRegex(Exception, "matches no approval workflow"):
            self._enter(self.uma, 1)
