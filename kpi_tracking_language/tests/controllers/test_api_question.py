from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestApiQuestion(KpiApiCase):
    """“Value of KPI X” questions, with the eyes of the key's owner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        north = {"name": "North", "parent_id": cls.department.id}
        cls.north = cls.env["hr.department"].create(north)
        cls.in_north = cls.definition._track_for("department", cls.north)
        facts = [
            (cls.report, date(2025, 1, 1), 5.0),
            (cls.report, date(2025, 2, 1), 7.0),
            (cls.in_north, date(2025, 2, 1), 3.0),
            (cls.own_report, date(2025, 2, 1), 1.0),
        ]
        rows = [(report.id, start, value) for report, start, value in facts]
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")

    def _ask(self, question, who="officer"):
        answer = self.ask("/query", who=who, json={"question": question}, method="POST")
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def _value(self, question, **options):
        found = self._ask(question, **options)
        self.assertEqual(found["outcome"], "answered", found)
        return found["answer"]["value"]

    def test_one_kpi_is_answered_with_its_value(self):
        for question, value in (
            ("What is the value of Visits?", 7.0),
            ("api_visits", 7.0),
            ("visits in January 2025", 5.0),
            ("Show me VISITS for 2025-01, please", 5.0),
            ("What were the visits for Api Sales / North in 2025-02?", 3.0),
            ("visits of North", 3.0),
        ):
            with self.subTest(question=question):
                self.assertEqual(self._value(question), value)

    def test_an_answer_says_how_the_question_was_read_and_what_explains_it(self):
        found = self._ask("visits of North in February 2025")
        self.assertEqual(found["reading"], "Visits, Api Sales / North, Feb 2025")
        answer = found["answer"]
        self.assertEqual(answer["report"]["id"], self.in_north.id)
        self.assertEqual((answer["grain"], answer["status"]), ("month", "no_target"))
        path = answer["explain"].removeprefix("/api/kpi")
        self.assertEqual(self.ask(path).json()["value"], 3.0)

    def test_periods_are_those_of_the_kpis_calendar(self):
        with freeze_time("2025-03-10"):
            found = self.env["kpi.nlp.processor"]._answer_question("visits last month")
        self.assertEqual(found["answer"]["value"], 7.0)

    def test_a_wall_year_is_none_where_years_begin_in_april(self):
        values = {"name": "From April", "fiscal_month": "4"}
        calendar = self.env["kpi.calendar"].create(values)
        more = {"calendar_id": calendar.id, "coarsest_grain": "year"}
        other = self._definition("Fiscal visits", "api_fiscal", **more)
        other._track_for("company", self.env.company)
        self.assertIn("calendar periods", self._ask("fiscal visits in 2025")["reading"])
        self.assertIsNone(self._value("fiscal visits in January 2025"))

    def test_without_a_value_there_is_none(self):
        found = self._ask("visits in 2024-06")
        self.assertEqual(found["answer"]["value"], None)
        self.assertEqual(found["answer"]["status"], "no_data")

    def test_several_that_may_be_meant_are_candidates_that_can_be_asked_for(self):
        self.report.active = False
        other = self.definition._track_for("department", self.department)
        found = self._ask("visits")
        self.assertEqual((found["outcome"], found["answer"]), ("ambiguous", None))
        candidates = {each["report"]["id"]: each for each in found["candidates"]}
        self.assertIn(other.id, candidates)
        again = self._ask(candidates[self.in_north.id]["question"])
        self.assertEqual(again["answer"]["report"]["id"], self.in_north.id)

    def test_of_several_that_may_be_meant_the_certified_one_is(self):
        self.report.active = False
        second = self._definition("Visits", "api_visits_checked")
        checked = second._track_for("department", self.department)
        rows = [(checked.id, date(2025, 2, 1), 9.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        self.assertEqual(self._ask("visits")["outcome"], "ambiguous")
        second.with_user(self.env.ref("base.user_admin"))._certify(
            date.today() + timedelta(days=30)
        )
        self.assertEqual(self._value("visits"), 9.0)

    def test_names_that_are_not_whole_get_candidates_and_no_number(self):
        self._definition("Visits abroad", "api_abroad")
        for question in ("vis", "number of vis", "visits of the moon"):
            found = self._ask(question)
            self.assertNotEqual(found["outcome"], "answered")
        self.assertEqual(self._value("Visitss"), 7.0)  # one letter too many

    def test_a_word_that_says_more_is_named(self):
        for question, word in (
            ("visits without refunds", "refunds"),
            ("visits as of the moon", "moon"),
            ("visits; DROP TABLE kpi_report", "drop"),
        ):
            with self.subTest(question=question):
                found = self._ask(question)
                self.assertIsNone(found["answer"])
                self.assertIn(word, found["reading"])

    def test_a_day_that_there_is_not_is_no_error(self):
        found = self._ask("visits on 2025-02-30")
        self.assertEqual(found["answer"], None)

    def test_of_a_period_that_the_kpi_does_not_have_the_longer_one_is_offered(self):
        found = self._ask("visits on 2025-02-10")
        self.assertEqual((found["outcome"], found["answer"]), ("ambiguous", None))
        (offered,) = found["candidates"]
        self.assertIn("from 2025-02-01 to 2025-02-28", offered["question"])

    def test_why_a_kpi_moved_is_answered_with_its_parts(self):
        found = self._ask("why did visits rise in February 2025")
        self.assertEqual((found["outcome"], found["answer"]), ("answered", None))
        change = found["change"]
        self.assertEqual((change["from"]["value"], change["to"]["value"]), (5.0, 7.0))
        self.assertEqual(found["sentences"], change["sentences"])

    def test_forecasts_and_unusual_values_are_answered(self):
        day = date(2025, 3, 1)
        self.env["kpi.predictive.point"].create(
            {
                "report_id": self.report.id,
                "is_latest": True,
                "made_on": day,
                "period_start": day,
                "value": 8.0,
            }
        )
        found = self._ask("forecast visits")
        (point,) = found["forecast"]
        self.assertEqual((point["value"], point["low"]), (8.0, None))
        self.assertEqual(point["report"]["id"], self.report.id)
        self.env["kpi.anomaly"].create(
            {
                "report_id": self.report.id,
                "period_start": day,
                "period_last": day,
                "oddest_start": day,
                "kind": "gap",
                "score_size": 0.0,
            }
        )
        (odd,) = self._ask("unusual values of visits")["anomalies"]
        self.assertEqual((odd["kind"], odd["value"]), ("gap", None))

    def test_answers_hold_what_the_keys_owner_sees(self):
        self.assertEqual(self._value("my visits", who="user"), 1.0)
        self.assertEqual(self._value("visits", who="user"), 1.0)  # the only one seen
        for question in ("visits of North", "visits for the company"):
            found = self._ask(question, who="user")
            self.assertIsNone(found["answer"])
            seen = [each["report"]["id"] for each in found["candidates"]]
            self.assertIn(seen, ([], self.own_report.ids))

    def test_other_companies_are_not_asked(self):
        other = self.env["res.company"].create({"name": "Api Other"})
        secret = self._definition("Secret", "api_secret", company_id=other.id)
        secret._track_for("company", other)
        found = self._ask("secret")
        self.assertEqual((found["answer"], found["candidates"]), (None, []))

    def test_a_key_that_only_reads_may_ask(self):
        key = self._key("officer", scopes=["kpi.read"])
        body = {"question": "visits"}
        answer = self.ask("/query", key=key, json=body, method="POST")
        self.assertEqual(answer.json()["answer"]["value"], 7.0)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_questions_have_an_end(self):
        for question in ("", "   ", "x" * 501):
            body = {"question": question}
            answer = self.ask("/query", json=body, method="POST")
            self.assertProblem(answer, "invalid")

    def test_what_is_proposed_is_done_with_a_key_that_writes(self):
        rules = self.env["kpi.smart.alert"]
        before = rules.search_count([])
        found = self._ask("alert me when visits are below 4")
        self.assertEqual(found["outcome"], "proposed")
        self.assertEqual(rules.search_count([]), before)
        body = {"token": found["proposal"]["token"]}
        key = self._key("officer", scopes=["kpi.read"])
        answer = self.ask("/query/confirm", key=key, json=body, method="POST")
        self.assertProblem(answer, "insufficient-scope")
        done = self.ask("/query/confirm", json=body, method="POST").json()
        self.assertEqual(done["records"][0]["model"], "kpi.smart.alert")
        self.assertEqual(rules.search_count([]), before + 1)
        again = self.ask("/query/confirm", json=body, method="POST")
        self.assertProblem(again, "invalid")
        other = self.ask("/query/confirm", who="user", json=body, method="POST")
        self.assertProblem(other, "invalid")

    def test_a_question_follows_up_on_the_answer_before(self):
        before = self._ask("visits of North in February 2025")
        asked = {"question": "and for the company?", "after": before["after"]}
        answer = self.ask("/query", json=asked, method="POST").json()
        self.assertEqual(answer["outcome"], "answered", answer)
        self.assertEqual(answer["intent"]["period"]["from"], "2025-02-01")

    def test_a_context_that_is_none_is_refused(self):
        for after in ({"kind": "value"}, {"x": 1}, {"kind": "x" * 100_000}, ["x"]):
            asked = {"question": "and in January 2025?", "after": after}
            answer = self.ask("/query", json=asked, method="POST")
            self.assertIn(answer.status_code, (400, 422), answer.text)
