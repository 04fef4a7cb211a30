from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped

from .test_kpi_delivery_app import PushCase

WEDNESDAY = "2026-03-11 08:10:00"
MOST_STATEMENTS = 8


@tagged("post_install", "-at_install")
class TestKpiPhoneMorning(PushCase):
    """The card of Wednesday, 11 March 2026: what happened since Tuesday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE kpi_report SET create_date = '2026-01-05' WHERE id = %s",
            (cls.revenue.id,),
        )
        cls.revenue.invalidate_recordset(["create_date"])
        cls.officer.kpi_morning_hour = "8"

    def _move(self):
        """The running value goes from 40 to 75 on Wednesday morning."""
        for moment, value in (("2026-03-09 12:00:00", 40), ("2026-03-11 07:00:00", 75)):
            with self._at(moment):
                self._fill(self.revenue, {"2026-03": value})

    def _morning(self, user=None):
        return self._as(user or self.officer, self.env["kpi.phone.morning"])

    def _read(self, user=None, now=WEDNESDAY):
        with self._at(now):
            return self._morning(user)._read_card()

    def _due(self, now=WEDNESDAY):
        with self._at(now):
            return self.env["kpi.phone.morning"]._find_due()

    def test_it_is_what_the_overview_says_and_computed_once_a_day(self):
        self._move()
        card = self._read()
        self.assertEqual(card["title"], "Since yesterday")
        (item,) = [one for one in card["items"] if one["kind"] == "kpi"]
        self.assertEqual(
            (item["ids"], item["name"]), (self.revenue.ids, self.revenue.name)
        )
        self.assertIn("35", item["title"])
        homes = type(self.env["kpi.home"])
        with patch.object(homes, "_since", side_effect=AssertionError):
            self.assertEqual(self._read(), card)
            row = self._sync_at(WEDNESDAY)["morning"]["data"]
            self.assertEqual(row, card)
        with patch.object(homes, "_since", return_value=[]) as since:
            self.assertEqual(self._read(now="2026-03-12 08:10:00")["items"], [])
        self.assertEqual(since.call_count, 1)

    def _sync_at(self, now):
        with self._at(now):
            return self._as(self.officer, self.env["kpi.phone"]).sync({})["rows"]

    def test_what_may_no_longer_be_seen_is_left_out(self):
        self._move()
        self.assertTrue(self._read()["items"])
        self.revenue.owner_id = self.user
        self.officer.group_ids = self.user.group_ids
        self.env.flush_all()
        about = [item["kind"] for item in self._read()["items"]]
        self.assertNotIn("kpi", about)

    def test_it_comes_at_the_chosen_hour_on_working_days_once(self):
        self._move()
        self.assertEqual([*self._due().values()], [self.officer])
        saturday = "2026-03-14 08:10:00"
        for other in ("2026-03-11 07:59:00", "2026-03-11 12:00:00", saturday):
            self.assertEqual(self._due(other), {})
        ((key, user),) = self._due().items()
        with self._at(WEDNESDAY):
            user._kpi_queue_morning(key)
        self.assertEqual(self._due(), {})
        self.officer.kpi_morning_hour = False
        self.assertEqual(self._due("2026-03-12 08:10:00"), {})

    def _queue(self):
        self._move()
        with self._at(WEDNESDAY):
            self.officer._kpi_queue_morning("phone.morning:x")
        return self.env["kpi.delivery"].search([("key", "=", "phone.morning:x")])

    def test_without_the_app_it_is_an_email(self):
        delivery = self._queue()
        self.assertEqual((delivery.channel, delivery.user_id), ("email", self.officer))
        with self._at(WEDNESDAY):
            message = delivery._compose()
        self.assertRegex(message.title, "^Since yesterday: Revenue .*35")
        self.assertRegex(message.lines[0].url, f"/kpi.report/{self.revenue.id}$")

    def test_in_the_app_numbers_are_shown_where_allowed(self):
        self._register()
        delivery = self._queue()
        self.assertEqual(delivery.channel, "push")
        for shows_numbers in (False, True):
            with self._at(WEDNESDAY):
                shown = delivery._say_push(delivery._compose(), shows_numbers)
            with self.subTest(shows_numbers):
                self.assertIn("Revenue", shown[0])
                self.assertEqual("35" in "".join(shown), shows_numbers)

    def test_where_nothing_happened_nothing_comes(self):
        with self._at(WEDNESDAY):
            self.officer._kpi_queue_morning("phone.morning:x")
        queued = self.env["kpi.delivery"].search([("key", "=", "phone.morning:x")])
        self.assertFalse(queued)

    def test_what_is_sent_on_another_day_is_written_for_that_day(self):
        delivery = self._queue()
        homes = type(self.env["kpi.home"])
        self.patch(homes, "_since", lambda *_args: [])
        with self._at("2026-03-12 08:00:00"), self.assertRaises(DeliverySkipped):
            delivery._compose()

    def test_the_hour_is_chosen_in_the_app(self):
        phone = self._as(self.officer, self.env["kpi.phone"])
        phone.set_morning_hour(6)
        self.assertEqual(self.officer.kpi_morning_hour, "6")
        self.assertEqual(phone._describe_user()["morning_hour"], "6")
        phone.set_morning_hour()
        self.assertFalse(self.officer.kpi_morning_hour)
        with self.assertRaises(UserError):
            phone.set_morning_hour(77)

    def test_it_costs_few_statements(self):
        self._move()
        self._read()  # with what is looked up once a day
        self.env.cr.execute("DELETE FROM kpi_phone_morning")
        self.env.flush_all()
        self.env.invalidate_all()
        since, homes = [], type(self.env["kpi.home"])
        compute = homes._since

        def count_since(home, day):
            before = self.env.cr.sql_log_count
            items = compute(home, day)
            since.append(self.env.cr.sql_log_count - before)
            return items

        self.patch(homes, "_since", count_since)
        self.patch(type(self.env["kpi.phone.morning"]), "_explain", lambda *_args: "")
        before = self.env.cr.sql_log_count
        self._read()
        count = self.env.cr.sql_log_count - before
        self.assertLessEqual(count - since[0], MOST_STATEMENTS)
