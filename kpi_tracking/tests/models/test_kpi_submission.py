from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ...models.entry.kpi_submission import Entry
from .entry_case import NOVEMBER, OCTOBER, TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmission(KpiEntryCase):
    """One way in: what people enter, correct and take back."""

    def test_without_approval_a_value_counts_at_once(self):
        entry = self._enter(self.uma, 7.5, note="Survey")
        self.assertEqual((entry.state, entry.note), ("approved", "Survey"))
        fact = self._fact()
        self.assertEqual((fact.value, fact.source), (7.5, "manual"))
        self.assertEqual(fact.recorded_by_id, self.uma)
        self.assertEqual(self.report.current_value, 7.5)

    def test_the_chatter_of_the_kpi_tells_the_value_and_the_note(self):
        self._enter(self.uma, 7.5, note="Survey <b>of</b> spring")
        body = self.report.message_ids[:1].body
        self.assertIn("Oct 2026", body)
        self.assertIn("Survey &lt;b&gt;of", body)

    def test_who_enters_for_somebody_else_is_recorded(self):
        entry = self._enter(self.mia, 7.5)
        self.assertTrue(entry.is_for_other)
        self.assertEqual(entry.entered_by_id, self.mia)
        for document in (self.report, entry):
            self.assertIn("Entered by Mia for Uma", document.message_ids[:1].body)
        self.assertFalse(self._enter(self.uma, 7.6, reason="Late").is_for_other)

    def test_strangers_enter_nothing(self):
        self.report.shared_user_ids = self.ben
        with self.assertRaisesRegex(AccessError, "only assigned people"):
            self._enter(self.ben, 1)

    def test_named_submitters_see_the_kpi_and_enter_its_values(self):
        self.report.submitter_ids = self.ben
        self.assertFalse(self._enter(self.ben, 3).is_for_other)

    def test_a_draft_does_not_count(self):
        entry = self.env["kpi.submission"].with_user(self.uma)
        draft = self._draft(4)
        self.assertEqual((draft.state, bool(self._fact())), ("draft", False))
        entry.browse(draft.id).action_submit()
        self.assertEqual((draft.state, self._fact().value), ("approved", 4))

    def _draft(self, value):
        own = self.report.with_user(self.uma)
        definition = own.definition_id
        period = definition.calendar_id._period("month", OCTOBER)
        entry = Entry(own, period, value)
        return self.env["kpi.submission"].with_user(self.uma)._enter([entry], False)

    def test_a_draft_is_changed_and_not_doubled(self):
        self.assertEqual(self._draft(4), self._draft(5))
        self.assertEqual(self.report.submission_ids.mapped("value"), [5])

    # Corrections

    def test_a_correction_is_a_new_version_with_a_reason(self):
        first = self._enter(self.uma, 4)
        second = self._enter(self.uma, 6, reason="Counted again")
        self.assertEqual((second.version, second.corrects_id), (2, first))
        self.assertEqual((first.value, first.is_current), (4, False))
        self.assertEqual(self._fact().value, 6)
        revision = self._fact().revision_ids
        self.assertEqual((revision.old_value, revision.reason), (4, "Counted again"))

    def test_a_correction_without_reason_is_refused(self):
        self._enter(self.uma, 4)
        with self.assertRaisesRegex(ValidationError, "Oct 2026 already has a value"):
            self._enter(self.uma, 6, reason="  ")

    def test_an_imported_value_is_replaced_with_a_reason_only(self):
        rows = [(self.report.id, OCTOBER, 3.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="import")
        with self.assertRaisesRegex(ValidationError, "already has a value"):
            self._enter(self.uma, 6)
        self._enter(self.uma, 6, reason="The file was wrong")
        self.assertEqual(self._fact().revision_ids.reason, "The file was wrong")

    def test_the_database_keeps_one_accepted_value(self):
        first = self._enter(self.uma, 4)
        with self.assertRaisesRegex(Exception, "accepted_uniq"), self.cr.savepoint():
            first.sudo().copy({"state": "approved"}).flush_recordset()

    # Withdrawals

    def test_a_mistaken_entry_is_taken_back_with_a_revision(self):
        entry = self._enter(self.uma, 4)
        entry._withdraw("Wrong KPI")
        self.assertFalse(self._fact())
        self.assertFalse(self.report.has_value)
        revision = self.env["kpi.measurement.revision"].search(
            [("report_id", "=", self.report.id)]
        )
        self.assertTrue(revision.is_removal)
        self.assertEqual(revision.reason, "Wrong KPI")
        self.assertEqual(revision.replaced_by_id, self.uma)
        self.assertEqual((entry.value, entry.is_current), (4, False))
        self.assertIn("Wrong KPI", self.report.message_ids[:1].body)

    def test_after_a_withdrawal_the_period_is_free_again(self):
        self._enter(self.uma, 4)._withdraw("Wrong KPI")
        self.assertEqual(self._enter(self.uma, 5).version, 1)
        self.assertEqual(self._fact().value, 5)

    def test_nothing_is_withdrawn_without_a_reason_or_twice(self):
        entry = self._enter(self.uma, 4)
        with self.assertRaisesRegex(ValidationError, "Enter a reason"):
            entry._withdraw(" ")
        entry._withdraw("Wrong KPI")
        with self.assertRaisesRegex(UserError, "was withdrawn by Uma"):
            entry._withdraw("Again")

    def test_the_dialog_withdraws(self):
        entry = self._enter(self.uma, 4)
        action = entry.with_user(self.uma).action_withdraw()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.uma)
            .with_context(**action["context"])
            .create({"reason": "Wrong KPI"})
        )
        wizard.action_decide()
        self.assertFalse(entry.is_current)

    # Bad input

    def test_what_has_no_meaning_is_refused(self):
        answer = self._report("Answer", unit="boolean")
        cases = (
            ({"value": float("nan")}, "enter a finite number"),
            ({"value": 5, "report": answer}, "1 for yes or 0 for no"),
            ({"value": 1, "day": NOVEMBER.replace(month=12)}, "has not started"),
            ({"value": 1, "weight": 0.0}, "above 0"),
        )
        for values, message in cases:
            with (
                self.subTest(message=message),
                self.assertRaisesRegex(UserError, message),
            ):
                self._enter(self.uma, **values)

    def test_computed_kpis_take_no_entries(self):
        formula = self._report("Twice", computation="formula", formula="2 * pulse")
        with self.assertRaisesRegex(UserError, "is computed"):
            self._enter(self.uma, 1, report=formula)

    def test_a_kpi_with_entries_is_not_deleted(self):
        self._enter(self.uma, 4)._withdraw("Wrong KPI")
        with self.assertRaises(UserError):
            self.report.with_user(self.otto).unlink()

    # Files

    def test_files_follow_the_entry(self):
        files = self.env["ir.attachment"].with_user(self.uma)
        mine = files.create(
            {"name": "survey.txt", "raw": b"1", "res_model": "kpi.value.entry"}
        )
        entry = self._enter(self.uma, 4, attachments=mine)
        self.assertEqual(entry.sudo().attachment_ids, mine.sudo())
        self.assertTrue(mine.with_user(self.mia).has_access("read"))
        self.assertFalse(mine.with_user(self.ben).has_access("read"))

    def test_files_of_others_are_not_taken(self):
        files = self.env["ir.attachment"].sudo()
        foreign = files.create({"name": "wages.txt", "raw": b"1"})
        self._enter(self.uma, 4, attachments=foreign)
        self.assertFalse(foreign.res_model)
