from datetime import date

from odoo import models
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import add_model
from odoo.addons.kpi_tracking.tests.models.entered_case import month

from .evaluation_case import EvaluationCase

FIRST = date(2026, 1, 1)


@tagged("post_install", "-at_install")
class TestKpiAlertFirstRecord(EvaluationCase):
    """A new company is alerted about nothing from before its first record."""

    def setUp(self):
        super().setUp()
        self.kpi = self._definition("Signed Deals", history_start=FIRST)
        self.report = self._track(self.kpi)

    def _deal(self, day):
        return self.deals.create(
            {"x_date": day, "x_active": True, "x_company_id": self.company.id}
        )

    def _sweep(self):
        self.env["kpi.source"]._recompute_all()
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        self._evaluate()

    def test_months_without_records_are_not_below_a_limit(self):
        rule = self._rule(self.report, compared="value", threshold=5)
        self._sweep()
        self.assertFalse(self._last(rule))
        self._deal("2026-03-02")
        self._sweep()
        self.assertFalse(self._last(rule))
        with self._at("2026-04-02 10:00:00"):
            self._sweep()
            self.assertEqual(self._last(rule).period_start, month("2026-03"))

    def test_a_first_target_after_three_weeks_says_nothing_of_last_month(self):
        for day in range(12, 29):
            self._deal(date(2026, 2, day))
        targets = self.env["kpi.target"].with_context(default_report_id=self.report.id)
        targets.create(
            {
                "report_id": self.report.id,
                "date_from": targets._default_date_from(),
                "value": 100,
            }
        )
        rule = self._rule(self.report)
        changed = self._rule(
            self.report, compared="previous", threshold=0, name="Fewer Than Before"
        )
        self._sweep()
        self.assertFalse(self._last(rule) | self._last(changed))
        with self._at("2026-04-02 10:00:00"):
            self._sweep()
            self.assertEqual(self._last(rule).period_start, month("2026-03"))

    def test_a_value_is_waited_for_since_the_first_record(self):
        self.env.cr.execute(
            "UPDATE kpi_report SET create_date = '2026-01-01' WHERE id = %s",
            (self.report.id,),
        )
        average = self._track(
            self._definition(
                "Hours of a Deal",
                measure="average",
                measure_field="x_hours",
                history_start=FIRST,
            )
        )
        self.env.cr.execute(
            "UPDATE kpi_report SET create_date = '2026-01-01' WHERE id = %s",
            (average.id,),
        )
        waits = {"condition": "no_data", "no_data_days": 1, "threshold": 0}
        counts = self._rule(self.report, **waits)
        averages = self._rule(average, **waits)
        self._sweep()
        self.assertFalse(self._open(counts) | self._open(averages))
        self._deal("2026-03-01")
        with self._at("2026-04-03 10:00:00"):
            self._sweep()
            self.assertFalse(self._open(counts))
            self.assertEqual(self._open(averages).period_start, month("2026-03"))

    def test_what_stands_on_records_is_waited_for_since_the_first_one(self):
        begun = []

        class Visits(models.AbstractModel):
            _module = None
            _name = "kpi.test.visits"
            _inherit = ["kpi.external.source"]
            _description = "Visits"

            def _get_measures(self):
                return ["hours"]

            def _get_facts(self, definitions, periods):
                return []

            def _get_fingerprints(self, definitions, periods):
                return {period.start: str(period.start) for period in periods}

            def _get_first_days(self, definitions):
                return dict.fromkeys(definitions.report_ids.ids, *begun[-1:])

        add_model(self, Visits)
        external = self._definition(
            "Hours of a Visit",
            code="visit",
            computation="external",
            model_name=False,
            external_source="kpi.test.visits",
            external_measure="hours",
            history_start=FIRST,
        )
        self._definition(
            "Hours of a Deal",
            code="hours",
            measure="average",
            measure_field="x_hours",
            history_start=FIRST,
        )._track_for("company", self.company, company_id=self.company.id)
        formula = self._definition(
            "Both", computation="formula", formula="hours + visit", history_start=FIRST
        )
        reports = self._track(external) | self._track(formula)
        self.env.cr.execute("UPDATE kpi_report SET create_date = '2026-01-01'")
        begun.append(None)
        rule = self._rule(*reports, condition="no_data", no_data_days=1, threshold=0)
        self._sweep()
        self.assertFalse(self._open(rule))
        begun.append(date(2026, 3, 1))
        with self._at("2026-04-03 10:00:00"):
            self._sweep()
            self.assertEqual(self._open(rule).report_id, reports[0])
            self._deal("2026-04-01")
            self._sweep()
            self.assertEqual(self._open(rule).report_id, reports[0])
        with self._at("2026-05-05 10:00:00"):
            self._sweep()
            self.assertEqual(self._open(rule).report_id, reports)
        self.deals.search([]).unlink()
        with self._at("2026-05-06 10:00:00"):
            self._sweep()
            self.assertEqual(self._open(rule).report_id, reports[0])

    def test_zeros_from_before_the_first_record_are_not_restated(self):
        large = self._definition(
            "Large Deals",
            code="large",
            domain="[('x_hours', '>', 5)]",
            history_start=FIRST,
        )
        half = self._definition(
            "Half", computation="formula", formula="large / 2", history_start=FIRST
        )
        reports = self._track(large) | self._track(half)
        first = self._deal("2026-01-10")
        self._deal("2026-03-02")
        rule = self._rule(*reports, alert_type="restated")
        self._sweep()
        with self._at("2026-04-12 10:00:00"):
            first.unlink()
            self._sweep()
            for report in reports:
                found = sorted(self._values(report))
                self.assertEqual(found, [date(2026, 3, 1), date(2026, 4, 1)])
            self.assertFalse(self._last(rule))
            marks = self.env["kpi.restatement"]
            self.assertFalse(marks.search([("report_id", "in", reports.ids)]))
