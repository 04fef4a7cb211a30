from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import KpiCase

NAN, INFINITY = float("nan"), float("1e400")


@tagged("post_install", "-at_install")
class TestKpiInput(KpiCase):
    """What has no meaning is refused with the record and the field's label."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.definition = cls._definition(computation="manual")
        cls.report = cls._track(cls.definition)
        cls.target = cls.env["kpi.target"].create(
            {"report_id": cls.report.id, "value": 0}
        )
        cls.team = cls.env["kpi.team"].create({"name": "Alpha"})

    def _refused(self, record, message, **values):
        with (
            self.subTest(model=record._name, **values),
            self.assertRaisesRegex(ValidationError, message),
            self.cr.savepoint(),
        ):
            record.write(values)

    def test_numbers_that_are_not_finite(self):
        for value in (NAN, INFINITY, -INFINITY):
            for name, label in (
                ("value", "Target"),
                ("baseline", "Baseline"),
                ("stretch", "Stretch"),
                ("range_low", "Lowest Good Value"),
                ("range_high", "Highest Good Value"),
            ):
                message = f"Deals – North, {label}: this is not a finite number"
                self._refused(self.target, message, **{name: value})
        for value in (NAN, INFINITY):
            message = "Deals, Weight: this is not a finite number"
            self._refused(self.definition, message, weight=value)

    def test_days_that_no_calendar_has(self):
        stay = self.env["kpi.team.member"].create(
            {"team_id": self.team.id, "user_id": self.env.user.id}
        )
        for record, name, label in (
            (self.target, "date_from", "Deals – North, Valid From"),
            (self.definition, "history_start", "Deals, History Start"),
            (stay, "date_to", f"{self.env.user.name}, Left"),
        ):
            message = f"{label}: .* Use a year from 1900 to 9998"
            self._refused(record, message, **{name: date(9999, 1, 1)})
        self._refused(self.target, "Valid From: 1899", date_from=date(1899, 12, 31))

    def test_a_range_has_ends(self):
        report = self._track(
            self._definition("Stock", computation="manual", direction="range")
        )
        line = {"report_id": report.id, "date_from": "2023-01-01"}
        message = "Stock – North, from Jan 1, 2023: enter a lowest good value"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self.env["kpi.target"].create(line)
        target = self.env["kpi.target"].create({**line, "range_high": 3})
        self._refused(target, message, range_high=False)

    def test_a_target_left_empty_is_not_zero(self):
        line = {"report_id": self.report.id, "date_from": "2023-01-01"}
        message = "Deals – North, from Jan 1, 2023: enter “Target”"
        for empty in ({}, {"value": False}, {"value": None}):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                self.env["kpi.target"].create({**line, **empty})
        target = self.env["kpi.target"].create({**line, "value": 0})
        self.assertIs(type(target.value), float)
        self._refused(target, message, value=False)

    def test_a_baseline_that_counts_is_given(self):
        message = "Deals – North, Baseline: enter a value"
        self._refused(self.target, message, has_baseline=True)

    def test_names_of_blanks(self):
        for record in (
            self.definition,
            self.team,
            self.calendar,
            self.env["kpi.tag"].create({"name": "Growth"}),
            self.env["kpi.definition.category"].create({"name": "Sales"}),
        ):
            for name in ("", " \t"):
                self._refused(record, "Name: enter text", name=name)

    def test_a_kpi_without_a_name_is_told_of_its_name(self):
        for name in ("", "  "):
            with self.assertRaisesRegex(ValidationError, "Name: enter text"):
                self.env["kpi.definition"].create({"name": name})
