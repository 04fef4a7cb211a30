from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiNlpProcessorScreen(QuestionCase):
    """What screens show of an answer, and what can be corrected in it."""

    def _show(self, question, **chosen):
        return self.processor.ask(question, chosen)

    def _chips(self, found):
        return {chip["key"]: chip["text"] for chip in found["chips"]}

    def _choices(self, found, key):
        (chip,) = [chip for chip in found["chips"] if chip["key"] == key]
        return {choice["value"]: choice["text"] for choice in chip["choices"]}

    def test_a_forecast_of_which_no_value_meets_the_limit(self):
        self.env["kpi.predictive.point"].create(
            {
                "report_id": self.own.id,
                "is_latest": True,
                "made_on": date(2026, 3, 1),
                "period_start": date(2026, 4, 1),
                "value": 80.0,
            }
        )
        for limit, count in ((70, 1), (90, 0)):
            found = self.processor.ask(
                f"asked visits forecast above {limit} for April 2026"
            )
            self.assertEqual(found["outcome"], "answered")
            said = " ".join(found["sentences"])
            self.assertEqual(said.count("expected"), count, said)

    def test_what_was_read_is_shown_part_by_part(self):
        found = self._show("asked visits of Asked Sales in January 2026")
        self.assertEqual(
            self._chips(found),
            {
                "kind": "Value",
                "metric": "Asked Visits",
                "scope": "Asked Sales",
                "period": "Jan 2026",
            },
        )
        self.assertEqual(found["kpi"]["id"], self.of_sales.id)
        self.assertIn("30, target 25", found["sentences"][0])

    def test_each_part_can_be_another(self):
        question = "asked visits of Asked Sales in January 2026"
        found = self._show(question)
        others = self._choices(found, "metric")
        self.assertEqual(others[str(self.orders.id)], "Asked Orders")
        found = self._show(question, metric=str(self.orders.id))
        self.assertIn("Asked Orders, Asked Sales, Jan 2026: 3", found["sentences"][0])
        self.assertIn("company", self._choices(self._show(question), "scope"))
        found = self._show(question, scope="company")
        self.assertIn(": 90", found["sentences"][0])
        found = self._show(question, scope="company", kind="explain")
        self.assertEqual(found["changed_to"], "2026-01-01")
        self.assertEqual(self._chips(found)["period"], "Jan 2026")
        found = self._show("asked visits in January 2026", period="")
        self.assertEqual(found["outcome"], "answered")
        found = self._show("asked visits", period="year:1", kind="trend")
        self.assertIn("2025", self._chips(found)["period"])

    def test_a_status_can_be_another(self):
        question = "which KPIs of Asked Sales are below target in January 2026"
        found = self._show(question)
        self.assertEqual([row["name"] for row in found["rows"]], ["Asked Orders"])
        self.assertIs(found["rows"][0]["is_running"], False)
        found = self._show(question, status="on_target")
        self.assertEqual([row["name"] for row in found["rows"]], ["Asked Visits"])

    def test_only_what_the_user_sees_can_be_chosen(self):
        other = self.env["res.company"].create({"name": "Asked Elsewhere"})
        hidden = self._definition("Asked Hidden", "asked_hidden")
        hidden.company_id = other
        found = self._show(
            "asked visits in January 2026",
            scope=f"company:{other.id}",
            metric=str(hidden.id),
        )
        self.assertNotIn("Elsewhere", str(found))
        self.assertEqual(self._chips(found)["metric"], "Asked Visits")
        for odd in ("x", "department:", "department:0", "user:99999999"):
            found = self._show("asked visits in January 2026", scope=odd, kind=odd)
            self.assertEqual(found["outcome"], "answered")

    def test_a_ranking_has_its_numbers_in_words(self):
        found = self._show(
            "which department has the highest asked visits in January 2026"
        )
        self.assertEqual(
            [(row["name"], row["text"]) for row in found["rows"]],
            [("Asked Sales", "30")],
        )

    def test_a_proposal_is_not_done_yet(self):
        found = self._show("alert me when asked visits are below 95")
        self.assertEqual(found["outcome"], "proposed")
        done = self.processor.confirm_action(found["proposal"])
        self.assertEqual(done["records"][0]["model"], "kpi.smart.alert")

    def test_what_was_not_understood_is_listed_without_who_asked(self):
        listed = self.env["kpi.question.unread"]
        for _time in range(2):
            found = self._show("how many frobnications did we have")
            self.assertEqual(found["outcome"], "not_understood")
        unread = listed.search([("text", "ilike", "frobnications")])
        self.assertEqual((unread.times, unread.company_id), (2, self.env.company))
        self.assertIn("frobnications", unread.words)
        # Odoo stores it with activities: it does not say the words.
        self.assertNotIn("frobnications", unread.display_name)
        self.assertNotIn("create_uid", listed._fields)
        action = unread.with_user(self.officer).action_add_name()
        self.assertEqual(action["context"]["default_text"], "frobnications")
        self._show("delete all KPIs")
        self.assertFalse(listed.search([("text", "ilike", "delete")]))
        reader = new_test_user(
            self.env, "asked_reader", "base.group_user,kpi_base.kpi_base_group_user"
        )
        with self.assertRaises(AccessError):
            unread.with_user(reader).read(["text"])

    def test_the_list_ends_after_90_days(self):
        listed = self.env["kpi.question.unread"]
        for days in (91, 89):
            listed.create(
                {
                    "text": f"asked {days} days ago",
                    "asked_on": date(2026, 3, 18) - timedelta(days=days),
                    "company_id": self.env.company.id,
                }
            )
        listed._gc_old()
        found = listed.search([("text", "ilike", "days ago")])
        self.assertEqual(found.mapped("text"), ["asked 89 days ago"])

    def test_a_part_of_a_month_is_answered_by_the_month(self):
        found = self._show("asked visits from 1 March 2026 to 15 March 2026")
        self.assertEqual(found["outcome"], "ambiguous")
        self.assertIn("Ask for Mar 2026", found["sentences"][0])
        (offered,) = found["candidates"]
        self.assertTrue(offered["text"].endswith(", 2026-03-01 – 2026-03-31"))
        rows = [(self.own.id, date(2026, 3, 1), 45)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        found = self._show(offered["question"])
        self.assertIn("Mar 2026 so far: 45", found["sentences"][0])
        found = self._show("asked visits last 10 weeks")
        self.assertIn("Ask for Jan 2026 – Mar 2026", found["sentences"][0])
        found = self._show(found["candidates"][0]["question"])
        self.assertEqual(len(found["sentences"]), 3)

    def test_statements_do_not_grow_with_kpis(self):
        questions = (
            "which KPIs are below target",
            "top 3 KPIs",
            "asked visits by department",
            "asked visits and asked orders by department last month",
        )

        def count(question):
            self._show(question)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._show(question)
            return self.cr.sql_log_count - before

        few = [count(question) for question in questions]
        departments = self.env["hr.department"].create(
            [{"name": f"Asked Unit {n}"} for n in range(15)]
        )
        kpis = self.visits | self.orders
        for n in range(3):
            kpis |= self._definition(f"Asked More {n}", f"asked_more_{n}")
        kpis._track_for("department", departments)
        rows = [(kpi.id, date(2026, 2, 1), kpi.id) for kpi in kpis.report_ids]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        self.assertEqual([count(question) for question in questions], few)

    def test_a_list_of_statuses_is_of_the_last_closed_period(self):
        running = [(self.orders_of_sales.id, date(2026, 3, 1), 12)]
        self.env["kpi.measurement"]._upsert("month", running, source="api")
        found = self._show("which KPIs of Asked Sales are off target")
        self.assertIn("Asked Orders", [row["name"] for row in found["rows"]])
        labels = {row["label"] for row in found["rows"]}
        self.assertEqual(labels, {"Jan 2026"})
        found = self._show("which KPIs of Asked Sales are off target this month")
        self.assertNotIn("Asked Orders", [row["name"] for row in found["rows"]])
