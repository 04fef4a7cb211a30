from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

HEAD = "code,period,value,target\n"


@tagged("post_install", "-at_install")
class TestKpiImportGoals(KpiImportCase):
    """Targets with a sign, and ranges."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.errors = cls._kpi("errors", "Errors", direction="lower", unit="percent")
        cls.weight = cls._kpi("weight", "Weight", direction="range")

    def _targets_of(self, report):
        """First day → the number, or both limits of a range."""
        targets = self.env["kpi.target"].search([("report_id", "=", report.id)])
        return {
            target.date_from: (target.range_low, target.range_high)
            if target.direction == "range"
            else target.value
            for target in targets
        }

    def test_signs_that_fit_the_direction(self):
        job = self._imported(
            HEAD + "calls,2025-01,90,≥ 95\ncalls,2025-02,90,> 96\n"
            "errors,2025-01,4,≤ 3 %\nerrors,2025-02,4,<2.5%\n"
        )
        self.assertCounts(job, added=4)
        self.assertEqual(self._targets_of(self.calls), {month(1): 95, month(2): 96})
        self.assertEqual(self._targets_of(self.errors), {month(1): 3, month(2): 2.5})

    def test_a_sign_that_contradicts_the_direction_is_refused(self):
        job = self._imported(
            HEAD + "calls,2025-01,90,≤ 95\nerrors,2025-01,4,>=3\n"
            "calls,2025-02,90,90–95\ncalls,2025-03,90,95\n"
        )
        self.assertEqual(self._targets_of(self.calls), {month(3): 95})
        self.assertEqual(
            self._reasons(job),
            {
                2: "Calls: a target with “≤” contradicts its direction, “Higher Is "
                "Better”.",
                3: "Errors: a target with “≥” contradicts its direction, “Lower Is "
                "Better”.",
                4: "Calls: a range contradicts its direction, “Higher Is Better”.",
            },
        )

    def test_ranges(self):
        job = self._imported(
            HEAD + "weight,2025-01,11,10–12\nweight,2025-02,1,± 5\n"
            "weight,2025-03,98,100 ± 5\nweight,2025-04,98,≥ 90\n"
            "weight,2025-05,98,≤ 110\nweight,2025-06,98,≤ 110\n"
        )
        self.assertCounts(job, added=6)
        self.assertIn("5 new targets", job.created_text)
        limits = {
            month(1): (10, 12),
            month(2): (-5, 5),
            month(3): (95, 105),
            month(4): (90, False),
            month(5): (False, 110),
        }
        self.assertEqual(self._targets_of(self.weight), limits)
        again = self._imported(HEAD + "weight,2025-01,11,10–12\n")
        self.assertFalse(again.created_text)

    def test_another_unit_than_that_of_the_kpi_is_refused(self):
        job = self._imported(HEAD + "errors,2025-01,4,≤ 3 EUR\n")
        self.assertIn("Errors is not in EUR", self._reasons(job)[2])

    def test_targets_of_their_own(self):
        job = self._imported(
            "code,valid from,target\nerrors,2025-01,≤ 3 %\nweight,2025-01,10–12\n"
            "weight,2025-02,≥ 9\ncalls,2025-01,≤ 3\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertCounts(job, added=3, refused=1)
        self.assertEqual(self._targets_of(self.errors), {month(1): 3})
        self.assertEqual(
            self._targets_of(self.weight), {month(1): (10, 12), month(2): (9, False)}
        )

    def test_a_new_kpi_has_the_direction_of_its_target(self):
        self._imported(
            HEAD + "waste,2025-01,4,≤ 3\nload,2025-01,4,3–5\nreach,2025-01,4,≥ 3\n",
            creates_kpis=True,
        )
        made = self.env["kpi.definition"].search(
            [("code", "in", ("waste", "load", "reach"))]
        )
        self.assertEqual(
            {kpi.code: kpi.direction for kpi in made},
            {"waste": "lower", "load": "range", "reach": "higher"},
        )

    def test_the_preview_shows_signs(self):
        job = self._import(HEAD + "errors,2025-01,4,<= 3 %\nweight,2025-01,4,10-12\n")
        self.assertIn("≤ 3", job.preview)
        self.assertIn("10 – 12", job.preview)
