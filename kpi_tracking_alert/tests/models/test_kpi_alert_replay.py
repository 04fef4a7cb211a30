from datetime import date

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG, some_of

from .evaluation_case import EvaluationCase


@tagged("post_install", "-at_install")
class TestKpiAlertReplay(EvaluationCase):
    """What a rule would have found, without turning it on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        numbers = [100, 70, 65, 85, 95, 60, None, 97, 80, 79, 120, 90]
        cls.values = {
            f"2025-{at:02}": number for at, number in enumerate(numbers, start=1)
        }
        known = {text: value for text, value in cls.values.items() if value}
        cls.sales_kpi = cls._entered("Orders", known, target=100)

    def _draft(self, *reports, **values):
        rule = self._rule(*reports, compared="value", **values)
        rule.action_turn_off()
        return rule

    def test_it_would_have_fired_on_these_days(self):
        self.sales_kpi.shared_user_ids = self.user
        rule = self._draft(
            self.sales_kpi, threshold=81, clear_threshold=90, user_ids=self.user.ids
        )
        found = self._as(self.officer, rule).replay("2025-02-01", "2026-01-31")
        alerts = [
            (each["period_start"], each["fired_on"], each["ended_on"])
            for each in found["alerts"]
        ]
        # 85 is between both levels; July is not known, so June goes on until August.
        self.assertEqual(
            alerts,
            [
                ("2025-02-01", "2025-03-01", "2025-06-01"),
                ("2025-06-01", "2025-07-01", "2025-09-01"),
                ("2025-09-01", "2025-10-01", "2025-12-01"),
            ],
        )
        self.assertEqual(found["alert_count"], 3)
        self.assertEqual([each["period_count"] for each in found["alerts"]], [2, 1, 2])
        self.assertEqual(found["alerts"][0]["reason"], "70, below 81; 30% under target")
        self.assertIn(
            {
                "user_id": self.user.id,
                "name": self.user.name,
                "alert_count": 3,
                "message_count": 3,
            },
            found["receivers"],
        )
        self.assertFalse(self.events.search([("alert_id", "=", rule.id)]))

    def test_receivers_are_those_who_would_get_a_message(self):
        self.sales_kpi.owner_id = self.officer
        self.sales_kpi.shared_user_ids = self.manager
        rule = self._draft(
            self.sales_kpi,
            threshold=81,
            user_ids=[(6, 0, (self.user | self.manager).ids)],
        )
        self.env["kpi.alert.mute"].create(
            {"alert_id": rule.id, "user_id": self.officer.id}
        )
        found = self._as(self.officer, rule).replay("2025-02-01", "2026-01-31")
        names = {each["name"] for each in found["receivers"]}
        self.assertEqual(names, {"manager"})

    def test_it_equals_an_evaluation_day_by_day(self):
        rules = (
            {"threshold": 81},
            {"threshold": 90, "periods": 2},
            {"threshold": 90, "recent_periods": 3, "clear_threshold": 96},
            {"threshold": 75, "threshold_high": 100, "condition": "outside"},
        )
        for values in some_of(rules, "day by day", share=2):
            with self.subTest(**values):
                rule = self._draft(self.sales_kpi, **values)
                found = rule.replay("2025-02-01", "2026-01-31")
                expected = [
                    (each["period_start"], each["fired_on"], each["ended_on"])
                    for each in found["alerts"]
                ]
                self.assertEqual(self._evaluate_day_by_day(rule), expected)
                self.assertTrue(expected)

    def _evaluate_day_by_day(self, rule):
        """Alerts of a rule on a copy of the KPI whose values come one by one."""
        copy = self._entered(f"Copy {rule.id}", {}, target=100)
        fired_in = {}  # an alert that goes on shows its latest period

        def note(rule):
            for event in self._open(rule):
                fired_in.setdefault(event.id, event.period_start.isoformat())

        rule.report_ids = copy
        day = date(2025, 2, 1)
        with self._at(f"{day} 00:30:00"):
            self._fill(copy, {"2025-01": 100})
            rule.action_turn_on()
            self._evaluate()
            note(rule)
        for number in range(2, 13):
            day = date(2025 + number // 12, number % 12 + 1, 1)
            with self._at(f"{day} 00:30:00"):
                value = self.values[f"2025-{number:02}"]
                if value:
                    self._fill(copy, {f"2025-{number:02}": value})
                self._evaluate()
            note(rule)
        with self._at("2026-01-31 00:30:00"):
            self._evaluate()
        events = self.events.search([("alert_id", "=", rule.id)], order="id")
        found = [
            (
                fired_in[event.id],
                event.fired_at.date().isoformat(),
                event.resolved_at.date().isoformat() if event.resolved_at else None,
            )
            for event in events
        ]
        rule.action_turn_off()
        return found

    def test_as_known_then(self):
        rule = self._draft(self.sales_kpi, threshold=68)
        self.env.cr.execute(
            """
            UPDATE kpi_measurement
               SET recorded_at = period_start + interval '1 month 4 days'
             WHERE report_id = %s
            """,
            (self.sales_kpi.id,),
        )
        # Until the twentieth of July June was 90: nobody would have been told before.
        self.env.cr.execute(
            """
            INSERT INTO kpi_measurement_revision
                   (report_id, grain, period_start, old_value, new_value, old_source,
                    new_source, recorded_at, replaced_at, cause)
            VALUES (%(id)s, 'month', '2025-06-01', 90, 60, 'manual', 'manual',
                    '2025-07-05', '2025-07-20', 'manual');
            UPDATE kpi_measurement SET recorded_at = '2025-07-20'
             WHERE report_id = %(id)s AND period_start = '2025-06-01'
            """,
            {"id": self.sales_kpi.id},
        )
        found = rule.replay("2025-02-01", "2026-01-31", True)
        self.assertEqual(
            [(each["fired_on"], each["ended_on"]) for each in found["alerts"]],
            [("2025-04-05", "2025-05-05"), ("2025-07-20", "2025-09-05")],
        )
        today = rule.replay("2025-02-01", "2026-01-31")
        self.assertEqual(
            [(each["fired_on"], each["ended_on"]) for each in today["alerts"]],
            [("2025-04-01", "2025-05-01"), ("2025-07-01", "2025-09-01")],
        )

    def test_only_kpis_that_the_user_sees(self):
        self.sales_kpi.shared_user_ids = self.user
        own = self._rule(
            self.sales_kpi,
            compared="value",
            threshold=81,
            is_personal=True,
            owner_id=self.user.id,
        )
        found = self._as(self.user, own).replay("2025-02-01", "2026-01-31")
        self.assertEqual((found["kpi_count"], found["alert_count"]), (1, 3))
        self.sales_kpi.shared_user_ids = False
        found = self._as(self.user, own).replay("2025-02-01", "2026-01-31")
        self.assertEqual((found["kpi_count"], found["alerts"]), (0, []))

    def test_the_last_day_is_not_before_the_first(self):
        rule = self._draft(self.sales_kpi)
        with self.assertRaises(UserError):
            rule.replay("2026-01-31", "2025-02-01")

    def test_a_better_threshold_and_what_it_misses(self):
        rule = self._draft(self.sales_kpi, threshold=96)
        found = rule.suggest_threshold("2025-02-01", "2026-01-31")
        self.assertTrue(found["is_possible"])
        better = self._draft(self.sales_kpi, threshold=found["threshold"])
        again = better.replay("2025-02-01", "2026-01-31")
        self.assertEqual(again["alert_count"], found["alert_count"])
        self.assertEqual(found["alert_count"], 1)
        self.assertGreater(found["alert_count_now"], 1)
        # 65 of March fires as well as 60 of June above 65.
        self.assertTrue(60 < found["threshold"] <= 65)
        self.assertTrue(found["missed"])
        quiet = rule.suggest_threshold("2025-02-01", "2026-01-31", 1)
        self.assertFalse(quiet["is_possible"])

    def test_every_kind_has_as_many_statements_for_many_kpis(self):
        kpis = self.env["kpi.report"].browse(self.sales_kpi.ids)
        for number in range(5):
            kpis |= self._entered(
                f"Other {number}", self._values_of(number), target=100
            )
        kinds = self.env["kpi.smart.alert"]._fields["alert_type"].get_values(self.env)
        every = [{"alert_type": kind} for kind in kinds]
        every += [
            {"condition": "no_data"},
            {"compared": "achievement", "judge_running": True},
        ]
        last = date(2026, 1, 31) if LONG else date(2025, 4, 30)
        days = date(2025, 2, 1), last
        for values in every:
            counts = []
            for some in (kpis[:1], kpis):
                rule = self._rule(*some, **values)
                rule.action_turn_off()
                # Of the first time only: what Odoo keeps of calendars and rights.
                rule.replay(*map(str, days), True)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                some = some.browse(some.ids)
                rule._play(rule._read_history(some, *days, True))
                counts.append(self.env.cr.sql_log_count - before)
            with self.subTest(**values):
                self.assertLess(counts[1], 30)
                self.assertLessEqual(counts[1], counts[0] + 2)

    def _values_of(self, number):
        return {text: value + number for text, value in self.values.items() if value}

    def test_what_is_left_out_is_said(self):
        days = "2025-02-01", "2026-01-31"
        for values in (
            {"alert_type": "restated"},
            {"alert_type": "target_risk"},
            {"compared": "achievement", "judge_running": True},
        ):
            rule = self._rule(self.sales_kpi, **values)
            with self.subTest(**values):
                self.assertTrue(rule.replay(*days)["note"])
                self.assertFalse(rule.replay(*days, True)["note"])

    def test_years_that_are_out_of_range(self):
        rule = self._draft(self.sales_kpi, threshold=81)
        for days in (
            ("1800-01-01", "2026-01-31"),
            ("1900-01-01", "2026-01-31"),
            ("2025-02-01", "9999-12-31"),
        ):
            with self.subTest(days=days):
                for ask in (rule.replay, rule.suggest_threshold):
                    with self.assertRaisesRegex(UserError, "out of range"):
                        ask(*days)
                wizard = self.env["kpi.alert.replay"].new(
                    {"alert_id": rule.id, "date_from": days[0], "date_to": days[1]}
                )
                self.assertIn("out of range", wizard.result["reason"])
        self.assertTrue(rule.replay("1960-01-01", "1961-01-31")["is_possible"])

    def test_only_thresholds_can_be_quieter(self):
        for values, has_threshold in (
            ({"threshold": 81}, True),
            ({"condition": "no_data"}, False),
            ({"alert_type": "trend_deterioration"}, False),
        ):
            rule = self._draft(self.sales_kpi, **values)
            wizard = self.env["kpi.alert.replay"].new({"alert_id": rule.id})
            with self.subTest(**values):
                self.assertEqual(wizard.has_threshold, has_threshold)
                found = rule.suggest_threshold("2025-02-01", "2026-01-31")
                self.assertIn("reason" if not has_threshold else "threshold", found)

    def test_the_form_offers_it_for_every_kind(self):
        action = self.env.ref("kpi_tracking_alert.kpi_alert_replay_action")
        arch = etree.fromstring(self.env["kpi.smart.alert"].get_view()["arch"])
        (button,) = arch.xpath(f"//header/button[@name='{action.id}']")
        self.assertEqual(button.get("invisible"), "not id")
