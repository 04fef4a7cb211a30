from datetime import date

from odoo.tests import new_test_user, tagged

from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiNlpProcessorAbout(QuestionCase):
    """Questions about KPIs themselves, and about all KPIs of a department."""

    def _said(self, question):
        return self._ask(question)["sentences"]

    def test_what_a_kpi_means_and_how_it_is_computed(self):
        self.visits.description = "<p>People who came <b>in</b>.</p>"
        (said,) = self._said("what does asked visits mean?")
        self.assertIn("People who came", said)
        self.assertIn("no description", self._said("definition of asked orders")[0])
        double = self.env["kpi.definition"].create(
            {
                "name": "Asked Double",
                "code": "asked_double",
                "frequency": "month",
                "computation": "formula",
                "formula": "asked_orders * 2",
            }
        )
        double._track_for("company", self.env.company)
        (said,) = self._said("how is asked double calculated?")
        self.assertIn("asked_orders * 2", said)
        (row,) = self._ask("source of asked visits")["rows"]
        self.assertEqual(row["code"], "asked_visits")

    def test_who_is_responsible_for_a_kpi(self):
        self.own.owner_id = self.officer
        for question in (
            "who is responsible for asked visits",
            "Wer ist für Asked Visits verantwortlich?",
        ):
            (said,) = self._said(question)
            self.assertIn(self.officer.name, said)

    def test_how_a_department_is_doing(self):
        said = self._said("how is Asked Sales doing in January 2026")
        self.assertIn("KPIs: 2. On track: 1, at risk: 0, off track: 1.", said[0])
        self.assertIn("Asked Orders", said[1])
        self.assertEqual(len(said), 2)

    def test_the_best_month_is_one_that_has_closed(self):
        rows = [(self.own.id, date(2026, 3, 1), 500)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        found = self._ask("best month for asked visits")
        self.assertEqual([one["number"] for one in found["ranking"]], [120])
        self.assertEqual([row["value"] for row in found["rows"]], [120])
        found = self._ask("worst month for asked visits in 2025")
        self.assertEqual([one["number"] for one in found["ranking"]], [100])
        found = self.processor.process_natural_language_query(
            "best day for asked visits"
        )
        self.assertEqual(found["outcome"], "not_understood")

    def test_the_highest_and_lowest_value_ever(self):
        for word, number in (("highest", 30), ("lowest", 10)):
            found = self._ask(f"{word} asked visits by department ever")
            (place,) = found["ranking"]
            self.assertEqual(place["number"], number)
        self.assertEqual(place["name"], "Asked Sales, Nov 2025")

    def test_a_list_names_what_it_is_of(self):
        said = self._said("KPIs below target except asked orders in January 2026")
        self.assertIn("Off track, without Asked Orders", said[1])

    def test_totals_and_averages(self):
        when = "from November 2025 to January 2026"
        # company: 100, 120 and 90
        total = self._said(f"total asked visits {when}")
        self.assertIn("310 in total", total[0])
        self.visits.aggregation_time = "average"
        found = self.processor.process_natural_language_query(
            f"total asked visits {when}"
        )
        self.assertNotEqual(found["outcome"], "answered")

    def test_a_question_about_a_rise_that_was_a_fall(self):
        said = self._said("why did asked visits rise in January 2026")
        self.assertEqual(said[0], "Asked Visits did not rise: it fell.")
        said = self._said("why did asked visits fall in January 2026")
        self.assertNotIn("did not", said[0])

    def test_exceptions(self):
        question = "KPIs below target in January 2026"
        self.assertIn("asked_orders", self._codes(question))
        self.assertNotIn("asked_orders", self._codes(f"{question} except Asked Sales"))
        without = self._codes(f"{question} but not asked orders")
        self.assertNotIn("asked_orders", without)
        by_department = "asked visits by department in January 2026"
        self.assertEqual(self._values(by_department), [30])
        found = self.processor.process_natural_language_query(
            f"{by_department} except Asked Sales"
        )
        self.assertIn("for no department", found["reading"])
        found = self.processor.process_natural_language_query(
            "asked visits in January 2026 without Asked Sales"
        )
        self.assertEqual(found["outcome"], "not_understood")
        self.assertIn("without Asked Sales", found["reading"])
        neither = self._ask("KPIs of Asked Sales that are neither red nor yellow")
        self.assertNotIn("off_target", {row["status"] for row in neither["rows"]})
        self.assertIn("asked_visits", self._codes("KPIs without a target"))

    def test_what_the_user_is_responsible_for_and_their_team(self):
        self.own.owner_id = self.officer
        mine = self._ask("KPIs I own")["rows"]
        self.assertEqual({row["report"] for row in mine}, {self.own.id})
        team = self.env["kpi.team"].create(
            {"name": "Asked Team", "leader_id": self.officer.id}
        )
        person = new_test_user(
            self.env, "asked_member", "base.group_user,kpi_base.kpi_base_group_user"
        )
        self.env["kpi.team.member"].create({"team_id": team.id, "user_id": person.id})
        of_team = self.visits._track_for("team", team)
        of_person = self.orders._track_for("user", person)
        found = {row["report"] for row in self._ask("KPIs of my team")["rows"]}
        self.assertEqual(found, {of_team.id, of_person.id})
        rows = [(of_team.id, date(2026, 1, 1), 11)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        question = "asked visits of my team in January 2026"
        self.assertEqual(self._values(question), [11])
        question = "asked orders by person in my team in January 2026"
        self.assertEqual(
            {row["report"] for row in self._ask(question)["rows"]}, {of_person.id}
        )

    def test_my_team_of_a_person_without_one(self):
        found = self._ask("KPIs of my team")
        self.assertEqual((found["rows"], found["count"]), ([], 0))

    def test_what_will_be_missed_is_what_is_expected(self):
        report = self.of_sales
        self.env["kpi.predictive.analytics"].sudo().create(
            {
                "kpi_id": report.id,
                "period_start": date(2026, 3, 1),
                "expected_status": "off_target",
                "target_probability": 20.0,
            }
        )
        rows = self._ask("which KPIs will miss their target this month")["rows"]
        self.assertEqual({row["report"] for row in rows}, {report.id})
        rows = self._ask("which KPIs will reach their target this month")["rows"]
        self.assertEqual(rows, [])
