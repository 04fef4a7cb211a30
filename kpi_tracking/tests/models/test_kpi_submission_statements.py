from datetime import date

from odoo.tests import freeze_time, tagged

from ...models.entry.kpi_submission import Entry
from .entry_case import TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmissionStatements(KpiEntryCase):
    """Many entries are handed in and decided on by few statements."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        definition = cls.report.definition_id
        definition.has_entry_approval = True
        departments = cls.env["hr.department"].create(
            [
                {
                    "name": f"Sales {number}",
                    "company_id": cls.company.id,
                    "parent_id": cls.sales.id,
                }
                for number in range(25)
            ]
        )
        cls.reports = definition._track_for(
            "department", departments, company_id=cls.company.id
        )

    def _save_drafts(self, months):
        """A draft of Uma's in each of these months of 2026, for each of the KPIs."""
        calendar = self.calendar
        entries = [
            Entry(report, calendar._period("month", date(2026, month, 1)), 10 + month)
            for report in self.reports.with_user(self.uma)
            for month in months
        ]
        submissions = self.env["kpi.submission"].with_user(self.uma)
        return submissions._enter(entries, submit=False)

    def _count(self, act):
        self._end_transaction()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        act()
        self._end_transaction()
        return self.cr.sql_log_count - before

    def _end_transaction(self):
        """Write all that waits, messages on tracked values included."""
        self.env.flush_all()
        self.cr.precommit.run()

    def test_many_cost_few_statements(self):
        counts = {}
        for months in ([1], [2, 3, 4, 5]):
            entries = self._save_drafts(months)
            asked = self._count(entries.action_submit)
            self.assertEqual(set(entries.mapped("state")), {"submitted"})
            decided = self._count(entries.with_user(self.mia).action_approve)
            self.assertEqual(set(entries.mapped("state")), {"approved"})
            counts[len(entries)] = asked, decided
        self.assertLessEqual(counts[100][0], 150, counts)
        self.assertLessEqual(counts[100][1], 100, counts)
