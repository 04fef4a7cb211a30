import json
import runpy
from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.modules.module import get_module_path
from odoo.tests import Form, TransactionCase

from ..views.test_kpi_display import KpiDisplayCase

OVERLAP = [
    {"from": None, "to": 80, "color": "danger"},
    {"from": 75, "to": None, "color": "success"},
]
TWO = [
    {"from": None, "to": 50, "color": "danger", "label": "Poor"},
    {"from": 50, "to": None, "color": "success"},
]


class TestKpiGaugeWidget(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gauge = cls.env["kpi.gauge.widget"].create({"name": "Test"})

    def test_zones_that_overlap_are_refused_by_the_names_on_the_form(self):
        with self.assertRaisesRegex(
            ValidationError,
            "Test, Color Zones: Zone 2 starts at 75, but zone 1 ends",
        ):
            self.gauge.color_zones = json.dumps(OVERLAP)

    def test_a_form_shows_what_is_wrong_before_it_is_saved(self):
        form = Form(self.gauge)
        form.color_zones = json.dumps(OVERLAP)
        self.assertIn("they overlap", form.sample["problem"])
        form.color_zones = json.dumps(TWO)
        self.assertFalse(form.sample["problem"])
        self.assertEqual(form.sample["zones"], TWO)  # percent of 100

    def test_a_scale_ends_above_its_start(self):
        with self.assertRaisesRegex(ValidationError, "the scale end 5.0"):
            self.gauge.write({"has_fixed_scale": True, "scale_low": 5, "scale_high": 5})

    def test_a_scale_of_no_numbers_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "not a finite number"):
            self.gauge.scale_low = float("nan")

    def test_a_gauge_in_use_is_not_deleted(self):
        self.env["kpi.definition"].create(
            {"name": "K", "computation": "manual", "gauge_widget_id": self.gauge.id}
        )
        with self.assertRaisesRegex(UserError, "Test is used by KPIs"):
            self.gauge.unlink()

    def test_a_copy_has_a_name_of_its_own(self):
        self.assertEqual(self.gauge.copy().name, "Test (copy)")
        self.assertEqual(self.gauge.copy().name, "Test (copy 2)")
        self.gauge.copy({"name": "Txst (copy)"})
        other = self.gauge.copy({"name": "T_st"})
        self.assertEqual(other.copy().name, "T_st (copy)")

    def test_each_style_has_a_ready_gauge(self):
        found = self.env["kpi.gauge.widget"].search([]).mapped("gauge_type")
        styles = {"circular", "linear", "speedometer", "thermometer"}
        self.assertEqual(set(found), styles)


class TestKpiReportGauge(KpiDisplayCase):
    """20 of the 30 days of November are over: 50 of 150, of which 100 are due."""

    def test_a_running_sum_is_drawn_against_what_is_due(self):
        drawn = self.report.gauge
        self.assertEqual(
            (drawn["value"], drawn["target"], drawn["whole"]), (50, 100, 150)
        )
        self.assertEqual(drawn["zones"][0], {"from": None, "to": 80, "color": "danger"})
        self.assertEqual(drawn["previous"], 90)
        self.assertEqual((drawn["low"], drawn["high"]), (0, 200))  # 150 * 6 / 5 = 180
        self.assertEqual(drawn["style"], "circular")
        self.assertTrue(drawn["animated"])

    def test_gauge_and_number_show_the_target_of_the_same_day(self):
        """Judged once a day; until then both say what was due on the day before."""

        def read_targets():
            self.report.invalidate_recordset()
            report = self.report
            self.assertEqual(report.target_full, 150)
            return report.gauge["target"], report.target_value, report.target_day

        with self._at("2026-11-22 12:00:00"):
            self.assertEqual(read_targets(), (100, 100, date(2026, 11, 21)))
            self.env["kpi.report"]._find_unjudged()._refresh_current()
            self.assertEqual(read_targets(), (105, 105, date(2026, 11, 22)))
            self.assertAlmostEqual(self.report.achievement, 100 * 50 / 105)
        with self._at("2026-12-01 12:00:00"):
            self.env["kpi.report"]._find_unjudged()._refresh_current()
            self.assertEqual(read_targets(), (150, 150, False))

    def test_one_target_to_date_also_after_an_update(self):
        """An older version counted the 21st: 105 of 150."""
        self.env.cr.execute(
            "UPDATE kpi_report SET target_value = 105, achievement = 47.6"
            " WHERE id = %s AND target_day = %s",
            [self.report.id, date(2026, 11, 21)],
        )
        self.assertEqual(self.env.cr.rowcount, 1)
        self.report.invalidate_recordset()
        self.assertEqual(
            (self.report.gauge["target"], self.report.target_value), (105, 105)
        )
        path = get_module_path("kpi_tracking") + "/migrations/19.0.1.2.0"
        script = runpy.run_path(f"{path}/post-target-to-date.py")
        script["migrate"](self.env.cr, "19.0.1.1.0")
        self.report.invalidate_recordset()
        self.assertEqual(
            (self.report.gauge["target"], self.report.target_value), (105, 105)
        )
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        self.assertEqual(
            (self.report.gauge["target"], self.report.target_value), (100, 100)
        )
        self.assertEqual(self.report.target_day, date(2026, 11, 21))

    def test_a_day_that_is_still_to_come_is_judged_again(self):
        """The clock was set back, or the calendar has another time zone now."""
        with self._at("2026-11-22 12:00:00"):
            self.report._refresh_current()
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        self.assertEqual(self.report.target_day, date(2026, 11, 21))

    def _judge_at(self, moment, day, value, report=None):
        """Status and target to date, where a period has come to ``value``."""
        report = report or self.report
        with self._at(moment):
            report._enter_value(day, value, "Recounted")
            report._refresh_current()
            (found,) = report._get_judged_values("month", day, day)[report].values()
            self.assertEqual(found.status, report.status)
            (card,) = (
                each
                for each in self.env["kpi.home"].get_summary("running")["cards"]
                if each["report_id"] == report.id
            )
            self.assertEqual(card["status"], report.status)
            self.assertEqual(card["target"], report.gauge["target"])
            return report.status, card["target"]

    def test_a_day_that_has_only_begun_is_not_due(self):
        self.report.is_starred = True
        self.report.target_ids.value = 310
        january, march = date(2027, 1, 1), date(2027, 3, 1)
        for moment, day, value, expected in (
            ("2027-01-01 00:20:00", january, 0, ("not_due", None)),
            ("2027-01-02 00:20:00", january, 10, ("on_target", 10)),
            ("2027-01-31 00:20:00", january, 300, ("on_target", 300)),
            ("2027-03-31 00:20:00", march, 300, ("on_target", 300)),
            (
                "2028-02-29 00:20:00",
                date(2028, 2, 1),
                300,
                ("on_target", 310 * 28 / 29),
            ),
        ):
            with self.subTest(moment):
                self.assertEqual(self._judge_at(moment, day, value), expected)

    def test_while_nothing_is_due_the_gauge_shows_the_whole_target(self):
        with self._at("2027-01-01 00:20:00"):
            self.report._enter_value(date(2027, 1, 1), 4)
            self.report._refresh_current()
            drawn = self.report.gauge
        self.assertEqual(self.report.status, "not_due")
        self.assertEqual((drawn["value"], drawn["target"]), (4, None))
        self.assertEqual((drawn["whole"], drawn["zones"]), (150, []))
        self.assertEqual((drawn["low"], drawn["high"]), (0, 200))

    def test_a_limit_allows_for_the_day_that_has_begun(self):
        self.report.is_starred = True
        self.report.target_ids.value = 310
        self.report.definition_id.direction = "lower"
        january = date(2027, 1, 1)
        for moment, value, expected in (
            ("2027-01-01 00:20:00", 0, ("on_target", 10)),
            ("2027-01-02 23:40:00", 20, ("on_target", 20)),
            ("2027-01-02 23:40:00", 40, ("off_target", 20)),
        ):
            with self.subTest(moment):
                self.assertEqual(self._judge_at(moment, january, value), expected)

    def test_days_are_those_of_the_calendar_also_when_clocks_change(self):
        calendar = self.calendar.create({"name": "B", "tz": "Europe/Brussels"})
        report = self._report("Brussels", {}, calendar_id=calendar.id)
        target = {"report_id": report.id, "date_from": "2027-01-01", "value": 310}
        self.env["kpi.target"].create(target)
        report.is_starred = True
        october, march = date(2027, 10, 1), date(2027, 3, 1)
        for moment, day, days in (
            ("2027-03-27 23:20:00", march, 27),  # 28 March, 0:20; 23 hours
            ("2027-03-28 21:40:00", march, 27),  # 23:40
            ("2027-03-28 22:20:00", march, 28),  # 29 March, 0:20
            ("2027-10-30 22:20:00", october, 30),  # 31 October, 0:20; 25 hours
            ("2027-10-31 22:40:00", october, 30),  # 23:40
        ):
            with self.subTest(moment):
                found = self._judge_at(moment, day, 310, report)
                self.assertEqual(found, ("on_target", 10 * days))

    def test_a_gauge_names_who_entered_the_value(self):
        self.report.with_user(self.owner)._enter_value(
            date(2026, 11, 5), 60, "Recounted"
        )
        self.assertEqual(self.report.gauge["who"], self.owner.name)

    def test_an_open_ended_kpi_has_no_gauge(self):
        self.assertIs(self._report("Open", {11: 5}).gauge, False)

    def test_a_kpi_without_a_value_has_no_gauge(self):
        report = self._report("Empty", {})
        target = {"report_id": report.id, "date_from": "2026-01-01", "value": 30}
        self.env["kpi.target"].create(target)
        self.assertIs(report.gauge, False)

    def test_the_zones_are_those_that_the_status_is_told_by(self):
        self.report.definition_id.write(
            {
                "zones": "five",
                "threshold_1": 90,
                "threshold_2": 70,
                "threshold_3": 50,
                "threshold_4": 20,
            }
        )
        zones = self.report.gauge["zones"]  # in percent of 100
        self.assertEqual([zone["to"] for zone in zones], [20, 50, 70, 90, None])
        self.assertEqual(zones[0]["label"], "Critical")
        self.assertEqual(zones[-1]["label"], "Excellent")

    def test_the_gauge_of_a_definition_is_used(self):
        self.report.definition_id.gauge_widget_id = self.env["kpi.gauge.widget"].create(
            {
                "name": "Own",
                "gauge_type": "thermometer",
                "color_zones": json.dumps(TWO),
                "zone_unit": "value",
                "animation_enabled": False,
                "has_fixed_scale": True,
                "scale_low": -10,
                "scale_high": 70,
            }
        )
        drawn = self.report.gauge
        self.assertEqual(drawn["style"], "thermometer")
        self.assertEqual((drawn["low"], drawn["high"]), (-10, 70))
        self.assertEqual(drawn["zones"], TWO)
        self.assertFalse(drawn["animated"])

    def test_lower_is_better_mirrors_the_zones_and_not_the_scale(self):
        report = self._report("Cost", {10: 76, 11: 95}, direction="lower")
        report.definition_id.aggregation_time = "average"
        target = {"report_id": report.id, "date_from": "2026-01-01", "value": 76}
        self.env["kpi.target"].create(target)
        drawn = report.gauge
        colors = [zone["color"] for zone in drawn["zones"]]
        self.assertEqual(colors, ["success", "warning", "danger"])
        self.assertLess(drawn["low"], drawn["high"])

    def test_gauges_of_many_take_as_many_queries_as_of_one(self):
        reports = self.report
        for number in range(5):
            reports |= self._report(f"More {number}", {10: 1})
        counts = []
        for chosen in (reports[:1], reports):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            chosen.read(["gauge"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
