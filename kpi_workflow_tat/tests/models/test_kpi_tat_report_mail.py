import csv
import io
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin
from odoo.addons.kpi_base.tests.user_links import end_connection

from ...report import kpi_tat_view
from ...report.kpi_tat_report_schedule import REPORTS
from .report_case import NOW, ReportCase

APRIL = "2026-04-01 09:00:00"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestKpiTatReportMail(ClockMixin, ReportCase):
    """Reports by mail: each receiver gets the rows of the period that they may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._make_user("mail-officer", "officer")
        cls.stranger = cls._make_user("mail-stranger")
        cls.schedule = cls.env["kpi.tat.report.schedule"].create(
            {
                "report": "kpi.tat.compliance",
                "company_id": cls.company.id,
                "user_ids": [Command.set((cls.people[0] | cls.officer).ids)],
                "has_csv": True,
                "active_since": "2026-01-01 00:00:00",
            }
        )

    def _mails(self, *users, key="now"):
        with self._at(APRIL):
            found = self.schedule._queue_mails(dict.fromkeys(users), key)
        return {mail.user_id: mail for mail in found}

    def _read_csv(self, mail):
        (file,) = mail.attachment_ids.filtered(lambda one: one.name.endswith(".csv"))
        return list(csv.reader(io.StringIO(file.raw.decode("utf-8-sig"))))[1:]

    def _find_expected(self, user):
        """Overdue clocks of March that a person may see."""
        view = self.env["kpi.tat.compliance"].with_user(user)
        return view.with_context(
            allowed_company_ids=self.company.ids,
            kpi_tat_date_from="2026-02-28 23:00:00",  # in Brussels
            kpi_tat_date_to="2026-03-31 22:00:00",
        ).search([("outcome", "=", "breached")])

    def test_each_receiver_gets_what_they_may_see(self):
        ann = self.people[0]
        mails = self._mails(ann, self.officer, self.stranger)
        self.assertEqual(set(mails), {ann, self.officer})
        counts = {}
        for user, mail in mails.items():
            expected = self._find_expected(user)
            numbers = sorted(row[0] for row in self._read_csv(mail))
            self.assertEqual(numbers, sorted(expected.mapped("request_number")))
            counts[user] = len(expected)
            self.assertIn(f"Breaches: {len(expected)} overdue", mail.subject)
            self.assertIn("Mar 1 to Mar 31", mail.subject)
        self.assertLess(0, counts[ann])
        self.assertLess(counts[ann], counts[self.officer])

    def test_connections_list_the_email_and_end_it(self):
        ann = self.people[0]
        end_connection(self, self.schedule, ann)
        self.assertEqual(self.schedule.user_ids, self.officer)

    def test_who_sees_the_same_shares_its_files(self):
        other = self._make_user("mail-officer-2", "officer")
        mails = self._mails(self.officer, other, self.people[0])
        files = {user: mail.attachment_ids for user, mail in mails.items()}
        self.assertEqual(files[self.officer], files[other])
        self.assertEqual(len(files[other]), 2)  # PDF and CSV
        self.assertFalse(files[other] & files[self.people[0]])

    def test_each_report_is_mailed(self):
        for report, name in REPORTS:
            self.schedule.report = report
            mails = self._mails(self.officer, key=report)
            with self.subTest(report):
                mail = mails[self.officer]
                self.assertTrue(mail.subject.startswith(f"{name}: "), mail.subject)
                rows = self._read_csv(mail)
                with self._at(APRIL):
                    seen = self.schedule._find_rows_of(self.officer)
                self.assertEqual(len(rows), len(seen))
                self.assertIn("Open Report", mail.body)
                action = self.env["ir.actions.act_window"].search(
                    [("path", "=", seen._screen_path)]
                )
                self.assertEqual(action.res_model, report)

    def test_a_report_too_long_for_excel_is_mailed_without_it_and_says_so(self):
        self.schedule.has_xlsx = True
        mail = self._mails(self.officer)[self.officer]
        self.assertEqual(len(mail.attachment_ids), 3)
        self.assertNotIn("Too many rows", mail.body)
        with patch.object(kpi_tat_view, "MOST_XLSX_ROWS", 1):
            mail = self._mails(self.officer, key="long")[self.officer]
        endings = {
            name.rpartition(".")[2] for name in mail.attachment_ids.mapped("name")
        }
        self.assertEqual(endings, {"pdf", "csv"})
        self.assertIn("Too many rows for Excel", mail.body)

    def test_the_cron_queues_a_mail_once(self):
        with self._at("2026-04-01 05:59:00"):
            while self.schedule._queue_due():
                pass
        found = self.env["kpi.delivery"].search(
            [("res_id", "=", self.schedule.id), ("res_model", "=", self.schedule._name)]
        )
        for _ in range(2):
            with self._at(APRIL):
                while self.schedule._queue_due():
                    pass
        mails = self.env["kpi.delivery"].search(
            [("res_id", "=", self.schedule.id), ("res_model", "=", self.schedule._name)]
        )
        self.assertFalse(found - mails)
        self.assertEqual(mails.user_id, self.schedule.user_ids)
        self.assertEqual(len(mails), 2)
        self.assertEqual(str(self.schedule.last_day), "2026-04-01")

    def test_who_left_the_company_gets_nothing(self):
        self.officer.company_id = self.other_company
        self.officer.company_ids = self.other_company
        self.assertFalse(self._mails(self.officer))

    def test_all_receivers_get_the_days_of_the_company(self):
        found = []
        for zone in ("Pacific/Auckland", "America/Los_Angeles", False):
            self.officer.tz = zone
            with self._at(APRIL):
                rows = self.schedule._find_rows_of(self.officer)
                period = rows._get_period()
            found.append((rows.ids, period))
            self.assertEqual(
                [str(moment) for moment in period],
                ["2026-02-28 23:00:00", "2026-03-31 22:00:00"],
            )
        self.assertEqual(found[1:], found[:1] * 2)

    def test_mails_wait_until_the_period_has_ended_for_the_company(self):
        """Its calendar is of Auckland, where the day begins 13 hours before UTC's."""
        self.schedule._calendar().tz = "Pacific/Auckland"
        self.schedule.user_ids.tz = "Pacific/Auckland"
        self.company.partner_id.tz = False
        self.schedule.last_day = "2026-03-01"
        for moment, is_sent in (
            ("2026-03-31 19:00:00", False),
            ("2026-03-31 23:59:59", False),
            ("2026-04-01 00:00:00", True),
        ):
            with self._at(moment):
                while self.schedule._queue_due():
                    pass
            day = "2026-04-01" if is_sent else "2026-03-01"
            self.assertEqual(str(self.schedule.last_day), day, moment)

    def test_nothing_to_send_says_so(self):
        own = self.schedule.copy(
            {"user_ids": [Command.set(self.stranger.ids)], "owner_id": self.stranger.id}
        )
        with self.assertRaisesRegex(UserError, "No rows you can access"):
            own.with_user(self.stranger).with_context(
                allowed_company_ids=self.company.ids
            ).action_send_to_me()

    def test_a_neutralized_copy_mails_nothing(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self.schedule.active)
