from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .entered_case import EnteredCase

LONG_AGO = "2025-02-20 12:00:00"


@tagged("post_install", "-at_install")
class TestKpiRestatement(EnteredCase):
    """A settled value that becomes another one is known, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._record(100.0)
        cls._as_recorded(LONG_AGO)

    @classmethod
    def _record(cls, value, month="2025-01-01", **how):
        how = {"source": "records", "cause": "records", **how}
        cls.env["kpi.measurement"]._upsert(
            "month", [(cls.revenue.id, month, value)], **how
        )

    @classmethod
    def _as_recorded(cls, moment):
        """Facts are as they were recorded back then."""
        cls.env.cr.execute(SQL("UPDATE kpi_measurement SET recorded_at = %s", moment))
        cls.env.invalidate_all()

    @property
    def found(self):
        domain = [("report_id", "=", self.revenue.id)]
        return self.env["kpi.restatement"].search(domain)

    def test_a_settled_value_that_moves_is_restated(self):
        self._record(90.0)
        row = self.found
        self.assertEqual((row.settled_value, row.new_value), (100.0, 90.0))
        self.assertEqual(row.cause, "records")
        self.assertFalse(row.is_gone)
        # Recorded later than 5 days after the month had closed.
        self.assertEqual(str(row.settled_on), "2025-02-25 12:00:00")

    def test_small_steps_add_up(self):
        for value in (100.4, 100.9):
            self._record(value)
            self.assertFalse(self.found)
        self._record(101.2, cause="rates")
        self.assertEqual(self.found.new_value, 101.2)
        self.assertEqual(self.found.settled_value, 100.0)
        self.assertEqual(self.found.cause, "several")

    def test_the_tolerance_is_a_share_of_what_it_was(self):
        self._record(99.005)
        self.assertFalse(self.found)
        self._record(101.005)
        self.assertEqual(self.found.new_value, 101.005)

    def test_going_back_clears_it(self):
        self._record(90.0)
        self._record(100.5)
        self.assertFalse(self.found)

    def test_a_value_that_vanishes_is_restated_until_it_is_back(self):
        self._record(None)
        self.assertTrue(self.found.is_gone)
        self._record(100.0)
        self.assertFalse(self.found)
        self._record(None)
        self._record(80.0)
        self.assertEqual((self.found.is_gone, self.found.new_value), (False, 80.0))

    def test_the_days_after_closing_and_the_running_period_are_no_news(self):
        self._record(50.0, "2026-03-01")
        self._record(60.0, "2026-03-01")
        self.assertFalse(self.found.filtered(lambda row: row.period_start.year == 2026))
        # Computed today for long ago, and again: nobody knew the first value.
        self._record(10.0, "2024-06-01")
        self._record(20.0, "2024-06-01")
        self.assertNotIn(2024, [row.period_start.year for row in self.found])

    def test_a_first_value_that_comes_late_is_no_restatement(self):
        self._record(5.0, "2025-06-01")
        self.assertFalse(self.found)

    def test_the_settings_of_a_kpi_apply_at_once(self):
        self._record(90.0)
        definition = self.revenue.definition_id
        definition.restatement_tolerance = 20
        self.assertFalse(self.found)
        definition.restatement_tolerance = 5
        self.assertTrue(self.found)
        definition.settling_days = 366
        self.assertFalse(
            self.found.filtered(lambda row: row.settled_on > row.restated_on)
        )

    def test_settings_out_of_range_are_refused(self):
        definition = self.revenue.definition_id
        for name, value in (
            ("restatement_tolerance", -1),
            ("restatement_tolerance", 1000.1),
            ("settling_days", -1),
            ("settling_days", 367),
        ):
            with self.subTest(name, value=value):
                with self.assertRaises(ValidationError):
                    definition[name] = value
                with self.assertRaises(ValidationError):
                    definition.copy({name: value, "code": "another"})

    def test_zero_is_left_by_any_change(self):
        self._record(0.0, "2025-05-01")
        self._as_recorded("2025-06-20 12:00:00")
        self._record(0.01, "2025-05-01")
        self.assertEqual(self.found.settled_value, 0.0)

    def test_records_are_a_hint_only_where_one_may_be_the_cause(self):
        self._record(90.0)
        partners = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        for cause, hinted in (
            ("definition", 0),
            ("rates", 0),
            ("records", 2),
            ("several", 2),
        ):
            self.env.cr.execute("UPDATE kpi_restatement SET cause = %s", [cause])
            self.env.invalidate_all()
            with self.subTest(cause):
                found = self.found._find_written_since("res.partner", partners.ids)
                self.assertEqual(len(found), hinted)

    def test_a_hint_that_is_cut_off_says_so(self):
        explanation = self.env["kpi.explanation"].new()
        for count, said in (
            (0, False),
            (1, "1 record below has changed since the value settled"),
            (99, "99 records below have changed since the value settled"),
            (100, "At least 100 records below have changed since the value settled"),
        ):
            explanation.written_ids = list(range(count))
            self.assertEqual(explanation._say_written(), said)

    def test_only_the_house_finds_them(self):
        self._record(90.0)
        with self.assertRaises(UserError):
            self.found.write({"new_value": 1.0})
        with self.assertRaises(UserError):
            self.found.unlink()
        with self.assertRaises(UserError):
            self.found.create({"report_id": self.revenue.id})

    def test_who_listens_hears_each_once(self):
        heard = []
        events = type(self.env["kpi.event"])
        self.patch(
            events, "_values_restated", lambda _self, rows: heard.append(rows.ids)
        )
        self._record(90.0)
        self._record(90.0)
        self._record(100.0)
        self.assertEqual(len(heard), 1)

    def test_numbers_are_told_as_exact_as_they_are_written(self):
        restatements = self.env["kpi.restatement"]
        plain = self.env["kpi.definition"].new({"unit": "number", "decimals": 0})
        amount = self.env["kpi.definition"].new({"unit": "currency", "decimals": 0})
        for definition, told in (
            (plain, (883.0, 924.0)),
            (amount, (883.18, 923.54)),
        ):
            found = restatements._round_alike(definition, 883.18, 923.54)
            self.assertEqual(found, told)
        # Else both would read alike.
        found = restatements._round_alike(plain, 3.1, 3.4)
        self.assertEqual(found, (3.1, 3.4))

    def test_history_and_explanation_say_what_it_was(self):
        self._record(90.0)
        self.revenue.invalidate_recordset()
        history = self._as(self.officer, self.env["kpi.report"]).get_history(
            self.revenue.id
        )
        by_start = {point["start"]: point for point in history["points"]}
        (said,) = by_start["2025-01-01"]["restated"]
        self.assertEqual((said["settled_value"], said["new_value"]), (100.0, 90.0))
        self.assertFalse(by_start["2025-03-01"]["restated"])
        quarter = self._as(self.officer, self.env["kpi.report"]).get_history(
            self.revenue.id, "quarter"
        )["points"][0]
        self.assertEqual(quarter["restated"][0]["label"], said["label"])
        found = self._as(self.officer, self.revenue).get_explanation("2025-01-01")
        self.assertEqual(found["restatement"]["settled_value"], 100.0)
        self.assertIsNone(
            self._as(self.officer, self.revenue).get_explanation("2025-03-01")[
                "restatement"
            ]
        )

    def test_the_report_by_period_names_the_columns(self):
        self._record(90.0)
        report = self.env["kpi.period.report"].create(
            {
                "name": "Year",
                "grain": "quarter",
                "range_type": "fixed",
                "date_from": "2025-01-01",
                "date_to": "2025-12-31",
            }
        )
        rows = [
            row
            for section in report._matrix()["sections"]
            for row in section["rows"]
            if row["id"] == self.revenue.id
        ]
        self.assertIn("Restated: ", rows[0]["note"])

    def test_the_number_of_statements_is_constant(self):
        months = [
            f"{year}-{month:02}-01" for year in (2023, 2024) for month in range(1, 13)
        ]
        for month in months:
            self._record(10.0, month)
        self._as_recorded(LONG_AGO)
        restatements = self.env["kpi.restatement"]
        counts = []
        for chosen in (months[:2], months[2:]):
            start = self.cr.sql_log_count
            rows = [(self.revenue.id, month, 20.0) for month in chosen]
            self.env["kpi.measurement"]._upsert(
                "month", rows, source="records", refresh=False
            )
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(*counts)
        listed = restatements._list_restated(self.revenue.ids)
        self.assertGreaterEqual(len(listed), len(months))
        self.assertLess(listed[0].settled_on + timedelta(days=1), listed[0].restated_on)
