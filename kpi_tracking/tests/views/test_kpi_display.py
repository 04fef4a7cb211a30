from datetime import date

from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.tests.common import ClockMixin

TODAY = "2026-11-21 12:00:00"
USER = "kpi_base.kpi_base_group_user"


@freeze_time(TODAY)
class KpiDisplayCase(ClockMixin, TransactionCase):
    """A manual, monthly KPI that adds up: values of July, August, October, November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["kpi.calendar"].create({"name": "UTC", "tz": "UTC"})
        cls.owner = new_test_user(cls.env, login="kpi_owner", groups=USER)
        cls.stranger = new_test_user(cls.env, login="kpi_stranger", groups=USER)
        cls.report = cls._report("Sales", {7: 100, 8: 120, 10: 90, 11: 50})
        cls.env["kpi.target"].create(
            [
                cls._target(date(2026, 1, 1), 100),
                cls._target(date(2026, 10, 1), 150),
            ]
        )

    @classmethod
    def _report(cls, name, values, **definition):
        kpi = cls.env["kpi.definition"].create(
            {
                "name": name,
                "computation": "manual",
                "calendar_id": cls.calendar.id,
                "owner_id": cls.owner.id,
                **definition,
            }
        )
        report = kpi._track_for("company", cls.env.company)
        for month, value in values.items():
            report._enter_value(date(2026, month, 5), value)
        return report

    @classmethod
    def _target(cls, day, value):
        return {"report_id": cls.report.id, "date_from": day, "value": value}


class TestKpiDisplay(KpiDisplayCase):
    def test_the_history_says_which_part_of_a_running_target_is_due(self):
        """20 of November's 30 days, of a sum; all of a target of closed months."""
        points = self.report.get_history(self.report.id)["points"]
        self.assertAlmostEqual(points[-1]["due"], 20 / 30)
        self.assertEqual(points[-2]["due"], 1)
        self.report.definition_id.aggregation_time = "average"
        points = self.report.get_history(self.report.id)["points"]
        self.assertEqual(points[-1]["due"], 1)

    def test_values_are_titled_with_their_unit(self):
        kpi = self.report.definition_id
        title = self.report.action_open_measurements()["display_name"]
        self.assertEqual(title, f"Values of {self.report.name}")
        kpi.unit = "percent"
        title = self.report.action_open_measurements()["display_name"]
        self.assertEqual(title, f"Values of {self.report.name} (%)")
        title = kpi.action_open_measurements()["display_name"]
        self.assertEqual(title, "Values of Sales (%)")

    def test_periods_are_named_so_that_nobody_reads_them_differently(self):
        gregorian = self.calendar
        fiscal = self.calendar.create(
            {"name": "April", "tz": "UTC", "fiscal_month": "4"}
        )
        sunday = self.calendar.create(
            {"name": "Sunday", "tz": "UTC", "week_start": "6"}
        )
        february = self.calendar.create({"name": "F", "tz": "UTC", "fiscal_month": "2"})
        cases = (
            (gregorian, "day", date(2026, 11, 20), "Nov 20, 2026"),
            (gregorian, "week", date(2026, 11, 20), "W47 2026"),
            (gregorian, "week", date(2027, 1, 1), "W53 2026"),  # ISO 8601
            (sunday, "week", date(2026, 11, 20), "Nov 15, 2026 – Nov 21, 2026"),
            (gregorian, "month", date(2026, 11, 20), "Nov 2026"),
            (gregorian, "quarter", date(2026, 11, 20), "Q4 2026"),
            (fiscal, "quarter", date(2026, 11, 20), "Q4 2026"),  # October to December
            (february, "quarter", date(2026, 11, 20), "Nov 2026 – Jan 2027"),
            (gregorian, "year", date(2026, 11, 20), "2026"),
            (fiscal, "year", date(2026, 11, 20), "Apr 2026 – Mar 2027"),
        )
        for calendar, grain, day, label in cases:
            with self.subTest(calendar=calendar.name, grain=grain):
                period = calendar._period(grain, day)
                self.assertEqual(calendar._period_label(period), label)

    def test_a_label_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        period = Period("quarter", date(2026, 10, 1), date(2027, 1, 1))
        german = self.calendar.with_context(lang="de_DE")
        self.assertEqual(german._period_label(period), "Q4 2026")
        month = Period("month", date(2026, 3, 1), date(2026, 4, 1))
        self.assertEqual(german._period_label(month), "März 2026")

    def test_a_course_has_twelve_periods_with_gaps_and_dated_targets(self):
        trend = self.report.sparkline
        points = {point["label"]: point for point in trend["points"]}
        self.assertEqual(len(trend["points"]), 12)
        self.assertEqual(list(points)[0], "Dec 2025")
        self.assertEqual(list(points)[-1], "Nov 2026")
        values = [points[f"{month} 2026"]["value"] for month in ("Aug", "Sep", "Oct")]
        self.assertEqual(values, [120, None, 90])
        self.assertIsNone(points["Dec 2025"]["target"])
        self.assertEqual(points["Sep 2026"]["target"], 100)
        self.assertEqual(points["Oct 2026"]["target"], 150)
        self.assertTrue(trend["running"])

    def test_a_course_of_many_takes_as_many_queries_as_of_one(self):
        reports = self.report
        for number in range(5):
            reports |= self._report(f"More {number}", {10: 1})
        names = ["sparkline", "period_label", "is_stale"]
        counts = []
        for chosen in (reports[:1], reports):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            chosen.read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_without_a_value_there_is_no_course(self):
        report = self._report("Nothing", {})
        self.assertFalse(report.sparkline)
        self.assertFalse(report.period_label)
        self.assertFalse(report.is_stale)

    def test_a_range_has_two_ends_and_no_target(self):
        report = self._report("Stock", {11: 5}, direction="range")
        self.env["kpi.target"].create(
            {
                "report_id": report.id,
                "date_from": "2026-01-01",
                "range_low": 4,
                "range_high": 6,
            }
        )
        point = report.sparkline["points"][-1]
        self.assertEqual((point["target"], point["low"], point["high"]), (None, 4, 6))

    def test_an_average_is_of_the_achievements_that_are_shown(self):
        loss = self._report("Loss", {10: -20})
        self.env["kpi.target"].create(
            {"report_id": loss.id, "date_from": "2026-01-01", "value": 100}
        )
        self.assertEqual(loss.achievement, 0)  # as it is shown, though it is below
        self.assertGreater(loss.distance_percent, 100)
        judged = self.report | loss  # 50% and 0%
        without = self._report("No target", {10: 5}) | self._report("No value", {})
        averages = self.env["kpi.report"]._read_group(
            [("id", "in", (judged | without).ids)],
            ["has_value", "status"],
            ["achievement:avg"],
        )
        found = {status: average for _has, status, average in averages}
        self.assertAlmostEqual(found["off_target"], 25.0)
        self.assertEqual((found["no_target"], found["no_data"]), (False, False))

    def test_a_number_that_is_not_there_is_exported_as_an_empty_cell(self):
        names = ["current_value", "target_value", "achievement"]
        missing = self._report("Nothing", {}).export_data(names)["datas"]
        self.assertEqual(missing, [["", "", ""]])
        self.assertEqual(self.report.export_data(names)["datas"], [[50, 100, 50]])
        trend = self.report.fields_get(["sparkline"])["sparkline"]
        self.assertFalse(trend["exportable"])

    def test_a_target_is_named_by_its_kpi_and_day(self):
        target = self.report.target_ids.sorted("date_from")[0]
        self.assertEqual(target.display_name, f"{self.report.display_name}, from Jan 1")
        self.assertEqual((target.unit, target.decimals), ("number", 0))

    def test_an_earlier_value_has_the_unit_of_its_kpi(self):
        report = self._report("Rate", {10: 4}, unit="percent", decimals=1)
        report._enter_value(date(2026, 10, 5), 5, "Recounted")
        earlier = report.measurement_ids.revision_ids
        self.assertEqual((earlier.old_value, earlier.unit), (4, "percent"))
        self.assertEqual(earlier.decimals, 1)
        self.assertEqual(earlier.period_label, "Oct 2026")

    def test_stale_is_what_missed_a_whole_period(self):
        self.assertFalse(self._report("Current", {11: 1}).is_stale)
        self.assertFalse(self._report("Not due", {10: 1}).is_stale)
        self.assertTrue(self._report("Missed October", {9: 1}).is_stale)

    def test_who_may_enter_values(self):
        self.assertTrue(self.report.with_user(self.owner).can_enter_value)
        self.report.shared_user_ids = self.stranger
        self.assertFalse(self.report.with_user(self.stranger).can_enter_value)


class TestKpiHistory(KpiDisplayCase):
    def _points(self, grain=None):
        history = self.env["kpi.report"].get_history(self.report.id, grain)
        return {point["label"]: point for point in history["points"]}

    def test_months_are_judged_by_their_own_targets(self):
        points = self._points()
        self.assertEqual(list(points)[0], "Jul 2026")  # the first with a value
        self.assertEqual(points["Aug 2026"]["achievement"], 120.0)  # 120 / 100
        self.assertEqual(points["Oct 2026"]["achievement"], 60.0)  # 90 / 150
        self.assertEqual(points["Oct 2026"]["status"], "off_target")
        self.assertEqual(points["Sep 2026"]["status"], "no_data")
        self.assertIsNone(points["Sep 2026"]["achievement"])

    def test_a_running_month_is_judged_by_what_is_due(self):
        november = self._points()["Nov 2026"]
        self.assertTrue(november["running"])
        self.assertEqual(november["target"], 150)
        # 20 of 30 days: 100 of 150 are due, 50 are there
        self.assertAlmostEqual(november["achievement"], 50.0)

    def test_quarters_add_up_values_and_targets(self):
        points = self._points("quarter")
        self.assertEqual(list(points), ["Q3 2026", "Q4 2026"])
        third = points["Q3 2026"]
        self.assertEqual((third["value"], third["target"]), (220, 300))
        self.assertTrue(third["incomplete"])  # September has no value
        fourth = points["Q4 2026"]
        self.assertEqual((fourth["value"], fourth["target"]), (140, 450))
        self.assertFalse(fourth["incomplete"])  # it is still running

    def test_a_last_value_takes_the_last_target(self):
        self.report.definition_id.aggregation_time = "last"
        third = self._points("quarter")["Q3 2026"]
        self.assertEqual((third["value"], third["target"]), (120, 100))

    def test_grains_are_those_the_kpi_is_shown_in(self):
        history = self.env["kpi.report"].get_history(self.report.id, "day")
        self.assertEqual(history["grain"], "month")  # days are not stored
        self.assertEqual(
            history["grains"],
            [["month", "Month"], ["quarter", "Quarter"], ["year", "Year"]],
        )

    def test_a_stranger_gets_nothing(self):
        reports = self.env["kpi.report"].with_user(self.stranger)
        self.assertEqual(reports.get_history(self.report.id), {})
        self.assertEqual(reports.get_history(0), {})
        own = self.env["kpi.report"].with_user(self.owner)
        self.assertTrue(own.get_history(self.report.id)["points"])


@tagged("post_install", "-at_install")
class TestKpiBreakdownNames(KpiDisplayCase):
    def test_parts_are_named_as_the_reader_may_know_them(self):
        partner = self.env["res.partner"].create({"name": "Ancona"})
        hidden = self.env["res.partner"].create({"name": "Secret"})
        parts = self.env["kpi.measurement.breakdown"]
        self.env["ir.rule"].create(
            {
                "name": "one partner is hidden",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "domain_force": [("id", "!=", hidden.id)],
            }
        )
        keys = [str(partner.id), str(hidden.id), "", "__other__"]
        rows = parts.create(
            [
                {
                    "report_id": self.report.id,
                    "grain": "month",
                    "period_start": "2026-10-01",
                    "field_path": "parent_id",
                    "key": key,
                    "value": 1.0,
                }
                for key in keys
            ]
        )
        self.report.definition_id.model_name = "res.partner"
        self.assertEqual(
            rows.with_user(self.owner).mapped("key_label"),
            ["Ancona", "Not visible to you", "Not set", "Other"],
        )

    def test_a_field_that_is_gone_keeps_its_path(self):
        parts = self.env["kpi.measurement.breakdown"]
        self.assertIsNone(parts._field_at("res.partner", "no_such_field"))
        self.assertIsNone(parts._field_at("no.such.model", "name"))
        found = parts._field_at("res.partner", "country_id.code")
        self.assertEqual((found.model_name, found.name), ("res.country", "code"))
