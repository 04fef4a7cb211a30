from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_tracking_analytics.tests.models.analysis_case import (
    AnalysisCase,
    months,
    seasonal,
)

GROUP = "kpi_base.kpi_base_group_%s"
NOW = "2026-03-11 12:00:00"


@tagged("post_install", "-at_install")
class TestKpiInsight(AnalysisCase):
    """A KPI that usually changes by 1 or 2 and fell by 40 in February 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fallen = [100 + at % 3 for at in range(37)] + [60]
        cls.kpi = cls._entered("Fallen", months(fallen))
        cls.calm = cls._entered("Calm", months([100 + at % 3 for at in range(38)]))
        cls.ann = cls._create_user("ann_insight", groups=GROUP % "user")
        cls.mona = cls._create_user("mona_insight", groups=GROUP % "manager")
        cls.olga = cls._create_user("olga_insight", groups=GROUP % "officer")
        cls.own = cls.calm.definition_id._track_for(
            "user", cls.ann, company_id=cls.company.id
        )
        cls._fill(cls.own, months([10 + at % 3 for at in range(38)]))

    def _insights(self, kpi, user=None, lang="en_US"):
        self.env.invalidate_all()
        with self._at(NOW):
            found = self._as(user or self.olga, self.env["kpi.nlp.processor"])
            return found.with_context(lang=lang).generate_performance_insights(kpi.id)

    def test_a_fall_is_said_with_its_numbers(self):
        found = self._insights(self.kpi)
        # 102 … 100 → 60: 41 below 101; the usual change is the median of 1, 1, 2
        first = found["sentences"][0]
        self.assertIn("Fallen fell by 40 (40%) to 60 in Feb 2026, 40.0 ×", first)
        self.assertEqual(found["findings"][0]["kind"], "change.down")
        self.assertGreater(found["findings"][0]["size"], 10)

    def test_of_many_only_those_that_are_said_are_explained(self):
        fallen = [
            self._entered(f"Fallen {at}", months([100, 101] * 18 + [100, 60 - at]))
            for at in range(14)
        ]
        reports = self.env["kpi.report"].union(*fallen)
        processor = self._as(self.olga, self.env["kpi.nlp.processor"])
        explain = type(reports).explain_change
        with patch.object(
            type(reports), "explain_change", autospec=True, side_effect=explain
        ) as explained:
            with self._at(NOW):
                told = processor._tell_of(reports.with_env(processor.env))
        self.assertEqual(len(told), 5)
        self.assertEqual(explained.call_count, 5)

    def test_the_statements_of_a_narrative_do_not_grow_with_what_is_not_said(self):
        def count(number):
            fallen = [
                self._entered(
                    f"Low {at} of {number}", months([100, 101] * 18 + [100, 60 - at])
                )
                for at in range(number)
            ]
            reports = self.env["kpi.report"].union(*fallen)
            processor = self._as(self.olga, self.env["kpi.nlp.processor"])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with self._at(NOW):
                processor._tell_of(reports.with_env(processor.env))
            return self.env.cr.sql_log_count - before

        few = count(13)
        self.assertLessEqual(count(26), few + 2)

    def test_nothing_unusual_is_one_sentence(self):
        found = self._insights(self.calm)
        self.assertEqual(len(found["sentences"]), 1)
        self.assertTrue(found["sentences"][0].startswith("Nothing unusual: "))

    def test_a_missed_target_is_said_with_its_gap_and_its_forecast(self):
        self.env["kpi.target"].create(
            {"report_id": self.kpi.id, "date_from": "2025-01-01", "value": 90}
        )
        self._analyse(self.kpi)
        said = " ".join(self._insights(self.kpi)["sentences"])
        self.assertIn("was 60 in Feb 2026, 30 below the target of 90.", said)
        row = self._forecast(self.kpi)
        if row.target_probability < 50:
            self.assertIn("below the target of 90; the chance", said)
        self.assertLessEqual(len(self._insights(self.kpi)["sentences"]), 5)

    def test_where_the_next_month_has_begun_its_forecast_is_said(self):
        berlin = self.env["kpi.calendar"].create(
            {"name": "Berlin", "company_id": self.company.id, "tz": "Europe/Berlin"}
        )
        low = months([100 + at % 3 for at in range(39)])
        kpi = self._entered("Low", low, target=300, calendar_id=berlin.id)
        with self._at("2026-03-31 22:30:00"):  # the first of April in Berlin
            self.analytics._analyse(kpi)
            found = self._as(self.olga, self.env["kpi.nlp.processor"])
            said = " ".join(found.generate_performance_insights(kpi.id)["sentences"])
        self.assertIn("Apr 2026", said)

    def test_a_trend_is_said_by_period_with_its_direction(self):
        rising = self._entered("Rising", months(seasonal(slope=3.0)))
        self._analyse(rising)
        said = " ".join(self._insights(rising)["sentences"])
        slope = self._trend(rising).performance_velocity * 365.2425 / 12
        self.assertIn("rising by ", said)
        self.assertIn(f"{slope:.0f}", said)
        self.assertIn("which is better", said)

    def test_german_numbers_and_words(self):
        self.env["res.lang"]._activate_lang("de_DE")
        said = self._insights(self.kpi, lang="de_DE")["sentences"][0]
        self.assertIn("sank in Feb. 2026 um 40 (40\u00a0%) auf 60", said)
        self.assertIn("40,0-Fache", said)

    def test_who_does_not_see_the_kpi_is_refused(self):
        with self.assertRaises(AccessError):
            self._insights(self.kpi, self.ann)
        with self.assertRaises(UserError):
            self._insights(self.kpi.browse(2**31 - 2))
        self.assertTrue(self._insights(self.own, self.ann)["sentences"])

    def test_a_parent_is_named_only_to_who_sees_it(self):
        self._fill(self.own, {"2026-02": 90.0})
        self._fill(self.calm, {"2026-02": 9000.0})
        alike = self.calm | self.own
        pair = {self.own.id: self.calm}
        processor = type(self.env["kpi.nlp.processor"])
        self.patch(
            processor,
            "_find_parents",
            lambda _self, reports: pair if alike <= reports else {},
        )
        by_officer = self._insights(self.own)["sentences"]
        self.assertEqual(len(by_officer), 1)
        self.assertIn(f"Nothing unusual beyond {self.calm.name}", by_officer[0])
        by_ann = self._insights(self.own, self.ann)["sentences"]
        self.assertNotIn(self.calm.name, " ".join(by_ann))

    def _schedule(self, user, *args):
        processor = self._as(user, self.env["kpi.nlp.processor"])
        with self._at("2026-02-20 12:00:00"):
            found = processor.auto_generate_reports(*args)
        schedules = self.env["kpi.period.report.schedule"]
        return schedules.browse(found["schedule_id"]), found

    def _queue(self, schedule):
        """The mails of all crons of March 11, as many times as they run."""
        with self._at(NOW):
            while schedule._queue_due():
                pass
        domain = [("res_model", "=", schedule._name), ("res_id", "=", schedule.id)]
        return self.env["kpi.delivery"].search(domain)

    def test_receivers_are_named_by_records_or_by_ids(self):
        receivers = self.ann | self.olga
        for named in (receivers, receivers.ids):
            schedule, _found = self._schedule(self.mona, "weekly", named)
            self.assertEqual(schedule.user_ids, receivers)

    def test_each_receiver_gets_once_what_they_see(self):
        self.env["kpi.target"].create(
            {"report_id": self.kpi.id, "date_from": "2023-01-01", "value": 100}
        )
        receivers = (self.ann | self.olga).ids
        schedule, found = self._schedule(self.mona, "weekly", receivers)
        self.assertEqual(found["next_day"], "2026-02-23")
        self.assertEqual(schedule.frequency, "week")
        mails = self._queue(schedule).grouped("user_id")
        self.assertEqual(mails.keys(), {self.ann, self.olga})
        self.assertIn("Fallen", mails[self.olga].body)
        self.assertNotIn("Fallen", mails[self.ann].body)
        self.assertTrue(mails[self.olga].attachment_ids.name.endswith(".pdf"))
        # After a kill the cron runs again: the same mails.
        schedule.write({"last_day": False, "reached_user": 0})
        self.assertEqual(len(self._queue(schedule)), 2)

    def test_the_table_has_the_periods_of_most_kpis_that_are_seen(self):
        for user, grain in ((self.olga, "month"), (self.mona, "week")):
            schedule, _found = self._schedule(user, "weekly")
            # Mona sees none
            self.assertEqual(schedule.period_report_id.grain, grain)

    def test_asked_again_it_goes_to_those_named_then(self):
        schedule, _ = self._schedule(self.mona, "monthly", self.ann.ids)
        again, _ = self._schedule(self.mona, "monthly", self.olga.ids)
        self.assertEqual((again, again.user_ids), (schedule, self.olga))
        other, _ = self._schedule(self.mona, "daily")
        self.assertNotEqual(other, schedule)
        self.assertEqual(other.user_ids, self.mona)

    def test_mails_to_others_take_a_manager_and_types_are_three(self):
        with self.assertRaises(ValidationError):
            self._schedule(self.ann, "weekly", self.olga.ids)
        with self.assertRaises(UserError):
            self._schedule(self.mona, "hourly")

    def test_the_table_says_it_in_words_on_the_screen_too(self):
        with self._at(NOW):
            options = {"is_narrative": True, "report_ids": self.kpi.ids}
            table = self._as(self.olga, self.env["kpi.period.report"])
            told = table.get_matrix(options)["narrative"]
            self.assertNotIn("narrative", table.get_matrix({}))
        said = "Fallen was 60 in Feb 2026, down 40 from the period before"
        self.assertEqual(told, [f"{said}, the lowest of 15 periods."])

    def _tell(self, reports, user=None):
        self.env.invalidate_all()
        with self._at(NOW):
            processor = self._as(user or self.olga, self.env["kpi.nlp.processor"])
            return processor._tell_of(reports.with_env(processor.env))

    def _missed(self, name, value, target=100, **definition):
        values = months([100 + at % 3 for at in range(37)] + [value])
        return self._entered(name, values, target=target, **definition)

    def test_a_summary_names_the_largest_miss_first_with_its_numbers(self):
        near, far = self._missed("Near", 95), self._missed("Far", 80)
        self._missed("Reached", 102)
        told = self._tell(near | far)
        self.assertEqual(len(told), 2)
        # the value before is 100
        self.assertTrue(
            told[0].startswith(
                "Far was 80 in Feb 2026, 20 below its target of 100, "
                "down 20 from the period before, the lowest of "
            ),
            told,
        )
        self.assertTrue(told[1].startswith("Near was 95 in Feb 2026, 5 below"))

    def test_what_is_better_when_lower_is_worst_at_its_highest(self):
        values = months([100 + at % 3 for at in range(33)] + [170, 100, 100, 100, 150])
        high = self._entered("High", values, target=100, direction="lower")
        (said,) = self._tell(high)
        self.assertIn("50 above its target of 100", said)
        # 170 in Oct 2025 was worse
        self.assertIn("the highest since Oct 2025", said)

    def test_a_range_is_missed_on_either_side(self):
        kpi = self._entered("Between", months([50] * 38), direction="range")
        self.env["kpi.target"].create(
            {
                "report_id": kpi.id,
                "date_from": "2023-01-01",
                "range_low": 60,
                "range_high": 80,
            }
        )
        (said,) = self._tell(kpi)
        self.assertIn("was 50 in Feb 2026, outside its range from 60 to 80", said)

    def test_kpis_without_target_are_named_where_there_is_nothing_else(self):
        missed = self._missed("Missed", 99)
        told = self._tell(missed | self.kpi)
        self.assertEqual([said.startswith("Missed was") for said in told], [True])
        self.assertEqual(len(self._tell(self.kpi)), 1)
        self.assertEqual(self._tell(self.kpi.browse()), [])

    def test_other_people_are_named_only_where_all_are_people(self):
        self._fill(self.own, {"2026-02": 1.0})
        reports = self.own | self.kpi
        said = " ".join(self._tell(reports))
        self.assertNotIn(self.own.name, said)
        self.assertIn(self.own.name, " ".join(self._tell(self.own)))
        self.assertIn(self.own.name, " ".join(self._tell(self.own, self.ann)))

    def test_a_kpi_is_named_once_and_by_its_widest_scope(self):
        wide = self._missed("Twice", 80)
        narrow = wide.definition_id._track_for(
            "department", self.east, company_id=self.company.id
        )
        self._fill(narrow, months([100 + at % 3 for at in range(37)] + [50]))
        self.env["kpi.target"].create(
            {"report_id": narrow.id, "date_from": "2023-01-01", "value": 100}
        )
        told = self._tell(wide | narrow)
        self.assertEqual(len(told), 1)

    def test_the_chance_of_the_running_period_is_said(self):
        missed = self._missed("Chance", 80)
        self._analyse(missed)
        row = self._forecast(missed)
        (said,) = self._tell(missed)
        if row.target_probability is False:
            self.assertNotIn("chance", said)
        else:
            self.assertIn("; the chance of reaching the target for Mar 2026 is", said)

    def test_summaries_of_other_languages_are_in_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        missed = self._missed("Ziel", 80)
        with self._at(NOW):
            processor = self._as(self.olga, self.env["kpi.nlp.processor"])
            processor = processor.with_context(lang="de_DE")
            (said,) = processor._tell_of(missed.with_env(processor.env))
        self.assertIn("war in Feb. 2026 80, 20 unter dem Ziel von 100", said)
