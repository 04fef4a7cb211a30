import io
from datetime import date, datetime
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import Form, tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.tests.user_links import end_connection, list_connections

from .test_kpi_period_report import NOW, KpiPeriodReportCase, month

GROUP = "kpi_base.kpi_base_group_%s"


class KpiScheduleCase(KpiPeriodReportCase):
    """Ann sees her own KPI, Olga and Otto see all, Nora sees none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kpi_calendar_id = cls.calendar
        cls.ann = cls._create_user("ann_mail", groups=GROUP % "user")
        cls.nora = cls._create_user("nora_mail", groups=GROUP % "user")
        cls.olga = cls._create_user("olga_mail", groups=GROUP % "officer")
        cls.otto = cls._create_user("otto_mail", groups=GROUP % "officer")
        cls.own = cls.revenue.definition_id._track_for(
            "user", cls.ann, company_id=cls.company.id
        )
        rows = [(cls.own.id, month("2026-02"), 21.0)]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
        cls.env["kpi.target"].create(
            {"report_id": cls.own.id, "date_from": "2025-01-01", "value": 30}
        )
        kpis = cls.revenue | cls.complaints | cls.own
        cls.table = cls.reports.create(
            {
                "name": "Sales by month",
                "owner_id": cls.olga.id,
                "company_id": cls.company.id,
                "period_count": 2,
                "report_ids": [Command.set(kpis.ids)],
            }
        )
        cls.schedule = cls.env["kpi.period.report.schedule"].create(
            {
                "period_report_id": cls.table.id,
                "user_ids": [Command.set((cls.ann | cls.olga).ids)],
                "has_xlsx": True,
                "active_since": "2026-01-01 00:00:00",
            }
        )

    def _as(self, user, records):
        """``records`` as the user's next request sees them."""
        self.env.invalidate_all()
        companies = user.company_ids.ids
        return records.with_user(user).with_context(allowed_company_ids=companies)

    def _mails(self, *users, key="now"):
        with self._at(NOW):
            return self.schedule._queue_mails(dict.fromkeys(users), key)


@tagged("post_install", "-at_install")
class TestKpiPeriodReportMail(KpiScheduleCase):
    def test_a_neutralized_copy_mails_nothing(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self.schedule.active)

    def test_a_new_table_is_saved_with_its_mails(self):
        form = Form(self._as(self.olga, self.reports))
        form.name = "Weeks"
        with form.schedule_ids.new() as mail:
            mail.frequency = "week"
        saved = form.save()
        self.assertEqual(saved.schedule_ids.frequency, "week")

    def test_the_subject_carries_the_number_that_is_furthest_off(self):
        mails = {mail.user_id: mail for mail in self._mails(self.ann, self.olga)}
        # Ann: 21 of 30; Olga sees that too, and it is the worst of all
        subject = "Sales by month: Revenue – ann_mail 21, 30% below target"
        self.assertEqual(mails[self.ann].subject, subject)
        self.assertEqual(mails[self.olga].subject, subject)
        self.assertIn("✕ Off track", mails[self.ann].body)
        self.schedule.period_report_id.report_ids = self.complaints
        with self._at("2026-02-10 12:00:00"):  # January: 5 complaints instead of 4
            (mail,) = self.schedule._queue_mails({self.olga: None}, "january")
        name = self.complaints.name
        self.assertEqual(mail.subject, f"Sales by month: {name} 5, 25% above target")

    def test_nobody_gets_a_number_that_they_may_not_see(self):
        mails = {mail.user_id: mail for mail in self._mails(self.ann, self.olga)}
        own, all_ = mails[self.ann], mails[self.olga]
        self.assertIn(self.complaints.name, self._text(all_))
        self.assertEqual(own.report_ids, self.own)
        for name in (self.revenue.name, self.complaints.name):
            self.assertNotIn(name, own.body + self._text(own))
        self.assertIn("21", self._text(own))

    def _text(self, mail):
        """What stands in the body and in the spreadsheet."""
        (sheet,) = mail.attachment_ids.filtered(lambda file: "xlsx" in file.name)
        lines = load_workbook(io.BytesIO(sheet.raw)).active.iter_rows(values_only=True)
        return mail.body + " ".join(str(value) for line in lines for value in line)

    def test_who_sees_the_same_shares_one_rendering_and_its_files(self):
        mails = self._mails(self.olga, self.otto, self.ann)
        files = {mail.user_id: mail.attachment_ids for mail in mails}
        self.assertEqual(files[self.olga], files[self.otto])
        self.assertEqual(len(files[self.olga]), 2)
        self.assertFalse(files[self.olga] & files[self.ann])

    def test_who_sees_nothing_gets_nothing(self):
        self.assertFalse(self._mails(self.nora))
        self.schedule.user_ids = self.nora
        with self.assertRaisesRegex(UserError, "any KPI in this email"):
            self._as(self.nora, self.schedule).action_send_to_me()

    def test_each_mail_speaks_the_language_of_its_receiver(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.olga.lang = "de_DE"
        self.table.report_ids = self._entered("Big", {"2026-02": 1234}, target=2000)
        mails = {mail.user_id: mail for mail in self._mails(self.olga, self.otto)}
        self.assertIn("1.234", mails[self.olga].body)
        self.assertIn("1,234", mails[self.otto].body)

    def test_names_are_no_markup_in_the_mail(self):
        self.own.definition_id.name = "<script>alert(1)</script>"
        (mail,) = self._mails(self.ann)
        self.assertNotIn("<script", mail.body)
        self.assertIn("&lt;script&gt;", mail.body)

    def test_a_table_of_hidden_kpis_stays_empty_and_shows_no_others(self):
        self.table.write({"is_shared": True, "report_ids": self.revenue.ids})
        reports = self._as(self.ann, self.reports)
        start = reports.get_start()["reports"]
        options = next(t["options"] for t in start if t["id"] == self.table.id)
        self.assertEqual(reports.get_matrix(options)["sections"], [])
        self.assertTrue(reports.get_matrix({})["sections"])

    def test_a_right_that_was_lost_meanwhile_stops_the_mail(self):
        (mail,) = self._mails(self.ann)
        mail._check_receiver()
        self.own.write({"user_id": self.nora.id, "owner_id": self.olga.id})
        with self.assertRaises(DeliverySkipped):
            mail._check_receiver()

    def test_a_receiver_opens_the_table_and_may_leave(self):
        self.assertEqual(self._as(self.ann, self.table).name, "Sales by month")
        (mail,) = self._mails(self.ann)
        self._as(self.ann, self.schedule).action_leave()
        self.assertEqual(self.schedule.user_ids, self.olga)
        with self.assertRaises(DeliverySkipped):
            mail._check_receiver()
        with self.assertRaises(AccessError):
            self._as(self.ann, self.schedule).action_leave()
        self._as(self.olga, self.schedule).action_leave()
        self.assertFalse(self.schedule.active)

    def test_connections_list_the_email_and_end_it(self):
        end_connection(self, self.schedule, self.ann)
        self.assertEqual(self.schedule.user_ids, self.olga)
        end_connection(self, self.schedule, self.olga)
        self.assertFalse(self.schedule.active)

    def test_employees_schedule_for_themselves_managers_for_others(self):
        table = self._as(self.ann, self.reports).create({"name": "Mine"})
        schedules = self._as(self.ann, self.env["kpi.period.report.schedule"])
        values = {"period_report_id": table.id}
        self.assertEqual(schedules.create(values).user_ids, self.ann)
        with self.assertRaisesRegex(ValidationError, "Ask a KPI manager"):
            schedules.create({**values, "user_ids": self.olga.ids})


@tagged("post_install", "-at_install")
class TestKpiPeriodReportSchedule(KpiScheduleCase):
    def _run(self, moment):
        """Receivers of what a run of the cron at ``moment`` queues, and when."""
        deliveries = self.env["kpi.delivery"]
        before = deliveries.search([])
        with self._at(moment):
            while self.schedule._queue_due():
                pass
            self.env.flush_all()
        new = deliveries.search([]) - before
        return {mail.user_id: mail.due_at for mail in new}

    def test_a_run_without_time_mails_one_receiver_and_the_next_goes_on(self):
        """What both see alike is written once in a run."""
        self.schedule.user_ids = both = self.olga | self.otto
        written = self.startPatcher(
            patch.object(type(self.schedule), "_mail", return_value={"subject": "S"})
        )
        sent = []
        progress = type(self.env["ir.cron"])
        with (
            self._at("2026-03-01 12:00:00"),
            patch.object(progress, "_commit_progress", return_value=0),
        ):
            for _run in range(3):
                self.schedule._cron_queue()
                sent.append(self.env["kpi.delivery"].search([]).user_id)
        self.assertEqual(len(sent[0] & both), 1)
        self.assertEqual([users & both for users in sent[1:]], [both] * 2)
        self.assertEqual(written.call_count, 2, "by each run")
        with self._at("2026-04-02 00:00:00"):
            mails = {}
            self.assertTrue(self.schedule._queue_due(mails))
            self.cr.postcommit.run()
            self.assertFalse(self.schedule._queue_due(mails))
        self.assertEqual(written.call_count, 3, "once in a run")

    def test_each_period_is_mailed_once_at_the_hour_of_each_receiver(self):
        self.ann.tz = "America/New_York"  # UTC − 5 in winter
        self.olga.tz = "Europe/Berlin"  # UTC + 1
        self.assertEqual(self._run("2026-03-01 05:59:00"), {})
        # 7:00 in Berlin; New York's leaves when it is 7:00 there
        self.assertEqual(
            self._run("2026-03-01 06:01:00"),
            {
                self.olga: datetime(2026, 3, 1, 6),
                self.ann: datetime(2026, 3, 1, 12),
            },
        )
        self.assertEqual(self._run("2026-03-01 12:01:00"), {})
        self.assertEqual(self._run("2026-03-20 12:01:00"), {})
        self.assertEqual(set(self._run("2026-04-02 00:00:00")), {self.ann, self.olga})

    def test_a_second_run_that_does_not_know_of_the_first_sends_nothing_twice(self):
        self.assertTrue(self._run("2026-03-02 12:00:00"))
        self.schedule.last_day = False
        self.assertEqual(self._run("2026-03-02 12:15:00"), {})

    def test_what_was_due_before_it_was_set_up_is_not_sent(self):
        self.schedule.active_since = "2026-03-02 09:00:00"
        self.assertEqual(self._run("2026-03-02 09:15:00"), {})
        with self._at("2026-04-01 12:00:00"):
            self.schedule.active = False
            self.schedule.active = True
        self.assertEqual(self._run("2026-04-01 12:15:00"), {})

    def test_a_connection_is_as_old_as_the_emails(self):
        connections = self._as(self.ann, self.env["kpi.connection"])
        for moment in ("2026-01-01 00:00:00", "2026-04-01 12:00:00"):
            rows = list_connections(connections, connections.action_open_mine())
            self.assertEqual(rows.mapped("since"), [datetime.fromisoformat(moment)])
            with self._at("2026-04-01 12:00:00"):
                self.schedule.active = False
                self.schedule.active = True

    def test_the_day_counts_from_the_end_of_the_period_of_the_calendar(self):
        cases = (  # today, how often, day after the period, last day, next day
            ("2026-03-11", "month", 1, "2026-03-01", "2026-04-01"),
            ("2026-03-11", "month", 15, "2026-02-15", "2026-03-15"),
            ("2026-03-11", "week", 1, "2026-03-09", "2026-03-16"),  # a Monday
            ("2026-03-11", "week", 3, "2026-03-11", "2026-03-11"),
            ("2026-03-11", "day", 1, "2026-03-11", "2026-03-11"),
            ("2026-03-11", "quarter", 1, "2026-02-01", "2026-05-01"),  # fiscal
            ("2026-03-11", "year", 28, "2026-02-28", "2027-02-28"),
        )
        for today, frequency, delay, last, upcoming in cases:
            with self.subTest(frequency=frequency, delay=delay), self._at(today):
                self.schedule.write({"frequency": frequency, "delay_days": delay})
                self.assertEqual(self.schedule._latest_day(), date.fromisoformat(last))
                self.assertEqual(self.schedule.next_day, date.fromisoformat(upcoming))

    def test_a_day_that_the_next_period_would_overtake_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "enter 1 to 7 .*, not 9"):
            self.schedule.write({"frequency": "week", "delay_days": 9})
