from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..import_case import KpiImportCase


@tagged("post_install", "-at_install")
class TestKpiImportPlan(KpiImportCase):
    """Values of plans and budgets, which are known before their periods."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.budget = cls._kpi("budget", "Budget", is_plan=True)
        today = fields.Date.context_today(cls.calls)
        first = today.replace(day=1)
        cls.months = [first + relativedelta(months=n) for n in range(3)]

    def _rows(self, code):
        return "code,date,value\n" + "".join(
            f"{code},{day:%Y-%m},{50 + n}\n" for n, day in enumerate(self.months)
        )

    def test_coming_months_of_a_budget_are_imported(self):
        job = self._imported(self._rows("budget"))
        self.assertCounts(job, added=3)
        self.assertEqual(
            self._values_of(self.budget),
            dict(zip(self.months, (50, 51, 52), strict=True)),
        )
        # The current value is that of the current month.
        self.assertEqual(self.budget.current_value, 50)

    def test_those_of_other_kpis_are_refused(self):
        job = self._imported(self._rows("calls"))
        self.assertCounts(job, added=1, refused=2)
        self.assertIn("has not started", self._reasons(job)[3])

    def test_a_file_with_both(self):
        rows = self._rows("budget") + self._rows("calls").split("\n", 1)[1]
        job = self._imported(rows)
        self.assertCounts(job, added=4, refused=2)
        self.assertEqual(self._reasons(job).keys(), {6, 7})

    def test_targets_follow_the_budget(self):
        self._imported(self._rows("budget"))
        target = self.env["kpi.target"].create(
            {
                "report_id": self.calls.id,
                "date_from": self.months[0],
                "rule": "kpi",
                "source_definition_id": self.budget.definition_id.id,
            }
        )
        self.assertTrue(target)
        judged = self.calls._get_judged_values(
            "month", self.months[0], self.months[-1], basis="today"
        )[self.calls]
        self.assertEqual(
            {start: row.target for start, row in judged.items()},
            dict(zip(self.months, (50, 51, 52), strict=True)),
        )

    def test_values_are_entered_and_sent_ahead(self):
        later = self.months[2]
        entry = self.budget.with_user(self.officer)._enter_value(later, 70)
        self.assertEqual(entry.state, "approved")
        self.assertEqual(self._values_of(self.budget), {later: 70})
        with self.assertRaisesRegex(ValidationError, "has not started"):
            self.calls.with_user(self.officer)._enter_value(later, 70)
