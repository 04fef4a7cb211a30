from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .test_kpi_judged import KpiTargetCase

OCTOBER = (2026, 10)


@tagged("post_install", "-at_install")
class TestKpiZones(KpiTargetCase):
    """Three zones or five bands, of the KPI or of one target."""

    def _october(self, report, **how):
        judged = self._judged(report, first=OCTOBER, last=OCTOBER, **how)
        return judged[date(2026, 10, 1)]

    def test_five_bands_have_words_and_count_as_a_status(self):
        for value, band, status in (
            (96, "excellent", "on_target"),
            (85, "good", "on_target"),
            (75, "fair", "at_risk"),
            (55, "poor", "off_target"),
            (45, "critical", "off_target"),
        ):
            report = self._report(f"Sales {value}", {OCTOBER: value}, zones="five")
            self._target(report, OCTOBER, 100)
            judged = self._october(report)
            self.assertEqual((judged.band, judged.status), (band, status))
            self.assertEqual((report.band, report.status), (band, status))
            self.assertEqual(report.target_value_ids[-1].band, band)

    def test_thresholds_of_the_kpi(self):
        report = self._report("Sales", {OCTOBER: 75}, threshold_1=90, threshold_2=70)
        self._target(report, OCTOBER, 100)
        self.assertEqual(self._october(report).status, "at_risk")
        self.assertEqual(report.status, "at_risk")

    def _discount(self, value, **values):
        """A KPI with a good range from 5 to 7."""
        report = self._report(f"Discount {value}", {OCTOBER: value}, direction="range")
        self._target(report, OCTOBER, range_low=5, range_high=7, **values)
        self.assertEqual(self._october(report).status, report.status)
        return report

    def test_a_tenth_of_the_width_beside_a_range_is_at_risk(self):
        statuses = [
            self._discount(value).status
            for value in (4.7, 4.8, 4.99, 5, 7, 7.01, 7.2, 7.3)
        ]
        off, risk, on = "off_target", "at_risk", "on_target"
        self.assertEqual(statuses, [off, risk, risk, on, on, risk, risk, off])

    def test_own_zones_of_a_range_win(self):
        # 70%: 2 * (0.1 + 0.9 / 8) outside; 50%: 2 * (0.1 + 0.9 * 3 / 8)
        zones = {"zones": "rag", "threshold_1": 70, "threshold_2": 50}
        statuses = [
            self._discount(value, **zones).status for value in (4.6, 4.5, 4.2, 4.1)
        ]
        self.assertEqual(statuses, ["on_target", "at_risk", "at_risk", "off_target"])

    def test_a_value_beside_its_range_is_not_listed_as_the_worst(self):
        beside, far = self._discount(4.7), self._discount(-80)
        missed = self._report("Sales", {OCTOBER: 60})
        self._target(missed, OCTOBER, 100)
        nothing = self._report("Nothing", {OCTOBER: -1})
        self._target(nothing, OCTOBER, 100)
        listed = self.env["kpi.report"].search(
            [("id", "in", (beside | far | missed | nothing).ids)]
        )
        self.assertEqual(list(listed), [nothing, far, missed, beside])

    def test_the_zones_of_a_gauge_end_where_the_range_does(self):
        zones = self._discount(4.9).gauge["zones"]
        self.assertEqual(
            [zone["color"] for zone in zones],
            ["danger", "warning", "success", "warning", "danger"],
        )
        for zone, limit in zip(zones, (4.8, 5, 7, 7.2), strict=False):
            self.assertAlmostEqual(zone["to"], limit)

    def test_thresholds_of_a_target_win(self):
        report = self._report("Sales", {OCTOBER: 75})
        zones = {"zones": "rag", "threshold_1": 70, "threshold_2": 60}
        self._target(report, OCTOBER, 100, **zones)
        self.assertEqual(self._october(report).status, "on_target")
        self.assertEqual(report.status, "on_target")

    def test_zones_changed_later_judge_open_periods_only(self):
        report = self._report("Rate", {OCTOBER: 75, (2026, 11): 75}, unit="percent")
        self._target(report, OCTOBER, 100)
        report.definition_id.write({"threshold_1": 70, "threshold_2": 60})
        self.assertEqual(self._october(report).status, "off_target")
        self.assertEqual(self._october(report, basis="today").status, "on_target")
        self.assertEqual(report.status, "on_target")  # of November

    def test_thresholds_that_mean_nothing_are_refused(self):
        definition = self._report("Sales").definition_id
        for values, shown in (
            ({"threshold_1": 70}, "On track 70%, At risk 80%"),
            ({"threshold_2": False}, "On track 95%, At risk –"),
            ({"zones": "five", "threshold_4": 70}, "Fair 70%, Poor 70%"),
        ):
            message = f"Sales, Zones: invalid thresholds .*{shown}"
            with (
                self.subTest(shown=shown),
                self.assertRaisesRegex(ValidationError, message),
                self.cr.savepoint(),
            ):
                definition.write(values)

    def test_zones_of_a_target_begin_with_the_usual_thresholds(self):
        report = self._report("Sales")
        form = Form(self.env["kpi.target"].with_context(default_report_id=report.id))
        form.value = 5
        form.zones = "five"
        target = form.save()
        self.assertEqual((target.threshold_1, target.threshold_4), (95, 50))
        self.assertEqual(target.zones_in_words, "95 / 80 / 70 / 50%")

    def test_stretch_is_reached_or_not(self):
        for direction, value, is_reached in (
            ("higher", 120, True),
            ("higher", 119, False),
            ("lower", 80, True),
            ("lower", 81, False),
        ):
            report = self._report(
                f"{direction} {value}", {OCTOBER: value}, direction=direction
            )
            stretch = 120 if direction == "higher" else 80
            self._target(report, OCTOBER, 100, stretch=stretch)
            self.assertEqual(self._october(report).is_stretch_reached, is_reached)
            self.assertEqual(report.is_stretch_reached, is_reached)

    def test_targets_in_words(self):
        sales = self._report("Sales")
        budget = self._report("Budget").definition_id
        stock = self._report("Stock", direction="range", decimals=1)
        for month, (report, words, values) in enumerate(
            (
                (sales, "1,500", {"value": 1500}),
                (sales, "Last year", {"rule": "previous_year"}),
                (
                    sales,
                    "Last year + 5%",
                    {"rule": "previous_year", "change_percent": 5},
                ),
                (
                    sales,
                    "Budget − 2.5%",
                    {
                        "rule": "kpi",
                        "source_definition_id": budget.id,
                        "change_percent": -2.5,
                    },
                ),
                (
                    sales,
                    "1,200 per year, spread like last year",
                    {"rule": "annual", "annual_total": 1200},
                ),
                (stock, "1.0 – 2.5", {"range_low": 1, "range_high": 2.5}),
                (stock, "up to 2.5", {"range_high": 2.5}),
                (stock, "from 1.0", {"range_low": 1}),
            ),
            start=1,
        ):
            target = self._target(report, (2027, month), **values)
            self.assertEqual(target.rule_in_words, words)
            rule = "Fixed" if "value" in values else words
            self.assertEqual(target.set_by_in_words, rule)
