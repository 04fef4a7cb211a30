from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.models.approval.kpi_approval_link import DecisionForm

from .entry_case import NOVEMBER, OCTOBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmissionAsked(KpiEntryCase):
    """Entries as documents: who is asked, and what else may become of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.definition_id.has_entry_approval = True
        cls.nora = cls._user("nora", "manager")
        cls._employ(cls.nora)

    def _get_people(self, entry, state="asked"):
        return entry.sudo()._find_steps(state).user_id

    def test_a_value_is_sent_back_changed_and_asked_about_anew(self):
        entry = self._enter(self.uma, 4)
        before = self.env["kpi.delivery"].search([])
        with self.assertRaisesRegex(ValidationError, "Enter a reason"):
            entry.with_user(self.mia)._decide_all("return", " ")
        entry.with_user(self.mia)._decide_all("return", "Without the branch?")
        self.assertEqual((entry.state, entry.approval_state), ("draft", "returned"))
        message = self.env["kpi.delivery"].search([]) - before
        self.assertEqual(message.user_id, self.uma)
        content = message._compose()
        self.assertEqual(content.title, f"Sent back: {entry.display_name}")
        self.assertEqual(content.lines[0].text, "Without the branch?")
        again = self._enter(self.uma, 5)
        self.assertEqual((again, again.state), (entry, "submitted"))
        self.assertEqual(entry.approval_round, 2)
        entry.with_user(self.mia).action_approve()
        self.assertEqual(self._fact().value, 5)

    def test_what_waits_is_changed_by_who_entered_it_and_asked_about_anew(self):
        entry = self._enter(self.uma, 4)
        steps = entry.sudo()._find_steps("asked")
        self._enter(self.uma, 6)
        self.assertEqual(set(steps.mapped("state")), {"closed"})
        self.assertEqual(self._get_people(entry), self.mia | self.otto)
        entry.with_user(self.mia).action_approve()
        self.assertEqual(self._fact().value, 6)

    def test_who_entered_a_value_takes_it_back(self):
        entry = self._enter(self.uma, 4)
        with self.assertRaisesRegex(AccessError, "Only Uma"):
            entry.with_user(self.mia).action_recall()
        entry.with_user(self.uma).action_recall()
        self.assertEqual((entry.state, entry.approval_state), ("draft", "none"))
        with self.assertRaises(UserError):
            entry.with_user(self.mia).action_approve()
        entry.with_user(self.uma).action_submit()
        entry.with_user(self.mia).action_approve()
        self.assertEqual(self._fact().value, 4)

    def test_withdrawing_what_waits_asks_nobody_any_more(self):
        entry = self._enter(self.uma, 4)
        entry.with_user(self.uma)._withdraw("Mistaken")
        self.assertFalse(self._get_people(entry))
        self.assertFalse(entry.with_user(self.mia).can_decide)
        with self.assertRaisesRegex(UserError, "was withdrawn by Uma"):
            entry.with_user(self.mia).action_approve()

    def test_somebody_else_decides_where_it_was_forwarded(self):
        entry = self._enter(self.uma, 4)
        dialog = self.env["kpi.submission.reason"].with_user(self.mia)
        dialog = dialog.create(
            {
                "submission_ids": [Command.set(entry.ids)],
                "decision": "forward",
                "reason": "Your branch",
            }
        )
        texts = entry.display_name, entry._get_amount_text(), self.uma.name
        self.assertEqual(dialog.subjects, " · ".join(texts))
        with self.assertRaisesRegex(ValidationError, "a person to forward this to"):
            dialog.action_decide()
        dialog.successor_id = self.uma
        with self.assertRaisesRegex(UserError, "submitted this document and cannot"):
            dialog.action_decide()
        self.report.shared_user_ids = self.nora
        dialog.successor_id = self.nora
        dialog.action_decide()
        self.assertEqual(self._get_people(entry), self.nora | self.otto)
        with self.assertRaises(AccessError):
            entry.with_user(self.mia).action_approve()
        entry.with_user(self.nora).action_approve()
        self.assertEqual((entry.state, entry.decided_by_id), ("approved", self.nora))

    def test_what_changed_behind_the_back_is_asked_about_anew(self):
        changes = (
            "UPDATE kpi_submission SET value = 400 WHERE id = %s",
            "UPDATE ir_attachment SET checksum = 'other'"
            " WHERE res_model = 'kpi.submission' AND res_id = %s",
        )
        for day, change in zip((OCTOBER, NOVEMBER), changes, strict=True):
            files = self.env["ir.attachment"].with_user(self.uma)
            file = files.create(
                {"name": "survey.txt", "raw": b"1", "res_model": "kpi.value.entry"}
            )
            entry = self._enter(self.uma, 4, day=day, attachments=file)
            self.env.cr.execute(change, [entry.id])
            self.env.invalidate_all()
            told = entry.with_user(self.mia).action_approve()
            self.assertIn(
                "A newer version has been submitted", told["params"]["message"]
            )
            self.assertEqual((entry.state, entry.approval_round), ("submitted", 2))
            entry.with_user(self.mia).action_approve()
            self.assertEqual(entry.state, "approved")

    def test_files_of_messages_change_nothing(self):
        entry = self._enter(self.uma, 4)
        entry.with_user(self.mia).message_post(
            body="Like this?", attachments=[("proof.txt", b"1")]
        )
        entry.with_user(self.mia).action_approve()
        self.assertEqual(entry.state, "approved")

    def test_nobody_changes_what_waits(self):
        entry = self._enter(self.uma, 4).sudo()
        for act in (
            lambda: entry.write({"value": 5}),
            entry.unlink,
            lambda: entry.write({"approval_state": "approved"}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                act()

    def test_it_says_whom_it_waits_for(self):
        entry = self._enter(self.uma, 4)
        self.assertEqual(entry.approver_names, "Mia or Otto")
        entry.with_user(self.mia).action_approve()
        self.assertFalse(entry.approver_names)

    def test_a_link_decides_on_an_entry(self):
        entry = self._enter(self.uma, 4, note="All branches")
        step = (
            entry.sudo()
            ._find_steps("asked")
            .filtered(lambda one: one.user_id == self.mia)
        )
        link = self.env["kpi.approval.link"].search([("step_id", "=", step.id)])
        page = link._describe_page(DecisionForm())
        self.assertEqual(page["title"], entry.display_name)
        facts = (("Value", "4"), ("Note", "All branches"))
        self.assertEqual(page["facts"][:2], facts)
        self.assertTrue(page["can_decide"])
        self.assertEqual(link._decide(DecisionForm("approve")), "")
        self.assertEqual((entry.state, entry.decided_by_id), ("approved", self.mia))
        self.assertIn("Mia", link._describe_page(DecisionForm())["said"])

    def test_a_locked_period_is_not_approved_by_a_link_or_in_bulk(self):
        entry = self._enter(self.uma, 4)
        other = self._enter(self.uma, 5, day=NOVEMBER)
        self.report.locked_until = date(2026, 10, 31)
        answers = (entry | other).with_user(self.mia).decide_approvals("approve")
        self.assertEqual([one["is_decided"] for one in answers], [False, True])
        self.assertIn("is locked", answers[0]["reason"])
        self.assertEqual((entry.state, other.state), ("submitted", "approved"))

    def test_who_will_approve_is_said_before_a_value_is_entered(self):
        dialog = self.env["kpi.value.entry"].with_user(self.uma)
        dialog = dialog.new({"report_id": self.report.id, "day": OCTOBER})
        self.assertFalse(dialog.approver_notice)
        dialog.value_text = "4"
        self.assertEqual(dialog.approver_notice, "Needs approval by Mia or Otto.")
        grid = self.env["kpi.report"].with_user(self.uma).get_entry_grid()
        said = {row["report_id"]: row["approvers"] for row in grid["rows"]}
        self.assertEqual(said[self.report.id], "Needs approval by Mia or Otto.")
        self.assertFalse(self.report.submission_ids)
        steps = self.env["kpi.approval.step"].search([("user_id", "=", self.mia.id)])
        self.assertFalse(steps)

    def test_where_nobody_has_to_approve_no_approver_is_named(self):
        self.report.definition_id.has_entry_approval = False
        dialog = self.env["kpi.value.entry"].with_user(self.uma)
        dialog = dialog.new(
            {"report_id": self.report.id, "day": OCTOBER, "value_text": "4"}
        )
        self.assertFalse(dialog.approver_notice)
        self.assertEqual(self._enter(self.uma, 4).state, "approved")
