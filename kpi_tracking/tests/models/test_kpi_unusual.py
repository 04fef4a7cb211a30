from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ...models.entry.kpi_submission import Entry
from .entry_case import NOVEMBER, OCTOBER, TODAY, KpiEntryCase

USUAL = (80, 82, 81, 83, 84)  # changes of 2, 1, 2 and 1


@tagged("post_install", "-at_install")
class TestKpiUnusual(KpiEntryCase):
    """The grid asks before it takes a value far outside the usual."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(TODAY))
        self._known(self.report)

    def _known(self, report, values=USUAL):
        """Values of the months before October."""
        rows = [
            (report.id, OCTOBER - relativedelta(months=len(values) - at), value)
            for at, value in enumerate(values)
        ]
        self.env["kpi.measurement"]._upsert("month", rows, source="import")

    def _save(self, *cells, user=None, **options):
        reports = self.env["kpi.report"].with_user(user or self.uma)
        given = {"report_id": self.report.id, "contributor_id": False}
        cells = [{**given, "start": str(OCTOBER), **cell} for cell in cells]
        return reports.save_entries(cells, **{"ask_unusual": True, **options})

    def test_it_is_left_out_until_somebody_is_sure(self):
        (found,) = self._save({"text": "102"})
        # 18 more, the usual change is 1.5
        self.assertEqual(
            found,
            {"unusual": "From 84 in Sep 2026 to 102: 12× the usual change."},
        )
        self.assertFalse(self._fact())
        (found,) = self._save({"text": "102", "is_sure": True})
        self.assertEqual(found["cell"]["value"], 102)
        self.assertEqual(self._fact().value, 102)

    def test_a_sum_of_the_running_period_is_said_to_be_so_far(self):
        self._enter(self.uma, 84)
        self.report.definition_id.aggregation_time = "sum"
        (found,) = self._save({"text": "12", "start": str(NOVEMBER)})
        self.assertIn("From 84 in Oct 2026 to 12 so far: ", found["unusual"])

    def test_what_is_usual_is_taken_at_once(self):
        for text in ("84", "88", "79"):
            (found,) = self._save({"text": text, "reason": "Again"})
            self.assertIn("cell", found, text)

    def test_others_are_entered_meanwhile(self):
        other = self._report("Moods")
        odd, wrong, good = self._save(
            {"text": "8300"}, {"text": "x"}, {"text": "5", "report_id": other.id}
        )
        self.assertIn("unusual", odd)
        self.assertIn("error", wrong)
        self.assertEqual(good["cell"]["value"], 5)

    def test_values_entered_together_are_compared_with_each_other(self):
        """A new level is unusual once, not in every month after it."""
        october, november = self._save(
            {"text": "102"}, {"text": "103", "start": str(NOVEMBER)}
        )
        self.assertIn("unusual", october)
        self.assertIn("cell", november)

    def test_only_the_last_twelve_changes_count(self):
        self._known(self.report, (0, 900, 0, 900, *[80, 82] * 6, 80))
        (found,) = self._save({"text": "102", "reason": "Again"})
        self.assertIn("11× the usual change", found["unusual"])

    def test_few_values_say_nothing_of_what_is_usual(self):
        young = self._report("Young")
        self._known(young, USUAL[:3])
        (found,) = self._save({"text": "8300", "report_id": young.id})
        self.assertEqual(found["cell"]["value"], 8300)

    def test_drafts_and_other_systems_are_not_asked(self):
        (found,) = self._save({"text": "8300"}, as_draft=True)
        self.assertEqual(found["cell"]["state"], "draft")
        (found,) = self._save({"text": "8300"}, ask_unusual=False)
        self.assertEqual(found["cell"]["value"], 8300)
        self._enter(self.uma, 9, day=NOVEMBER)
        self.assertEqual(self._fact(day=NOVEMBER).value, 9)

    def test_a_part_is_compared_with_the_parts_of_its_person(self):
        report = self._report("Visits", entry_mode="parts", aggregation_scope="sum")
        report.submitter_ids = self.uma | self.ben
        report.entry_date_from = date(2026, 1, 1)
        for person, values in ((self.uma, USUAL), (self.ben, (8, 9, 7, 8, 9))):
            for month, value in enumerate(values, 5):
                self._enter(person, value, report, date(2026, month, 1))
        part = {"report_id": report.id, "text": "84"}
        (of_uma,) = self._save({**part, "contributor_id": self.uma.id})
        (of_ben,) = self._save({**part, "contributor_id": self.ben.id}, user=self.ben)
        self.assertIn("cell", of_uma)
        self.assertIn("From 9 in Sep 2026 to 84: ", of_ben["unusual"])

    def test_the_number_of_statements_does_not_grow(self):
        def counted(cells):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            entries = {
                at: Entry(
                    self.report,
                    self.calendar._period("month", date(2026, month, 1)),
                    8300,
                )
                for at, month in enumerate(cells)
            }
            self.env["kpi.report"]._find_unusual(entries)
            return self.env.cr.sql_log_count - before

        counted([10])  # what Odoo keeps in memory
        self.assertLessEqual(counted([7, 8, 9, 10, 11]), counted([10]))
