from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .proposal_case import ProposalCase
from .test_kpi_judged import TODAY

REFUSED = "Use “Propose a Change”"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiTargetProposal(ProposalCase):
    """Targets that change by proposal, from whatever way they are changed."""

    def _assert_refused(self, act, reason=REFUSED):
        with self.assertRaisesRegex(UserError, reason), self.cr.savepoint():
            act()

    def test_without_a_workflow_targets_are_written(self):
        target = self._mine(self.target)
        self.assertFalse(target.needs_proposal)
        target.value = 110
        self.assertEqual(self.target.value, 110)

    def test_each_way_of_writing_is_refused(self):
        self._guard()
        target, sales = self._mine(self.target), self._mine(self.sales)
        self.assertTrue(target.needs_proposal and sales.has_guarded_targets)
        self.assertFalse(sales.new({"name": "New"}).has_guarded_targets)
        for act in (
            lambda: target.write({"value": 110}),
            lambda: target.write({"zones": "five"}),
            lambda: target.write({"rule": "previous_year"}),
            lambda: target.write({"date_from": date(2026, 1, 1)}),
            lambda: sales.write({"target_ids": [(1, target.id, {"value": 1})]}),
            lambda: sales.write({"target_ids": [(0, 0, {"value": 1})]}),
            lambda: sales.write({"target_ids": [(2, target.id)]}),
            lambda: target.create({"report_id": sales.id, "value": 1}),
            lambda: target.copy({"date_from": date(2027, 1, 1)}),
            target.unlink,
        ):
            self._assert_refused(act)
        target.note = "what is no part of it is written"
        self.target.value = 105  # code is not refused

    def test_proposed_in_the_dialog_and_approved(self):
        self._guard()
        action = self._mine(self.target).action_propose_change()
        dialogs = self.env[action["res_model"]].with_user(self.olga)
        with Form(dialogs.with_context(**action["context"])) as dialog:
            self.assertEqual((dialog.choice, dialog.value), ("change", 100))
            dialog.value = 120.5
            dialog.stretch = 130
            dialog.reason = "More orders"
        dialog.record.action_propose()
        change = self._find_changes()
        self.assertEqual(change.vals, {"value": 120.5, "stretch": 130})
        self.assertEqual(change.company_id, self.env.company)
        self.assertEqual(self.target.value, 100)
        self._approve(change)
        self.assertEqual((self.target.value, self.target.stretch), (120.5, 130))
        rows = {row["label"]: row for row in change.comparison}
        self.assertEqual(rows["Stretch"]["before"], "")

    def test_the_overview_of_the_approver_names_it(self):
        self._guard()
        self._propose_value()
        change = self._find_changes().with_user(self.ann)
        needs = self.env["kpi.home"].with_user(self.ann).get_needs()
        (need,) = [need for need in needs if need["kind"] == "approval"]
        self.assertEqual(need["text"], change.display_name)

    def test_the_dialog_says_who_approves(self):
        guard = self._guard()
        context = self._mine(self.target).action_propose_change()["context"]
        dialogs = self.env["kpi.target.proposal"].with_user(self.olga)
        dialog = Form(dialogs.with_context(**context))
        self.assertFalse(dialog.approver_notice)
        dialog.value = 104
        self.assertEqual(dialog.approver_notice, "Needs approval by Ann.")
        for choice in ("add", "remove"):
            dialog.choice = choice
            self.assertEqual(dialog.approver_notice, "Needs approval by Ann.", choice)
        dialog.choice = "change"
        guard.auto_approve_threshold = 5
        dialog.value = 103
        self.assertIn("applies immediately", dialog.approver_notice)
        dialog.value = 120
        self.assertEqual(dialog.approver_notice, "Needs approval by Ann.")

    def test_the_dialog_names_nobody_who_does_not_see_the_kpi(self):
        guard = self._guard()
        stranger = new_test_user(
            self.env, "propose-sid", "kpi_base.kpi_base_group_user", name="Sid"
        )
        guard.level_ids.approver_ids.user_id = stranger
        context = self._mine(self.target).action_propose_change()["context"]
        dialogs = self.env["kpi.target.proposal"].with_user(self.olga)
        dialog = Form(dialogs.with_context(**context))
        dialog.value = 120
        self.assertEqual(dialog.approver_notice, "Needs approval by Ann.")

    def test_nothing_changed_in_the_dialog_is_refused(self):
        self._guard()
        context = {"default_report_id": self.sales.id}
        dialogs = self.env["kpi.target.proposal"].with_user(self.olga)
        dialog = Form(dialogs.with_context(**context, default_target_id=self.target.id))
        dialog.reason = "Why"
        with self.assertRaisesRegex(ValidationError, "No changes to propose"):
            dialog.save().action_propose()

    def _propose_again(self, change, **values):
        """The proposal that comes of proposing it again in the dialog."""
        action = change.with_user(self.olga).action_open_propose_again()
        dialogs = self.env[action["res_model"]].with_user(self.olga)
        with Form(dialogs.with_context(**action["context"])) as dialog:
            for name, value in values.items():
                setattr(dialog, name, value)
        shown = dialog.record.action_propose()["params"]["next"]["res_id"]
        return change.browse(shown), dialog

    def test_sent_back_it_is_proposed_again_in_the_dialog(self):
        self._guard()
        change = self._propose_value(120.0)
        change.with_user(self.ann).action_return("Why so much?")
        again, dialog = self._propose_again(change, reason="Two customers more")
        self.assertEqual((dialog.choice, dialog.value), ("change", 120.0))
        self.assertEqual(again, change)
        self.assertEqual(change.approval_state, "pending")
        self.assertEqual(change.reason, "Two customers more")
        change.with_user(self.ann).action_reject("No")
        self.target.sudo().stretch = 150
        other, dialog = self._propose_again(change, value=115.0)
        self.assertEqual(dialog.stretch, 150)  # as the target says now
        self.assertNotEqual(other, change)
        self.assertEqual((other.vals, other.reason), ({"value": 115.0}, change.reason))
        self.assertEqual(change.approval_state, "rejected")

    def test_a_new_target_and_a_removal_are_proposed_again_in_the_dialog(self):
        self._guard()
        vals = {"report_id": self.sales.id, "date_from": self._day(2026, 12)}
        targets = self.env["kpi.target"].with_user(self.olga)
        new = targets._propose({**vals, "value": 140}, "Next", operation="create")
        gone = self._mine(self.target)._propose({}, "Gone", operation="unlink")
        for change, choice in ((new, "add"), (gone, "remove")):
            change.with_user(self.ann).action_return("Why?")
            _again, dialog = self._propose_again(change)
            self.assertEqual(dialog.choice, choice)
        change = self._find_changes(("operation", "=", "create"))[-1]
        self.assertEqual(change.approval_state, "pending")
        self.assertEqual(change.vals["date_from"], "2026-12-01")
        self.assertEqual(change.vals["value"], 140)
        self.assertEqual(gone.approval_state, "pending")

    def test_a_target_from_another_day_and_one_removed(self):
        self._guard()
        context = self._mine(self.sales).action_propose_target()["context"]
        dialogs = self.env["kpi.target.proposal"].with_user(self.olga)
        with Form(dialogs.with_context(**context)) as dialog:
            dialog.choice = "add"
            self.assertEqual(dialog.date_from, date(2026, 12, 1))
            dialog.value = 140
            dialog.reason = "Next quarter"
        dialog.record.action_propose()
        change = self._find_changes()
        self.assertIn("Sales", change.record_name)
        self.assertIn("Target: 100 → 140", change.summary)
        self._approve(change)
        made = self.sales.target_ids.filtered(lambda one: one.value == 140)
        self.assertEqual(made.date_from, date(2026, 12, 1))
        with Form(
            dialogs.with_context(**context).with_context(default_target_id=made.id)
        ) as dialog:
            dialog.choice = "remove"
            dialog.reason = "Postponed"
        dialog.record.action_propose()
        removal = self._find_changes(("operation", "=", "unlink"))
        name = removal.display_name
        self.assertIn("Sales", name)
        self._approve(removal)
        self.assertFalse(made.exists())
        self.assertEqual(removal.display_name, name)

    def test_the_form_shows_guarded_fields_read_only(self):
        self._guard()
        with Form(self._mine(self.target)) as form:
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form.value = 5
            form.note = "free"

    def test_the_target_that_holds_changes_meanwhile(self):
        self._guard()
        change = self._mine(self.target)._propose(
            {"report_id": self.sales.id, "date_from": "2027-01-01", "value": 150},
            "Next year",
            operation="create",
        )
        self.target.value = 60
        told = change.with_user(self.ann).action_approve()
        self.assertIn("A newer version has been submitted", told["params"]["message"])
        self._approve(change)
        self.assertEqual(self.sales.target_ids.mapped("value"), [150, 60])

    def test_a_target_that_was_made_meanwhile_is_in_the_way(self):
        self._guard()
        vals = {"report_id": self.sales.id, "date_from": "2027-01-01", "value": 150}
        change = self._mine(self.target)._propose(vals, "x", operation="create")
        self._target(self.sales, (2027, 1), 7)
        change.with_user(self.ann).action_approve()  # asked anew
        self._assert_refused(change.with_user(self.ann).action_approve, "already has")
        self.assertEqual(change.approval_state, "pending")

    def test_what_cannot_be_is_refused_when_proposed(self):
        self._guard()
        for vals, reason in (
            ({"stretch": 50}, "easier than the target"),
            ({"value": False}, "enter “Target”"),
            ({"zones": "rag", "threshold_1": 5}, "thresholds"),
        ):
            self._assert_refused(
                lambda vals=vals: self._mine(self.target)._propose(vals, "x"), reason
            )
        self.assertFalse(self._find_changes())

    def test_who_may_not_write_the_target_may_not_propose(self):
        self._guard()
        user = new_test_user(self.env, "propose-user", "kpi_base.kpi_base_group_user")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.target.with_user(user)._propose({"value": 1}, "x")
        self.assertFalse(self._find_changes())

    def test_a_proposer_who_is_no_officer_any_more_changes_nothing(self):
        self._guard()
        change = self._propose_value()
        self.olga.group_ids = self.env.ref("kpi_base.kpi_base_group_user")
        self._assert_refused(change.with_user(self.ann).action_approve, "can no longer")
        self.assertEqual(self.target.value, 100)

    def test_a_kpi_that_goes_takes_its_proposals_back(self):
        self._guard()
        costs = self._report("Costs")
        change = self._propose_value(7, self._target(costs, (2026, 9), 5))
        costs.unlink()
        self.assertEqual(change.sudo().approval_state, "none")
        self.assertFalse(change.sudo()._find_steps("asked"))

    def test_a_kpi_archived_meanwhile_still_gets_its_target(self):
        self._guard()
        change = self._propose_value()
        self.sales.active = self.sales.definition_id.active = False
        self._approve(change)
        self.assertEqual(self.target.value, 120)

    def test_proposals_for_another_companys_kpi_are_not_there(self):
        far = self.env["res.company"].create({"name": "Far"})
        other = self._report("Other", scope=far, company_id=far.id)
        target = self._target(other, (2026, 9), 5)
        self._guard()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._mine(target)._propose({"value": 6}, "x")
        self.olga.company_ids |= far
        self.ann.company_ids |= far
        both = self._mine(target).with_context(allowed_company_ids=far.ids)
        change = both._propose({"value": 6}, "x")
        self.assertEqual(change.company_id, far)
        stranger = new_test_user(
            self.env, "propose-far", "kpi_base.kpi_base_group_officer"
        )
        seen = self.env["kpi.approval.change"].with_user(stranger)
        self.assertFalse(seen.search([]))

    def test_many_are_approved_each_with_its_result(self):
        self._guard()
        costs = self._report("Costs")
        second = self._target(costs, (2026, 9), 10)
        changes = self._propose_value() | self._propose_value(11, second)
        changes |= self._propose_value(12, second)
        results = changes.with_user(self.ann).decide_approvals("approve")
        # the third was asked anew, as the second changed what it replaces
        self.assertEqual([each["is_decided"] for each in results], [True, True, False])
        self.assertIn("A newer version has been submitted", results[2]["reason"])

    def test_small_changes_apply_at_once(self):
        self._guard(auto_approve_threshold=5)
        self.assertEqual(self._propose_value(104).approval_state, "approved")
        self.assertEqual(self.target.value, 104)
        self.assertEqual(self._propose_value(108).approval_state, "pending")
        both = self._mine(self.target)._propose({"value": 103, "stretch": 200}, "x")
        self.assertEqual(both.approval_state, "pending")

    def test_cascading_proposes(self):
        self._guard()
        department = self.env["hr.department"].create({"name": "North"})
        self.sales.definition_id._track_for("department", department)
        dialog = self.env["kpi.target.cascade"].with_user(self.olga)
        dialog = dialog.create(
            dialog.with_context(default_target_id=self.target.id).default_get(
                ["target_id", "line_ids"]
            )
        )
        action = dialog.action_apply()
        change = self._find_changes()
        self.assertEqual(action["params"]["next"]["res_id"], change.id)
        self.assertEqual((change.operation, change.vals["value"]), ("create", 100))
        self._approve(change)
        below = change._get_record()
        self.assertEqual((below.value, below.report_id.scope_name), (100, "North"))

    def test_copying_to_the_next_year_proposes_what_is_not_small(self):
        self._guard(auto_approve_threshold=5)
        copied = self._mine(self.target)
        made, changes = copied._copy_to_next_year(3.0)
        self.assertFalse(made)
        self.assertEqual(changes.mapped("approval_state"), ["approved"])
        self.assertEqual(self.sales.target_ids.mapped("value"), [103, 100])
        _made, changes = self._mine(changes._get_record())._copy_to_next_year(10.0)
        self.assertEqual(changes.mapped("approval_state"), ["pending"])

    def test_a_pack_proposes(self):
        self._guard()
        packs = self.env["kpi.pack"].with_user(self.olga)
        text = packs._build_pack_text(self.sales.definition_id, "Sales")
        document = packs._read(text)
        (entry,) = document["targets"]
        entry["value"] = 140.0
        (item,) = [
            each
            for each in packs._preview(document, self.env.company)
            if each.section == "targets"
        ]
        self.assertEqual(item.state, "changed")
        self.assertFalse(self._find_changes())
        packs._import(document, self.env.company)
        change = self._find_changes()
        self.assertEqual((change.vals, self.target.value), ({"value": 140}, 100))
        self._approve(change)
        self.assertEqual(self.target.value, 140)
