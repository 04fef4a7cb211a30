from datetime import date

from odoo.tests import tagged

from .award_case import BAD, GOOD, AwardCase

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestKpiGamificationAnalysis(AwardCase):
    """Ready KPIs that say whether achievements help."""

    def _turn_on(self, code):
        gallery = self.env["kpi.gallery.kpi"].search([("code", "=", code)])
        self._own(self.officer, gallery)._turn_on()
        definition = self.env["kpi.definition"].search(
            [("code", "=", code), ("company_id", "=", self.company.id)]
        )
        return definition.report_ids

    def _values(self, report):
        self.env["kpi.source"]._recompute_all(FIRST, LAST)
        facts = self.env["kpi.measurement"].search(
            [("report_id", "=", report.id), ("period_start", ">=", FIRST)]
        )
        return {fact.period_start.month: fact.value for fact in facts}

    def test_people_with_an_award_are_a_number(self):
        kpi = self._of(self.ann, [GOOD, GOOD])
        self._of(self.ben, [BAD, GOOD], kpi)
        for _twice in range(2):
            self._achievement({"kind": "green"}, date_from=FIRST)
        awards = self._decide()
        report = self._turn_on("people_with_award")
        self.assertEqual(self._values(report), {1: 1, 2: 2, 3: 0})
        awards.filtered(lambda one: one.user_id == self.ben)._revoke("Test")
        self.assertEqual(self._values(report), {1: 1, 2: 1, 3: 0})
        said = self._own(self.ann, report).sudo().get_explanation("2026-02-01")
        self.assertIn("No names are shown", said["method"])
        self.assertNotIn(self.ann.login, str(said))
        self.company.gamification_least_people = 1000
        self.assertEqual(self._values(report), {}, "too few to be one of many")

    def test_entries_on_time_are_a_share_of_what_was_due(self):
        report = self._of(self.ann, [None])
        other = self._of(self.ben, [None], report)
        late = self._of(self.user, [None], report)
        (report | other | late).entry_date_from = FIRST
        report.definition_id.entry_due_days = 5
        february = date(2026, 2, 1)
        with self._at("2026-03-03 09:00:00"):
            self._own(self.ann, report)._enter_value(february, GOOD)
            self._own(self.user, late)._enter_value(FIRST, GOOD)  # of January
        self.env["kpi.entry.duty"]._refresh()
        # Due in February: three of January, one of which came late, none in time; in
        # March: three of February, of which one came in time.
        values = self._values(self._turn_on("entries_on_time"))
        self.assertEqual(values[2], 0)
        self.assertAlmostEqual(values[3], 100 / 3)
