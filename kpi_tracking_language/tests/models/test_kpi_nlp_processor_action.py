from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiNlpProcessorAction(QuestionCase):
    """Alerts and mails are proposed, and made by a second call."""

    def _propose(self, question, processor=None):
        asked = self.processor if processor is None else processor
        found = asked.process_natural_language_query(question)
        self.assertEqual(found["outcome"], "proposed", found)
        return found

    def _confirm(self, question):
        token = self._propose(question)["proposal"]["token"]
        done = self.processor.confirm_action(token)
        (record,) = done["records"]
        return self.env[record["model"]].browse(record["id"])

    def _refuse(self, token, processor=None):
        with self.assertRaises(UserError), self.cr.savepoint():
            (self.processor if processor is None else processor).confirm_action(token)

    def _count(self):
        names = ("kpi.smart.alert", "kpi.period.report", "kpi.period.report.schedule")
        return [self.env[name].search_count([]) for name in names]

    def test_an_alert_is_made_once_it_is_confirmed(self):
        before = self._count()
        found = self._propose("alert me when asked visits are below 95")
        self.assertEqual(self._count(), before)
        self.assertIn("is below 95", found["sentences"][0])
        # of 100, 120 and 90 one is
        self.assertEqual(found["sentences"][1], "In the last year: one alert.")
        self.processor.confirm_action(found["proposal"]["token"])
        rule = self.env["kpi.smart.alert"].search([], order="id desc", limit=1)
        self.assertEqual(
            (rule.report_ids, rule.condition, rule.threshold, rule.compared),
            (self.own, "below", 95, "value"),
        )
        self.assertEqual((rule.owner_id, rule.state), (self.officer, "on"))
        self.assertTrue(rule.is_personal)

    def test_a_change_is_compared_with_the_period_before(self):
        rule = self._confirm(
            "alert me if asked visits drop more than 10% vs last month"
        )
        self.assertEqual(
            (rule.compared, rule.condition, rule.threshold), ("previous", "below", -10)
        )
        found = self.processor.process_natural_language_query(
            "alert me if asked visits drop more than 10% vs last week"
        )
        self.assertIsNone(found["proposal"])

    def test_a_token_counts_once_for_one_user_and_ten_minutes(self):
        question = "alert me when asked visits are below 95"
        token = self._propose(question)["proposal"]["token"]
        other = new_test_user(
            self.env, "asked_other", "base.group_user,kpi_base.kpi_base_group_officer"
        )
        self._refuse(token, self.processor.with_user(other))
        for forged in (token[:-2] + "zz", "", "é", "x" * 60):
            self._refuse(forged)
        self.processor.confirm_action(token)
        self._refuse(token)
        token = self._propose(question)["proposal"]["token"]
        with freeze_time("2026-03-18 00:11:00"):
            self._refuse(token)

    def test_rights_that_were_taken_meanwhile_count(self):
        reader = new_test_user(
            self.env, "asked_reader", "base.group_user,kpi_base.kpi_base_group_user"
        )
        self.own.owner_id = reader
        processor = self.processor.with_user(reader)
        question = "alert me when asked visits are below 95"
        token = self._propose(question, processor)["proposal"]["token"]
        self.own.owner_id = self.officer
        before = self._count()
        with self.assertRaises(AccessError), self.cr.savepoint():
            processor.confirm_action(token)
        self.assertEqual(self._count(), before)

    def test_only_officers_have_others_notified(self):
        reader = new_test_user(
            self.env, "asked_reader", "base.group_user,kpi_base.kpi_base_group_user"
        )
        colleague = new_test_user(
            self.env, "asked_zoe", "base.group_user,kpi_base.kpi_base_group_user"
        )
        colleague.name = "Zoe Quimby"
        self.own.owner_id = reader
        self.visits._track_for("user", colleague)
        question = "tell Zoe Quimby when asked visits are below 95"
        rule = self._confirm(question)
        self.assertEqual((rule.user_ids, rule.is_personal), (colleague, False))
        found = self.processor.with_user(reader).process_natural_language_query(
            question
        )
        self.assertIsNone(found["proposal"])

    def test_ones_own_alert_is_turned_off(self):
        rule = self._confirm("alert me when asked visits are below 95")
        self._propose("stop alerting me about asked visits")
        self.assertEqual(rule.state, "on")
        self._confirm("stop alerting me about asked visits")
        self.assertEqual(rule.state, "draft")
        found = self._ask("stop alerting me about asked visits")
        self.assertIsNone(found["proposal"])

    def test_a_table_is_mailed_on_the_day_asked_for(self):
        before = self._count()
        found = self._propose("email me asked visits every Tuesday at 8am")
        self.assertEqual(self._count(), before)
        self.assertIn("Asked Visits", found["sentences"][0])
        self.assertIn("Tuesday, March 24, 2026", found["sentences"][0])
        self.assertIn("at 8:00 AM", found["sentences"][0])
        self.processor.confirm_action(found["proposal"]["token"])
        table = self.env["kpi.period.report"].search([], order="id desc", limit=1)
        self.assertEqual((table.report_ids, table.owner_id), (self.own, self.officer))
        schedule = table.schedule_ids
        self.assertEqual(
            (schedule.frequency, schedule.hour, schedule.user_ids),
            ("week", 8, self.officer),
        )
        # Periods end on Sunday.
        self.assertEqual(schedule.delay_days, 2)

    def test_a_table_of_a_department_follows_its_kpis(self):
        table = self._confirm(
            "send me the Asked Sales KPIs on the first of every month"
        )
        self.assertEqual(table.department_ids, self.department)
        self.assertFalse(table.report_ids)
        self.assertEqual(table.schedule_ids.delay_days, 1)

    def test_tables_are_not_of_a_status_nor_of_the_31st(self):
        for question in (
            "send me the off target KPIs weekly",
            "send me asked visits on the 31st of every month",
        ):
            found = self.processor.process_natural_language_query(question)
            self.assertIsNone(found["proposal"])
            self.assertNotEqual(found["outcome"], "answered")

    def test_the_first_day_of_a_mail_is_one_to_come(self):
        schedule = {"frequency": "day", "delay_days": 1, "hour": 7}
        today = self.processor._get_calendar()._today()
        self.assertEqual(self.processor._find_next_day(schedule | {"hour": 23}), today)
        with freeze_time("2026-03-18 12:00:00"):
            self.assertEqual(
                self.processor._find_next_day(schedule), today + timedelta(days=1)
            )
