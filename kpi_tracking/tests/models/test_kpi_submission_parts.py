from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .entry_case import TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmissionParts(KpiEntryCase):
    """Several people enter their part of one KPI."""

    def _shared(self, **values):
        report = self._report("Visits", entry_mode="parts", **values)
        report.submitter_ids = self.uma | self.ben
        return report

    def test_parts_are_combined_as_declared(self):
        cases = (  # aggregation, of 10 and 40 with weights 3 and 1
            ("sum", 50),
            ("average", (10 * 3 + 40 * 1) / 4),
            ("min", 10),
            ("max", 40),
        )
        for aggregation, expected in cases:
            with self.subTest(aggregation=aggregation):
                report = self._shared(aggregation_scope=aggregation)
                self._enter(self.uma, 10, report, weight=3)
                self._enter(self.ben, 40, report)
                self.assertEqual(self._fact(report).value, expected)

    def test_an_incomplete_value_says_so(self):
        report = self._shared(aggregation_scope="sum")
        self._enter(self.uma, 10, report)
        fact = self._fact(report)
        self.assertEqual((fact.parts_present, fact.parts_expected), (1, 2))
        self._enter(self.ben, 40, report)
        fact = self._fact(report)
        self.assertEqual((fact.parts_present, fact.parts_expected), (2, 2))

    def test_a_withdrawn_part_leaves_the_others(self):
        report = self._shared(aggregation_scope="sum")
        part = self._enter(self.uma, 10, report)
        self._enter(self.ben, 40, report)
        part._withdraw("Counted by Ben")
        self.assertEqual(self._fact(report).value, 40)
        self.assertEqual(self._fact(report).parts_present, 1)

    def test_everybody_corrects_their_own_part(self):
        report = self._shared(aggregation_scope="sum")
        self._enter(self.uma, 10, report)
        self._enter(self.ben, 40, report)  # no correction of Uma's
        self._enter(self.uma, 11, report, reason="Typo")
        self.assertEqual(self._fact(report).value, 51)

    def test_a_part_of_somebody_else_is_entered_by_managers_only(self):
        report = self._shared(aggregation_scope="sum")
        with self.assertRaisesRegex(AccessError, "only enter your own value"):
            self._enter(self.ben, 1, report, contributor=self.uma)
        entry = self._enter(self.mia, 1, report, contributor=self.uma)
        self.assertEqual((entry.contributor_id, entry.is_for_other), (self.uma, True))
        with self.assertRaisesRegex(UserError, "choose who the value is for"):
            self._enter(self.mia, 1, report)
        with self.assertRaisesRegex(UserError, "Otto is not assigned to enter values"):
            self._enter(self.mia, 1, report, contributor=self.otto)

    def test_a_part_of_others_is_not_withdrawn(self):
        report = self._shared(aggregation_scope="sum")
        part = self._enter(self.uma, 10, report)
        with self.assertRaisesRegex(AccessError, "only enter your own value"):
            part.with_user(self.ben)._withdraw("Mine now")

    def test_parts_that_cannot_be_combined_are_refused(self):
        with self.assertRaisesRegex(
            ValidationError, "to combine several people's values"
        ):
            self._shared(aggregation_scope="last")

    def test_the_dialog_proposes_the_own_part(self):
        report = self._shared()
        report.submitter_ids |= self.mia  # who enters for others, too
        for user, proposed in (
            (self.ben, self.ben),
            (self.mia, self.mia),
            (self.env.user, self.env["res.users"]),
        ):
            entries = self.env["kpi.value.entry"].with_user(user)
            dialog = Form(entries.with_context(default_report_id=report.id))
            self.assertEqual(dialog.contributor_id, proposed)

    def test_the_contributor_reads_the_own_part_for_ever(self):
        report = self._shared(aggregation_scope="sum")
        part = self._enter(self.ben, 10, report)
        report.submitter_ids = self.uma
        self.env.invalidate_all()
        self.assertFalse(report.with_user(self.ben).has_access("read"))
        self.assertTrue(part.with_user(self.ben).has_access("read"))
