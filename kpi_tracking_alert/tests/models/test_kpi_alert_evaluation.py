from datetime import date

from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.models.entered_case import month

from .evaluation_case import EvaluationCase

FEBRUARY = date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiAlertEvaluation(EvaluationCase):
    """What rules find of KPIs, and how alerts end."""

    def test_turning_a_rule_on_looks_at_all_its_kpis(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        event = self._open(rule)
        self.assertEqual(event.period_start, FEBRUARY)
        self.assertEqual((event.value, event.measured, event.limit), (90, 0.9, 0.95))
        self.assertTrue(event.is_initial)
        self.assertEqual(event.reason, "90% of target, below 95%")
        self.assertEqual(event.company_id, self.company)
        event.message_post(body="Looking at it")
        self.assertIn("Looking at it", event.message_ids[0].body)

    def test_a_value_at_the_threshold_is_not_below_it(self):
        self.assertFalse(self._open(self._evaluated(self.revenue, threshold=0.9)))

    def test_a_new_value_fires_and_the_next_period_clears(self):
        rule = self._evaluated(self.revenue, threshold=0.8)
        self.assertFalse(self._open(rule))
        with self._at("2026-04-02 08:00:00"):
            self._change(self.revenue, {"2026-03": 70})
            event = self._open(rule)
            self.assertEqual(event.period_start, month("2026-03"))
            self.assertFalse(event.is_initial)
        with self._at("2026-05-02 08:00:00"):
            self._evaluate()
            self.assertEqual(event.state, "firing")  # April is not known
            self._change(self.revenue, {"2026-04": 85})
            self.assertEqual((event.state, event.resolution), ("resolved", "cleared"))
            self.assertEqual(event.cleared_value, 85)
            self.assertEqual(event.cleared_period, month("2026-04"))

    def test_a_period_that_closes_is_judged_on_its_day(self):
        rule = self._evaluated(self.revenue, compared="value", threshold=80)
        self._change(self.revenue, {"2026-03": 10})
        self.assertFalse(self._open(rule))  # it still runs
        with self._at("2026-03-31 23:59:00"):
            self._evaluate()
            self.assertFalse(self._open(rule))
        with self._at("2026-04-01 00:01:00"):
            self._evaluate()
            event = self._open(rule)
            self.assertEqual(event.period_start, month("2026-03"))
            self.assertEqual(event.reason, "10, below 80; 90% under target")

    def test_only_the_newest_periods_fire(self):
        one = self._evaluated(self.revenue, threshold=0.8)
        two = self._evaluated(self.revenue, threshold=0.8, recent_periods=2)
        # What is imported late of January is news of the rule that looks at two.
        self._change(self.revenue, {"2025-12": 10, "2026-02": None})
        self.assertFalse(self._open(one) | self._open(two))
        self._change(self.revenue, {"2026-01": 70})
        self.assertFalse(self._open(one))
        self.assertEqual(self._open(two).period_start, month("2026-01"))

    def test_so_many_periods_in_a_row(self):
        rule = self._evaluated(self.revenue, threshold=1.3, periods=3)
        self.assertFalse(self._open(rule))
        self._change(self.revenue, {"2025-12": 120})
        event = self._open(rule)
        self.assertEqual(event.since_period, month("2025-12"))
        self.assertEqual(
            event.reason,
            "90% of target, below 130% for 3 months",
        )
        # One of them is corrected: there are not three in a row.
        self._change(self.revenue, {"2026-01": 140})
        self.assertEqual((event.state, event.resolution), ("resolved", "corrected"))

    def test_a_gap_is_not_a_period_in_a_row(self):
        rule = self._evaluated(self.complaints, threshold=9, periods=3)
        self._change(self.complaints, {"2025-11": 1, "2025-12": None, "2026-01": 1})
        self.assertFalse(self._open(rule))

    def test_between_threshold_and_clear_level_nothing_changes(self):
        rule = self._evaluated(self.revenue, threshold=0.8, clear_threshold=1.0)
        self._change(self.revenue, {"2026-02": 75})
        event = self._open(rule)
        with self._at("2026-04-02 08:00:00"):
            self._change(self.revenue, {"2026-03": 90})
            self.assertEqual(event.state, "firing")
            self.assertEqual((event.period_start, event.value), (month("2026-03"), 90))
            self.assertEqual(event.reason, "90% of target, not yet up to 100%")
        with self._at("2026-05-02 08:00:00"):
            self._change(self.revenue, {"2026-04": 100})
            self.assertEqual(event.resolution, "cleared")

    def test_a_correction_to_between_threshold_and_clear_level_is_what_it_says(self):
        values = {"compared": "value", "condition": "above", "threshold": 5.0}
        rule = self._evaluated(self.complaints, clear_threshold=4.8, **values)
        self._change(self.complaints, {"2026-02": 5.5})
        event = self._open(rule)
        self._change(self.complaints, {"2026-02": 4.9})
        self.assertEqual((event.state, event.value), ("firing", 4.9))
        self.assertEqual(event.measured, 4.9)
        self.assertIn("4.9, not yet down to 4.8", event.reason)
        self.assertIn("4.9", event._get_headline({"change": "reminded"}))
        self._change(self.complaints, {"2026-02": 4.8})
        self.assertEqual((event.state, event.resolution), ("resolved", "corrected"))

    def test_between_the_limits_of_a_range_it_says_the_nearer_one(self):
        rule = self._evaluated(
            self.revenue,
            compared="value",
            condition="outside",
            threshold=50,
            threshold_high=100,
            clear_threshold=60,
            clear_threshold_high=80,
        )
        for value, said in ((110, "above 100"), (85, "not yet down to 80")):
            self._change(self.revenue, {"2026-02": value})
            self.assertIn(said, self._open(rule).reason)
        for value, said in ((40, "below 50"), (55, "not yet up to 60")):
            self._change(self.revenue, {"2026-02": value})
            self.assertIn(said, self._open(rule).reason)

    def test_a_correction_ends_it_and_says_so(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        event = self._open(rule)
        self._change(self.revenue, {"2026-02": 99})
        self.assertEqual((event.state, event.resolution), ("resolved", "corrected"))
        self.assertEqual(event.cleared_value, 99)
        self._change(self.revenue, {"2026-02": 80})
        event = self._open(rule)
        self._change(self.revenue, {"2026-02": None})
        self.assertEqual((event.state, event.resolution), ("resolved", "corrected"))

    def test_a_changed_rule_ends_it_and_says_so(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        event = self._open(rule)
        rule.threshold = 0.5
        self._evaluate()
        self.assertEqual((event.state, event.resolution), ("resolved", "rule"))

    def test_an_alert_that_goes_on_shows_the_latest_period(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        event = self._open(rule)
        with self._at("2026-04-02 08:00:00"):
            self._change(self.revenue, {"2026-03": 60})
            self.assertEqual(self._open(rule), event)
            self.assertEqual((event.period_start, event.value), (month("2026-03"), 60))
            self.assertEqual(event.since_period, FEBRUARY)
            self.assertIn("for 2 months", event.reason)

    def test_what_somebody_resolved_fires_with_the_next_period_only(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        self._as(self.officer, self._open(rule)).action_resolve()
        self._change(self.revenue, {"2026-02": 80})
        self.assertFalse(self._open(rule))
        with self._at("2026-04-02 08:00:00"):
            self._change(self.revenue, {"2026-03": 80})
            self.assertTrue(self._open(rule))

    def test_a_kpi_that_is_archived_has_no_alert(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        event = self._open(rule)
        self.revenue.active = False
        self._evaluate()
        self.assertEqual((event.state, event.resolution), ("resolved", "kpi"))

    def test_a_kpi_that_leaves_the_scope_of_its_rule_has_no_alert(self):
        category = self.env["kpi.definition.category"].create({"name": "Money"})
        self.revenue.definition_id.category_id = category
        rule = self._evaluated(
            applies_to="category", category_ids=category.ids, threshold=0.95
        )
        event = self._open(rule)
        self.assertEqual(event.report_id, self.revenue)
        self.revenue.definition_id.category_id = False
        self._evaluate()
        self.assertEqual((event.state, event.resolution), ("resolved", "rule"))

    def _watched(self, rule):
        """What it watches by its domain, which the evaluation's statement has too."""
        self.env.flush_all()
        by_domain = self.env["kpi.report"].search(rule._get_watched_domain())
        pairs = rule._fetch_pairs(self.env["kpi.report"].search([]).ids).tolist()
        self.assertEqual(sorted(kpi for _rule, kpi in pairs), sorted(by_domain.ids))
        return by_domain

    def test_a_department_has_those_below_it(self):
        definition = self.revenue.definition_id
        north = self._create_department("North East", self.east)
        other = self._create_department("Support")
        own, below, deep, beside = (
            self._track(definition, department)
            for department in (self.sales, self.east, north, other)
        )
        rule = self._rule(
            applies_to="department",
            department_ids=(self.sales | self.east).ids,
        )
        self.assertEqual(self._watched(rule), own | below | deep)
        rule.department_ids = other
        self.assertEqual(self._watched(rule), beside)
        rule.department_ids = self.east
        self.assertEqual(self._watched(rule), below | deep)
        self.assertIn("East or its sub-departments", rule.summary)
        self.east.active = False
        self.assertEqual(self._watched(rule), below | deep)

    def test_a_department_that_moves_takes_its_kpis_along(self):
        other = self._create_department("Support")
        kpi = self._track(self.revenue.definition_id, self.east)
        self._fill(kpi, {"2026-02": 70.0})
        values = {"compared": "value", "threshold": 90.0}
        rule = self._evaluated(
            applies_to="department", department_ids=self.sales.ids, **values
        )
        event = self._open(rule)
        self.assertEqual(event.report_id, kpi)
        self.east.parent_id = other
        self._evaluate()
        self.assertEqual((event.state, event.resolution), ("resolved", "rule"))
        self.east.parent_id = self.sales
        self._evaluate()
        self.assertTrue(self._open(rule))

    def test_what_is_not_known_changes_nothing(self):
        for kpi, more in (
            (self.complaints, {"compared": "previous", "threshold": 1e9}),  # on 0
            (self.revenue, {"compared": "baseline", "threshold": 1e9}),
            (self._entered("Free", {"2026-02": 1}), {"threshold": 9}),
            (self.revenue, {"least_facts": 9, "threshold": 9}),
        ):
            with self.subTest(**more):
                self.assertFalse(self._open(self._evaluated(kpi, **more)))

    def test_the_running_period_by_its_target_to_date(self):
        values = {"compared": "achievement", "threshold": 80, "judge_running": True}
        rule = self._evaluated(self.revenue, **values)
        # 4 of 31 days are over: 12.9 of 100 are due.
        self._change(self.revenue, {"2026-03": 14})
        self.assertFalse(self._open(rule))
        with self._at("2026-03-11 12:00:00"):
            self._evaluate()
            event = self._open(rule)
            self.assertEqual(event.period_start, month("2026-03"))
            self.assertAlmostEqual(event.measured, 100 * 14 / (100 * 10 / 31))
            self.assertEqual(event.reason, "Achievement so far 43%, below 80%")
            self._change(self.revenue, {"2026-03": 40})
            self.assertEqual(event.resolution, "corrected")

    def test_a_rule_of_ones_own_sees_what_its_owner_may(self):
        self.revenue.shared_user_ids = self.user
        rule = self._rule(
            self.revenue, threshold=0.95, is_personal=True, owner_id=self.user.id
        )
        self._evaluate()
        event = self._open(rule)
        self.assertEqual(event.personal_user_id, self.user)
        self.revenue.shared_user_ids = False
        rule._mark_watched()
        self._evaluate()
        self.assertEqual((event.state, event.resolution), ("resolved", "rule"))

    def test_a_rule_that_fails_is_left_out(self):
        good = self._rule(self.revenue, threshold=0.95)
        senseless = self._rule(self.revenue, name="Senseless", threshold=0.95)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_smart_alert SET threshold = 'NaN' WHERE id = %s",
            (senseless.id,),
        )
        self.env.invalidate_all()
        self._evaluate()
        self.assertTrue(self._open(good))
        self.assertEqual(senseless.state, "failed")
        self.assertIn("must be a number", senseless.last_error)
        senseless.threshold = 0.95
        self.assertEqual(senseless.state, "on")
        self._evaluate()
        self.assertTrue(self._open(senseless))

    def test_one_rule_of_many_that_fails_stops_no_other(self):
        rules = [
            self._rule(self.revenue, name=name, threshold=0.95)
            for name in ("A", "B", "C")
        ]
        events = type(self.env["kpi.alert.event"])
        prepare = events._prepare_event_values

        def fail_for_b(self, rule, *others):
            if rule.name == "B":
                raise ZeroDivisionError("of B")
            return prepare(self, rule, *others)

        self.patch(events, "_prepare_event_values", fail_for_b)
        self._evaluate()
        self.assertEqual([rule.state for rule in rules], ["on", "failed", "on"])
        self.assertEqual([len(self._open(rule)) for rule in rules], [1, 0, 1])
        self.assertEqual(rules[1].last_error, "of B")
