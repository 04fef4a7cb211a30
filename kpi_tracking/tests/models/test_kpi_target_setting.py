from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .entered_case import EnteredCase

NOW = "2026-03-11 12:00:00"


@tagged("post_install", "-at_install")
class TestKpiTargetSetting(EnteredCase):
    """The dialog that sets the first target of a KPI."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(NOW))
        self.visits = self._entered(
            "Visits", {"2025-12": 80, "2026-01": 100, "2026-02": 120, "2026-03": 20}
        )

    def _open(self, user, report=None):
        """The dialog as ``user`` gets it, and its action."""
        action = self._as(user, report or self.visits).action_set_target()
        targets = self._as(user, self.env["kpi.target"])
        targets = targets.with_context(**action["context"])
        return Form(targets, view=action["views"][0][0]), action

    def _suggested(self, report, direction="higher"):
        own = self._as(self.officer, report)
        found = own._prepare_target_setting(direction)["suggestions"]
        return {each["key"]: each["value"] for each in found}

    def test_it_is_valid_from_the_running_period_on(self):
        dialog, action = self._open(self.officer)
        self.assertEqual((action["target"], action["res_model"]), ("new", "kpi.target"))
        self.assertEqual(dialog.value, 110.0)  # 105 in two digits, more than 100
        self.assertEqual(dialog.date_from, date(2026, 3, 1))
        self.assertEqual(dialog.earlier_count, 3)
        self.assertFalse(dialog.judges_earlier)
        target = dialog.save()
        self.assertEqual(target.report_id, self.visits)
        self.assertEqual(self.visits.status, "off_target")  # 20 of 110 × 10 / 31
        judged = self.visits._get_judged_values(
            "month", date(2025, 12, 1), date(2026, 2, 1), basis="stored"
        )[self.visits]
        self.assertEqual({each.target for each in judged.values()}, {None})

    def test_earlier_periods_are_rated_where_that_is_asked(self):
        _dialog, action = self._open(self.officer)
        # The note of the dialog writes it: no field that a test could fill.
        targets = self._as(self.officer, self.env["kpi.target"])
        targets = targets.with_context(**action["context"])
        asked = {"report_id": self.visits.id, "judges_earlier": True, "value": 110}
        spec = {name: {} for name in ("date_from", "judges_earlier")}
        known = {**asked, "date_from": date(2026, 3, 1)}
        changed = targets.onchange(known, ["judges_earlier"], spec)["value"]
        self.assertEqual(str(changed["date_from"]), "2025-12-01")
        targets.create(asked)
        judged = self.visits._get_judged_values(
            "month", date(2025, 12, 1), date(2026, 2, 1), basis="stored"
        )[self.visits]
        self.assertEqual({each.target for each in judged.values()}, {110.0})

    def test_the_running_period_is_the_basis_where_no_other_is_known(self):
        new = self._entered("New", {"2026-03": 11})  # in 11 of 31 days
        self.assertEqual(self._suggested(new)["same"], 31.0)
        level = self._entered("Level", {"2026-03": 11}, aggregation_time="last")
        self.assertEqual(self._suggested(level)["same"], 11.0)

    def test_no_share_above_all_and_nothing_below_zero(self):
        share = self._entered("Share", {"2026-02": 99}, unit="percent")
        self.assertEqual(self._suggested(share), {"same": 99.0, "realistic": 100.0})
        faults = self._entered("Faults", {"2026-02": 1}, direction="lower")
        self.assertEqual(
            self._suggested(faults, "lower"), {"same": 1.0, "realistic": 0.0}
        )

    def test_without_values_nothing_is_suggested(self):
        empty = self._entered("Empty", {})
        dialog, action = self._open(self.officer, empty)
        self.assertNotIn("default_value", action["context"])
        self.assertEqual(dialog.setting["suggestions"], [])
        self.assertEqual(len(dialog.setting["points"]), 16)
        running = [
            point["start"] for point in dialog.setting["points"] if point["running"]
        ]
        self.assertEqual(running, ["2026-03-01"])
        dialog.value = 7
        self.assertEqual(dialog.save().value, 7.0)

    def test_who_defines_the_kpi_says_which_values_are_better(self):
        dialog, _action = self._open(self.officer)
        self.assertTrue(dialog.can_choose_direction)
        dialog.better_when = "lower"
        self.assertEqual(dialog.setting["suggestions"][2]["value"], 85.0)
        dialog.save()
        self.assertEqual(self.visits.direction, "lower")
        self.assertEqual(self.visits.status, "on_target")

    def test_a_direction_that_targets_depend_on_is_not_changed_here(self):
        own = self._track(self.revenue.definition_id, self.sales)
        dialog, _action = self._open(self.officer, own)
        self.assertFalse(dialog.can_choose_direction, "the company has a target")
        own = self._as(self.manager, own)
        dialog, _action = self._open(self.manager, own)
        self.assertFalse(dialog.can_choose_direction)
        dialog.value = 50
        self.assertEqual(dialog.save().report_id, own)

    def test_a_range_has_two_ends(self):
        heat = self._entered("Heat", {"2026-02": 20}, direction="range")
        dialog, action = self._open(self.officer, heat)
        self.assertNotIn("default_value", action["context"])
        dialog.range_low, dialog.range_high = 18, 22
        self.assertEqual(dialog.save().range_high, 22.0)

    def test_who_may_not_set_targets_opens_no_dialog(self):
        self.visits.shared_user_ids = self.user
        for report in (self.visits, self.complaints):
            with self.assertRaises(AccessError):
                self._as(self.user, report).action_set_target()

    def test_a_kpi_that_one_does_not_see_says_nothing(self):
        targets = self._as(self.manager, self.env["kpi.target"])
        target = targets.new({"report_id": self.complaints.id})
        self.assertFalse(target.setting)

    def test_it_takes_as_many_statements_for_each_kpi(self):
        many = self._entered(
            "Many", {f"2025-{month:02}": month for month in range(1, 13)}
        )
        counts = []
        for report in (self.visits, many, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._as(self.officer, report).action_set_target()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[0])
