import re
from datetime import datetime
from random import Random
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.tests.user_links import end_connection
from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS
from odoo.addons.kpi_tracking.tests.models.test_kpi_period_report import NOW, month

from ...engine.output.shown import Cell, ShownTile, Table
from ...models.output import kpi_dashboard_records
from ...models.output.kpi_dashboard_schedule import (
    _find_worst,
    _list_shown,
    _rank_others,
    _short_table,
)
from .dashboard_case import settle_facts
from .test_kpi_dashboard_files import GROUP, HOSTILE, KpiDashboardFilesCase

LOGGER = "odoo.addons.kpi_tracking.models.period_report.kpi_mail_schedule"


class KpiDashboardScheduleCase(KpiDashboardFilesCase):
    """Olga and Otto see all of the dashboard, Ann revenue, Nora nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otto = cls._create_user("otto_file", groups=GROUP % "officer")
        cls.nora = cls._create_user("nora_file", groups=GROUP % "user")
        cls.schedule = cls.env["kpi.dashboard.schedule"].create(
            {
                "dashboard_id": cls.dashboard.id,
                "user_ids": [Command.set((cls.ann | cls.olga).ids)],
                "frequency": "day",
                "has_pdf": False,
                "active_since": "2026-01-01 00:00:00",
            }
        )

    def _mails(self, *users, key="now", at=NOW):
        with self._at(at):
            return self.schedule._queue_mails(dict.fromkeys(users), key)

    def _run(self, moment):
        """Receivers of what a run of the cron at ``moment`` queues, and when."""
        deliveries = self.env["kpi.delivery"]
        before = deliveries.search([])
        with self._at(moment):
            while self.schedule._queue_due():
                pass
            self.env.flush_all()
        return {mail.user_id: mail.due_at for mail in deliveries.search([]) - before}

    def _measure(self, kpi, value):
        """A first value of the next month."""
        rows = [(kpi.id, month("2026-03"), value)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")


@tagged("post_install", "-at_install")
class TestKpiDashboardMail(KpiDashboardScheduleCase):
    def test_a_neutralized_copy_mails_nothing(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self.schedule.active)

    def test_connections_list_the_email_and_end_it(self):
        end_connection(self, self.schedule, self.olga)
        self.assertNotIn(self.olga, self.schedule.user_ids)

    def test_the_subject_carries_the_number_that_is_furthest_off(self):
        (mail,) = self._mails(self.olga)
        # February: 90 of 100
        self.assertEqual(mail.subject, "Sales: 1 at risk (Revenue, 10% below target)")

    def test_the_subject_and_the_mail_tell_of_the_worst_row_of_a_ranking(self):
        own = self.schedule._dashboard_of(self.olga)
        kpi = own.data({})["tiles"][0]["kpi"]
        rows = [
            {
                **kpi,
                "report_id": -at,
                "value": 80.0 - at,
                "achievement": 80.0 - at,
                "status": "off_target",
                "label": f"Team {at}",
            }
            for at in range(1, 11)
        ]
        rows.insert(3, {**rows[0], "report_id": -11, "status": "on_target"})
        ranking = {"id": 7, "card": {"rows": rows}, "report_ids": [1, 2]}
        answer = {"tiles": [ranking, {**ranking, "id": 8}]}  # each KPI counts once
        shown = _list_shown(answer)
        worst = _find_worst(shown)
        subject = self.schedule._subject(own, "Sales", answer, worst)
        self.assertEqual(
            subject,
            "Sales: 1 on track, 10 off track (Revenue – Team 10, 30% below target)",
        )
        others = [one.kpi["report_id"] for one in _rank_others(shown, worst)]
        self.assertEqual(others, [-1, -2, -3, -4, -5, -6, -7, -8, -9, -11])

    def test_the_kpi_of_the_subject_comes_first_with_the_chart(self):
        gauge, bar = self.dashboard.tile_ids.filtered(
            lambda tile: tile.kind in ("gauge", "bar")
        )
        orders = self._entered("Orders", {"2026-02": 7.0}).definition_id
        gauge.copy({"sequence": 0, "definition_ids": [Command.set(orders.ids)]})
        gauge.sequence = 99
        for _n in range(10):
            bar.copy({"sequence": 1})
        (mail,) = self._mails(self.olga)
        self.assertEqual(mail.subject, "Sales: 1 at risk (Revenue, 10% below target)")
        page = html.fromstring(mail.body)
        (head,) = page.iter("h1")
        self.assertEqual(head.text_content(), "Revenue")
        words = " ".join(page.text_content().split())
        self.assertTrue(words.startswith("▲ At risk Revenue 90 10% below target (100)"))
        (chart,) = page.iter("img")
        self.assertIn("Revenue: ", chart.get("alt"))
        # then the others, in lines
        self.assertEqual(
            [name.text_content() for name in page.xpath("//th[@scope='row']")],
            ["Orders"],
        )

    def test_the_subject_says_that_all_is_well(self):
        self._measure(self.revenue, 120.0)
        (mail,) = self._mails(self.olga)
        self.assertEqual(mail.subject, "Sales: 1 KPI on track")

    def test_without_targets_the_subject_has_the_first_number(self):
        orders = self._entered("Orders", {"2026-02": 82431.0})
        self.dashboard.tile_ids[:2].definition_ids = orders.definition_id
        (mail,) = self._mails(self.olga)
        self.assertEqual(mail.subject, "Sales: Orders 82.4 k")

    def test_the_mail_is_read_without_its_pictures(self):
        (mail,) = self._mails(self.olga)
        for words in ("Revenue", ">90<", "At risk", "below target", "Read", " 90"):
            self.assertIn(words, mail.body)
        look = STATUS_LOOKS["at_risk"]
        chip = next(cell for cell in mail.body.split("<td") if "▲ At risk" in cell)
        self.assertIn(f"background-color: {look.ground}", chip)
        self.assertIn(f"color: {look.color}", chip)
        self.assertNotIn("<svg", mail.body)
        self.assertEqual(mail.body.count("<a "), 2)  # to open it, to stop it
        self.assertIn(f"/odoo/kpi-dashboard/{self.dashboard.id}", mail.body)

    def test_its_pictures_lie_beside_it(self):
        (mail,) = self._mails(self.olga)
        pictures = mail.attachment_ids.filtered(lambda file: "png" in file.name)
        self.assertEqual(len(pictures), 1)  # others are on the dashboard
        for picture in pictures:
            self.assertIn(f'"cid:{picture.name}"', mail.body)
            self.assertEqual(picture.mimetype, "image/png")
        related = [
            part["Content-ID"] for part in mail._email().walk() if part["Content-ID"]
        ]
        self.assertCountEqual(
            related, [f"<{name}>" for name in pictures.mapped("name")]
        )

    def test_without_resvg_there_are_tables_instead(self):
        with patch.object(kpi_dashboard_records, "painter", lambda: None):
            (mail,) = self._mails(self.olga)
        self.assertFalse(mail.attachment_ids)
        self.assertNotIn("cid:", mail.body)
        self.assertIn("<th", mail.body)

    def test_a_long_dashboard_is_a_short_mail(self):
        gauge = self.dashboard.tile_ids.filtered(lambda tile: tile.kind == "gauge")
        for at in range(12):
            site = self._entered(f"Site {at}", {"2026-02": 5.0}).definition_id
            gauge.copy({"sequence": 90, "definition_ids": [Command.set(site.ids)]})
        (mail,) = self._mails(self.olga)
        page = html.fromstring(mail.body)
        rows = [name.text_content() for name in page.xpath("//th[@scope='row']")]
        self.assertEqual(rows, [f"Site {at}" for at in range(9)])
        self.assertIn("and 3 more KPIs", mail.body)
        self.assertIn("and 2 more tiles", mail.body)  # the line and the bar
        rest = mail.body[mail.body.index("and 2 more tiles") :]
        self.assertIn(self.complaints.definition_id.name, rest)

    def test_a_dashboard_of_charts_mails_the_first(self):
        self.dashboard.tile_ids.filtered(
            lambda tile: tile.kind in ("gauge", "card")
        ).unlink()
        (mail,) = self._mails(self.olga)
        self.assertEqual(mail.subject, "Sales")
        page = html.fromstring(mail.body)
        self.assertEqual([head.text_content() for head in page.iter("h1")], ["Sales"])
        self.assertEqual(len([*page.iter("img")]), 1)
        self.assertIn("and 1 more tile", mail.body)

    def test_the_kpi_of_the_subject_is_the_first_of_the_body(self):
        """Of any dashboard."""
        values = {"Calls": 50.0, "Visits": 130.0, "Offers": 92.0, "Returns": 71.0}
        kpis = [
            self._entered(name, {"2026-01": 90.0, "2026-02": value}, target=100.0)
            for name, value in values.items()
        ]
        kpis.append(self._entered("Free", {"2026-02": 8.0}))
        self.schedule.is_only_news = False
        card = self.dashboard.tile_ids.card_id
        chance, told = Random(66), 0
        for board in range(20):
            self.dashboard.tile_ids.unlink()
            self.dashboard.tile_ids = [
                Command.create(
                    {
                        "kind": kind,
                        "sequence": place,
                        "span": chance.randint(2, 6),
                        "height": chance.randint(1, 3),
                        "card_id": card.id if kind == "card" else False,
                        "definition_ids": [
                            Command.set(chance.choice(kpis).definition_id.ids)
                        ],
                    }
                )
                for place, kind in enumerate(
                    chance.choices(["gauge", "card", "line", "table"], k=6)
                )
            ]
            (mail,) = self._mails(self.olga, key=f"board {board}")
            named = re.search(r"\((.+), \d+% (below|above) target\)$", mail.subject)
            if named:
                (head,) = html.fromstring(mail.body).iter("h1")
                self.assertEqual(head.text_content(), named[1], mail.subject)
                told += 1
        self.assertGreater(told, 10)

    def test_the_mail_says_when_it_comes(self):
        self.schedule.is_only_news = False
        (mail,) = self._mails(self.olga)
        self.assertIn("Every Day at 7:00", mail.body)
        self.schedule.frequency = "week"
        (mail,) = self._mails(self.olga, key="later")
        self.assertRegex(mail.body, "Every [A-Z][a-z]+day at 7:00")
        self.assertIn(f"kpi-dashboard-mails/{self.schedule.id}", mail.body)

    def test_tables_of_a_mail_fit_a_phone(self):
        table = self.dashboard.tile_ids.filtered(lambda tile: tile.kind == "table")
        others = [self._entered(f"Site {n}", {"2026-02": n}) for n in range(1, 5)]
        kpis = self.revenue.definition_id
        for n, other in enumerate(others, 2):
            kpis |= other.definition_id
            table.write({"definition_ids": [Command.set(kpis.ids)], "periods": 9})
            with self.subTest(columns=n):
                (mail,) = self._mails(self.olga, key=f"{n} columns")
                (shown,) = html.fromstring(mail.body).xpath("//table[@role='table']")
                heads = [head.text_content().strip() for head in shown.iter("th")]
                if n < 4:
                    self.assertEqual(len(heads), n + 1)  # with the periods' names
                else:  # the latest period only
                    self.assertEqual(heads, ["", "Feb 2026"])
                self.assertLessEqual(len(shown.findall("tbody/tr")), 6)

    def test_a_wide_table_is_told_by_its_latest_period_that_has_begun(self):
        rows = tuple(
            tuple(map(Cell, row))
            for row in (("Feb", "9", "–", "–", "–"), ("Mar (forecast)", "–", *"857"))
        )
        heads = ("Period", "Orders", "Expected", "Low", "High")
        table = Table(heads, rows, (1, 2, 3, 4), expected=(2, 3, 4), coming=1)
        short = _short_table(ShownTile(1, "line", "Orders", table=table))
        self.assertEqual(short.heads, ("", "Feb"))
        self.assertEqual([cell.text for cell in short.rows[0]], ["Orders", "9"])

    def test_files_are_attached(self):
        self.schedule.write({"has_pdf": True, "has_xlsx": True})
        (mail,) = self._mails(self.olga)
        names = {part.get_filename() for part in mail._email().iter_attachments()}
        self.assertEqual(names, {"Sales.pdf", "Sales.xlsx"})

    def test_nobody_gets_a_number_that_they_may_not_see(self):
        mails = {mail.user_id: mail for mail in self._mails(self.ann, self.olga)}
        name = self.complaints.definition_id.name
        self.assertIn(name, mails[self.olga].body)
        self.assertNotIn(name, mails[self.ann].body)
        self.assertEqual(mails[self.ann].report_ids, self.revenue)
        self.assertFalse(
            mails[self.ann].attachment_ids & mails[self.olga].attachment_ids
        )

    def test_who_sees_the_same_shares_one_rendering(self):
        self.schedule.user_ids |= self.otto
        made = self.registry["kpi.dashboard"]._tile_png
        with patch.object(
            self.registry["kpi.dashboard"], "_tile_png", autospec=True, side_effect=made
        ) as paint:
            mails = self._mails(self.olga, self.otto)
        self.assertEqual(paint.call_count, 1)
        self.assertEqual(mails[0].attachment_ids, mails[1].attachment_ids)

    def test_who_sees_no_kpi_gets_nothing(self):
        self.dashboard.user_ids |= self.nora
        self.assertFalse(self._mails(self.nora))
        self.schedule.user_ids = self.nora
        with self.assertRaisesRegex(UserError, "any KPI in this email"):
            self._as(self.nora, self.schedule).action_send_to_me()

    def _send_now(self, sender, *receivers):
        """The mails that somebody sends once, and what the dialog says."""
        before = self.env["kpi.delivery"].search([])
        dialog = self._as(sender, self.env["kpi.dashboard.mail.wizard"]).create(
            {
                "dashboard_id": self.dashboard.id,
                "user_ids": [Command.set([user.id for user in receivers])],
                "has_pdf": False,
            }
        )
        with self._at(NOW):
            said = dialog.action_send()["params"]["message"]
        return self.env["kpi.delivery"].search([], order="id") - before, said

    def test_it_is_mailed_once_without_a_schedule(self):
        schedules = self.env["kpi.dashboard.schedule"].search_count([])
        self.olga.company_ids |= self.env["res.company"].create({"name": "Other"})
        mails, said = self._send_now(self.olga, self.olga)
        self.assertEqual(mails.user_id, self.olga)
        self.assertEqual(mails.subject, self._mails(self.olga).subject)
        self.assertEqual((mails.res_model, mails.res_id), self._about())
        self.assertIn(self.olga.name, said)
        self.assertNotIn("stop these emails", mails.body)
        mails._check_receiver()
        self.assertEqual(self.env["kpi.dashboard.schedule"].search_count([]), schedules)
        self.assertTrue(self._send_now(self.olga, self.olga)[0])  # as often as asked

    def _about(self):
        return self.dashboard._name, self.dashboard.id

    def test_who_sees_nothing_of_it_is_named(self):
        self.dashboard.user_ids |= self.nora
        mails, said = self._send_now(self.olga, self.olga, self.nora)
        self.assertEqual(mails.user_id, self.olga)
        self.assertIn(f"Not sent to {self.nora.name}", said)
        with self.assertRaisesRegex(UserError, "No recipient can access the dashboard"):
            self._send_now(self.olga, self.nora)

    def test_who_may_be_mailed_once_is_as_by_a_schedule(self):
        with self.assertRaisesRegex(ValidationError, "cannot open this dashboard"):
            self._send_now(self.olga, self.nora)
        with self.assertRaisesRegex(ValidationError, "only add yourself"):
            self._send_now(self.ann, self.olga)
        with self.assertRaises(AccessError):
            self._send_now(self.nora, self.nora)

    def test_a_dashboard_that_is_shared_no_longer_is_not_mailed(self):
        (mail,) = self._mails(self.ann)
        mail._check_receiver()
        self.dashboard.user_ids = False
        self.assertFalse(self._mails(self.ann, key="later"))
        with self.assertRaises(DeliverySkipped):
            mail._check_receiver()

    def test_only_who_may_open_it_can_be_mailed(self):
        with self.assertRaisesRegex(
            ValidationError, "nora_file cannot open this dashboard"
        ):
            self.schedule.user_ids |= self.nora

    def test_readers_schedule_for_themselves(self):
        schedules = self._as(self.ann, self.env["kpi.dashboard.schedule"])
        values = {"dashboard_id": self.dashboard.id}
        own = schedules.create(values)
        self.assertEqual(own.user_ids, self.ann)
        own.hour = 9
        with self.assertRaisesRegex(ValidationError, "Ask a KPI manager"):
            schedules.create({**values, "user_ids": self.olga.ids})

    def test_names_are_no_markup(self):
        self.revenue.definition_id.name = HOSTILE
        (mail,) = self._mails(self.olga)
        self.assertNotIn("<script", mail.body)
        self.assertIn("&lt;script&gt;", mail.body)

    def test_without_weasyprint_a_pdf_cannot_be_chosen(self):
        module = (
            "odoo.addons.kpi_tracking_dashboard.models.output.kpi_dashboard_schedule"
        )
        self.assertTrue(kpi_dashboard_records.printer())
        with patch(f"{module}.printer", lambda: None):
            self.assertFalse(self.schedule.new({}).has_pdf)
            with self.assertRaisesRegex(ValidationError, "WeasyPrint"):
                self.schedule.has_pdf = True


@tagged("post_install", "-at_install")
class TestKpiDashboardSchedule(KpiDashboardScheduleCase):
    def test_each_receiver_is_mailed_at_their_hour(self):
        self.ann.tz = "America/New_York"  # UTC − 5 in winter
        self.olga.tz = "Europe/Berlin"  # UTC + 1
        self.assertEqual(
            self._run("2026-03-01 06:01:00"),
            {
                self.olga: datetime(2026, 3, 1, 6),
                self.ann: datetime(2026, 3, 1, 12),
            },
        )

    def test_whose_mail_cannot_be_written_holds_up_nobody(self):
        schedules = self.registry["kpi.dashboard.schedule"]
        first, last = (self.ann | self.olga).sorted("id")
        write = schedules._mail

        def fall(schedule, seen, user):
            if user == first:
                schedule.env.cr.execute("SELECT 1 / 0")
            return write(schedule, seen, user)

        with patch.object(schedules, "_mail", fall), mute_logger(LOGGER):
            self.assertEqual([*self._run("2026-03-01 12:01:00")], [last])

    def test_the_same_numbers_are_not_mailed_again(self):
        self.assertEqual(set(self._run("2026-03-11 12:00:00")), {self.ann, self.olga})
        self.assertEqual(self._run("2026-03-12 12:00:00"), {})
        self._measure(self.revenue, 95.0)
        self.assertEqual(set(self._run("2026-03-13 12:00:00")), {self.ann, self.olga})

    def test_who_sees_what_changed_is_mailed(self):
        self._run("2026-03-11 12:00:00")
        self._measure(self.complaints, 9.0)
        self.assertEqual(set(self._run("2026-03-12 12:00:00")), {self.olga})

    def _restate(self, moment, *months):
        rows = [(self.revenue.id, month(each), 33.0) for each in months]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        restated = self.env["kpi.restatement"].search([])
        self.env.cr.execute("UPDATE kpi_restatement SET restated_on = %s", [moment])
        restated.invalidate_recordset()

    def _read_last_mail(self, user):
        mail = self.env["kpi.delivery"].search([("user_id", "=", user.id)], limit=1)
        return str(mail.body)

    def test_a_mail_tells_what_was_restated_since_the_one_before(self):
        settle_facts(self.env)
        self._run("2026-03-11 12:00:00")
        self._restate("2026-03-11 20:00", "2025-02")
        self._run("2026-03-12 12:00:00")
        self.assertIn("Changed since the last email", self._read_last_mail(self.olga))
        self.assertIn(" and is now ", self._read_last_mail(self.olga))
        self.assertEqual(self._run("2026-03-13 12:00:00"), {})

    def test_what_is_restated_is_told_once_however_late_a_mail_is(self):
        settle_facts(self.env)
        self._run("2026-03-11 12:00:00")  # due at 7:00
        self._restate("2026-03-12 11:00", "2025-02")
        self.assertIn(self.olga, self._run("2026-03-12 12:00:00"))
        self.assertEqual(self._run("2026-03-13 12:00:00"), {})

    def test_what_is_restated_before_the_hour_of_a_zone_far_away_is_told(self):
        settle_facts(self.env)
        (self.ann | self.olga).tz = "Asia/Tokyo"
        self._run("2026-03-11 00:30:00")  # 9:30 there
        self._restate("2026-03-11 03:00", "2025-02")
        self._run("2026-03-12 00:30:00")
        self.assertIn(" and is now ", self._read_last_mail(self.olga))

    def test_a_mail_says_how_many_restated_periods_it_leaves_out(self):
        months = [f"2025-0{at}" for at in range(1, 10)]
        rows = [(self.revenue.id, month(each), 100.0) for each in months]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        settle_facts(self.env)
        self._run("2026-03-11 12:00:00")
        self._restate("2026-03-11 20:00", *months)
        self._run("2026-03-12 12:00:00")
        body = self._read_last_mail(self.olga)
        self.assertEqual(body.count(f">{self.revenue.display_name}: "), 6)
        self.assertIn("2 more", body)

    def test_all_are_mailed_where_that_was_chosen(self):
        self.schedule.is_only_news = False
        self._run("2026-03-11 12:00:00")
        self.assertEqual(set(self._run("2026-03-12 12:00:00")), {self.ann, self.olga})

    def test_who_asks_for_it_is_always_mailed(self):
        self._run("2026-03-11 12:00:00")
        before = self.env["kpi.delivery"].search_count([])
        self._as(self.olga, self.schedule).action_send_to_me()
        self.assertEqual(self.env["kpi.delivery"].search_count([]), before + 1)
