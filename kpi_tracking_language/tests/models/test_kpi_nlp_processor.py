from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from ...models import kpi_nlp_processor_reading
from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiNlpProcessor(QuestionCase):
    """Questions are answered from the values that the user sees."""

    def test_values_by_department_and_for_several_kpis(self):
        self.assertEqual(self._values("asked visits in December 2025"), [120])
        by_department = "asked visits by department in December 2025"
        self.assertEqual(self._values(by_department), [20])
        both = "asked visits and asked orders of Asked Sales in December 2025"
        self.assertEqual(sorted(self._values(both)), [4, 20])

    def _measure_march(self, value=95):
        rows = [
            (self.own.id, date(2026, 2, 1), 80),
            (self.own.id, date(2026, 3, 1), value),
        ]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")

    def test_a_running_month_is_compared_once_it_has_closed(self):
        self._measure_march()
        found = self._ask("compare asked visits this month with last month")
        self.assertEqual([row["value"] for row in found["rows"]], [95, 80])
        self.assertEqual(
            found["sentences"][-1],
            "Mar 2026 is still running: it is compared once it has closed.",
        )
        found = self._ask("why did asked visits change in March 2026?")
        self.assertIsNone(found["change"]["change"])
        self.assertIn("after it closes", found["sentences"][0])

    def test_what_improves_is_asked_of_closed_months(self):
        self._measure_march(1000)
        improving = "which KPIs are improving?"
        self.assertNotIn("asked_visits", self._codes_of_own(improving))
        # February was below January, however March goes on.
        self.assertIn("asked_visits", self._codes_of_own("which KPIs are declining?"))
        for question in (improving, "which KPIs are declining?"):
            question = question.replace("?", " in March 2026?")
            self.assertNotIn("asked_visits", self._codes_of_own(question))

    def _codes_of_own(self, question):
        found = self._ask(question)
        return [row["code"] for row in found["rows"] if row["report"] == self.own.id]

    def test_closed_days_of_a_month_are_compared_with_as_many(self):
        daily = self._definition("Asked Calls", "asked_calls")
        daily.write({"frequency": "day", "coarsest_grain": "month"})
        report = daily._track_for("company", self.env.company)
        rows = [
            (report.id, date(2026, 2, 1) + timedelta(days=day), 2 if day < 28 else 3)
            for day in range(46)  # up to March 18
        ]
        self.env["kpi.measurement"]._upsert("day", rows, source="api")
        found = self._ask("compare asked calls this month with last month")
        self.assertEqual([row["value"] for row in found["rows"]], [54, 56])
        # 17 days have closed: 51 in March, 34 in February
        self.assertIn("what has closed of it", found["sentences"][-2])
        self.assertEqual(found["sentences"][-1], "Feb 2026 is 17 below Mar 2026.")

    def test_the_target_of_a_running_month_is_that_to_date(self):
        rows = [(self.of_sales.id, date(2026, 3, 1), 12)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        found = self._ask("asked visits of asked sales this month")
        # 17 of 31 days are over: 25 * 17 / 31
        self.assertAlmostEqual(found["rows"][0]["target"], 13.709677, 5)
        self.assertIn("target to date 14", found["sentences"][0])

    def test_two_periods_are_compared(self):
        question = "compare asked visits in November and December 2025"
        self.assertEqual(self._values("asked visits nov 2025 vs dec 2025"), [100, 120])
        self.assertEqual(self._values(question), [100, 120])

    def test_a_trend_has_the_value_of_each_period(self):
        self.assertEqual(
            self._values("asked visits from Nov 2025 to Jan 2026")[:2], [100, 120]
        )
        trend = self._values("asked visits last 3 months")
        self.assertEqual(trend, [120, 90, None])

    def test_lists_and_counts_look_at_status(self):
        question = "which KPIs of Asked Sales are below target in January 2026?"
        self.assertEqual(
            [row["code"] for row in self._ask(question)["rows"]], ["asked_orders"]
        )
        above = self._ask("KPIs of Asked Sales above target in January 2026")
        self.assertEqual([row["code"] for row in above["rows"]], ["asked_visits"])
        counted = self._ask(
            "how many KPIs of Asked Sales are below target in January 2026"
        )
        self.assertEqual((counted["count"], counted["answer"]), (1, None))

    def test_departments_and_kpis_are_ranked(self):
        def rank(question):
            places = self._ask(question)["ranking"]
            return [(one["name"], one["number"], one["kpi_count"]) for one in places]

        when = "in January 2026"
        # 100 (30 of 25, no more than all) and 30 (3 of 10)
        self.assertEqual(
            rank(f"top 3 performing departments {when}"), [("Asked Sales", 65, 2)]
        )
        highest = f"which department has the highest asked visits {when}"
        self.assertEqual(rank(highest), [("Asked Sales", 30, 1)])
        worst = rank(f"worst KPI of Asked Sales {when}")
        self.assertEqual([number for _name, number, _count in worst], [30])

    def test_equal_places_have_one_number_and_the_smallest_sample_is_said(self):
        twin = self.env["hr.department"].create({"name": "Asked Twin"})
        reports = [
            kpi._track_for("department", twin) for kpi in (self.visits, self.orders)
        ]
        for report, value, target in zip(reports, (30, 3), (25, 10), strict=True):
            rows = [(report.id, date(2026, 1, 1), value)]
            self.env["kpi.measurement"]._upsert("month", rows, source="api")
            self.env["kpi.target"].create(
                {
                    "report_id": report.id,
                    "date_from": date(2025, 1, 1),
                    "value": target,
                }
            )
        said = self._ask("rank departments in January 2026")["sentences"]
        own = [one for one in said if "Asked" in one]
        self.assertEqual(len({one.partition(".")[0] for one in own}), 1, said)
        self.assertRegex(" ".join(said), r"Each place is of \d+ KPIs or more\.")

    def test_a_reading_says_conditions_in_words(self):
        found = self._ask("KPIs of Asked Sales above target in January 2026")
        self.assertEqual(
            found["reading"], "Asked Sales, Above target, 2026-01-01 – 2026-01-31"
        )

    def test_a_part_of_a_period_is_not_made_up(self):
        found = self.processor.process_natural_language_query(
            "asked visits from 2026-01-01 to 2026-01-15"
        )
        self.assertEqual((found["outcome"], found["rows"]), ("ambiguous", []))
        self.assertIn("Jan 2026", found["reading"])
        (offered,) = found["candidates"]
        self.assertEqual(self._values(offered["question"]), [90])

    def test_actions_change_nothing(self):
        alerts = self.env["kpi.smart.alert"].search_count([])
        found = self.processor.process_natural_language_query(
            "alert me when asked visits are below 50"
        )
        self.assertEqual(found["intent"]["intent"], "create_alert")
        self.assertEqual(self.env["kpi.smart.alert"].search_count([]), alerts)

    def test_german_names_and_words_are_read(self):
        self.assertEqual(self._values("Asked Visits im Dezember 2025"), [120])

    def test_other_names_are_read_and_shared_ones_asked_back(self):
        name = {"definition_id": self.visits.id, "text": "Laufkundschaft"}
        self.assertEqual(
            self.processor.process_natural_language_query("Laufkundschaft")["rows"], []
        )
        self.env["kpi.definition.synonym"].create(name)
        self.assertEqual(self._values("Laufkundschaft im Dezember 2025"), [120])
        other = {**name, "definition_id": self.orders.id}
        self.env["kpi.definition.synonym"].create(other)
        found = self.processor.process_natural_language_query("Laufkundschaft")
        self.assertEqual(found["outcome"], "ambiguous")

    def _named_alike(self, code):
        """A KPI from before names were checked."""
        twin = self._definition(code, code)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_definition SET name = jsonb_build_object('en_US', %s)"
            " WHERE id = %s",
            ("Asked Visits", twin.id),
        )
        self.env.invalidate_all()
        return twin

    def test_of_one_name_the_kpi_that_has_values_is_meant(self):
        self._named_alike("asked_visits_untracked")
        self.assertEqual(self._values("asked visits in December 2025"), [120])
        twin = self._named_alike("asked_visits_twin")
        twin._track_for("company", self.env.company)
        found = self.processor.process_natural_language_query("asked visits")
        self.assertEqual(found["outcome"], "ambiguous")
        texts = {one["text"] for one in found["candidates"]}
        self.assertIn(f"{self.own.name} (asked_visits)", texts)
        self.assertIn(f"{self.own.name} (asked_visits_twin)", texts)
        self.assertIn(self.of_sales.name, texts)

    def test_percentages_differ_by_points(self):
        self.visits.unit = "percent"
        found = self._ask("asked visits nov 2025 vs dec 2025")
        self.assertEqual(
            found["sentences"][-1], "Dec 2025 is 20 points above Nov 2025."
        )

    def test_a_name_of_signs_alone_is_refused(self):
        name = {"definition_id": self.visits.id, "text": "?!"}
        with self.assertRaises(ValidationError):
            self.env["kpi.definition.synonym"].create(name)

    def test_names_are_read_once_until_one_changes(self):
        self._ask("asked visits in December 2025")
        made = kpi_nlp_processor_reading.KpiNlpProcessor._make_catalogue
        with patch.object(
            kpi_nlp_processor_reading.KpiNlpProcessor,
            "_make_catalogue",
            autospec=True,
            side_effect=made,
        ) as making:
            self._ask("asked visits in December 2025")
            self.assertFalse(making.called)
            self._definition("Asked Calls", "asked_calls")
            self._ask("how many KPIs of Asked Sales are below target")
            self.assertTrue(making.called)

    def test_statements_do_not_grow_with_kpis(self):
        question = "which KPIs are below target in January 2026?"
        self._ask(question)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._ask(question)
        few = self.env.cr.sql_log_count - before
        for number in range(10):
            more = self._definition(f"Asked More {number}", f"asked_more_{number}")
            more._track_for("company", self.env.company)
        self._ask(question)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._ask(question)
        self.assertLessEqual(self.env.cr.sql_log_count - before, few + 2)

    def test_how_many_there_are_is_said_where_some_are_not_seen(self):
        hidden = "teams you may see"
        question = "which KPIs of Asked Sales are below target in January 2026"
        self.assertNotIn(hidden, str(self._ask(question)["sentences"]))
        reader = new_test_user(
            self.env, "asked_reader", "base.group_user,kpi_base.kpi_base_group_user"
        )
        self.orders_of_sales.owner_id = reader
        self.processor = self.processor.with_user(reader)
        found = self._ask(question)
        self.assertIn(f"{hidden} 1 of 2.", found["sentences"][-1])
        self.assertNotIn("Visits", str(found["sentences"]))
        found = self._ask("my KPIs below target")
        self.assertNotIn(hidden, str(found["sentences"]))
        before = self._ask("which KPIs are below target")["sentences"]
        other = self.env["res.company"].create({"name": "Asked Elsewhere"})
        foreign = self._definition("Asked Foreign", "asked_foreign")
        foreign.company_id = other
        foreign._track_for("company", other)
        self.assertEqual(self._ask("which KPIs are below target")["sentences"], before)

    def test_names_of_another_company_are_as_unknown_ones(self):
        """The same answer by the same statements, whatever there is elsewhere."""

        def answer(question):
            self.processor.process_natural_language_query(question)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.processor.process_natural_language_query(question)
            return found, self.env.cr.sql_log_count - before

        other = self.env["res.company"].create({"name": "Quarzwerk"})
        foreign = self._definition("Zinkgehalt", "zinkgehalt")
        foreign.company_id = other
        foreign._track_for("company", other)
        answer("rules and users are read once")
        for question in ("{} last month", "why did {} drop", "{} of Asked Sales"):
            known, statements = answer(question.format("Zinkgehalt"))
            unknown, as_many = answer(question.format("Zimtgehalt"))
            self.assertEqual(
                str(known).lower().replace("zink", "zimt"), str(unknown).lower()
            )
            self.assertEqual(statements, as_many)
            self.assertEqual(
                (known["outcome"], known["candidates"]), ("not_understood", [])
            )
        visits, statements = answer("asked visits of Quarzwerk")
        self.assertEqual(visits["outcome"], "ambiguous")
        again, as_many = answer("asked visits of Quirlwerk")
        self.assertEqual(statements, as_many)
        self.assertEqual(
            str(visits).lower().replace("quarz", "quirl"), str(again).lower()
        )
