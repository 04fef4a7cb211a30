from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import run_cron

from .test_kpi_action_item import ActionCase

DUE = "2026-03-20"
LOGGER = "odoo.addons.kpi_base.models.job.ir_cron"


@tagged("post_install", "-at_install")
class TestKpiActionReminder(ActionCase):
    """Reminders, what waits for people, and the digest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.tz = cls.officer.tz = "UTC"

    def _messages(self):
        return self.env["kpi.delivery"].search(
            [("renderer", "=", "kpi.action.item")], order="id"
        )

    def _remind_at(self, moment):
        before = self._messages()
        with self._at(datetime.fromisoformat(moment)):
            run_cron(self, "kpi_tracking_collaboration.kpi_action_item_cron")
        return self._messages() - before

    def _compose(self, message):
        return message.sudo()._compose()

    def test_one_message_a_person_and_day(self):
        first = self._action(assigned_to=self.user.id, due_date=DUE)
        second = self._action(assigned_to=self.user.id, due_date="2026-03-18")
        self._action(due_date="2026-04-20")
        self.assertFalse(self._remind_at("2026-03-14 08:00"))
        self.assertFalse(self._remind_at("2026-03-15 06:59"))
        sent = self._remind_at("2026-03-17 07:00")
        self.assertEqual(sent.user_id, self.user)
        self.assertEqual(sent.sudo().line_ids.mapped("res_id"), (second | first).ids)
        for moment in ("2026-03-17 08:00", "2026-03-17 23:00"):
            self.assertFalse(self._remind_at(moment))

    def test_what_has_no_due_date_is_asked_about_after_a_month(self):
        item = self._action(assigned_to=self.user.id, due_date=False)
        began = datetime.combine(item.create_date, time(9))
        moments = [
            str(began + timedelta(days=days))
            for days in (20, 26, 27, 28, 30, 36, 37, 40)
        ]
        sent = [bool(self._remind_at(moment)) for moment in moments]
        self.assertEqual(sent, [False, False, True, False, True, False, True, False])
        item.due_date = began + timedelta(days=60)
        self.assertFalse(self._remind_at(str(began + timedelta(days=50))))

    def test_a_run_without_time_reminds_one_person_and_the_next_goes_on(self):
        self._action(assigned_to=self.user.id, due_date=DUE)
        self._action(assigned_to=self.officer.id, due_date=DUE)
        items = self.env["kpi.action.item"]
        with (
            self._at(datetime(2026, 3, 17, 9)),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0),
        ):
            for left in (1, 0):
                items._cron_remind()
                self.assertEqual(len(items._find_asked()), left)
        self.assertEqual(self._messages().user_id, self.user | self.officer)

    def test_who_cannot_be_written_to_holds_up_nobody(self):
        self._action(assigned_to=self.user.id, due_date=DUE)
        self._action(assigned_to=self.officer.id, due_date=DUE)
        items, first = self.registry["kpi.action.item"], self.user
        say = items._say_waiting

        def fall(records):
            if records.env.user == first:
                records.env.cr.execute("SELECT 1 / 0")
            return say(records)

        with patch.object(items, "_say_waiting", fall), mute_logger(LOGGER):
            self.assertEqual(self._remind_at("2026-03-17 09:00").user_id, self.officer)
        self.assertEqual(self._remind_at("2026-03-17 10:00").user_id, first)

    def test_what_is_done_meanwhile_is_not_told(self):
        item = self._action(assigned_to=self.user.id, due_date=DUE)
        with self._at(datetime(2026, 3, 17, 9)):
            ((key, (person, today, due)),) = (
                self.env["kpi.action.item"]._find_asked().items()
            )
            item.action_complete()
            before = self._messages()
            due._remind_person(key, person, today)
        self.assertEqual(self._messages(), before)

    def test_by_the_morning_of_the_person(self):
        self.user.tz = "Pacific/Auckland"  # 13 hours ahead
        self._action(assigned_to=self.user.id, due_date=DUE)
        self.assertFalse(self._remind_at("2026-03-16 17:59"))
        self.assertTrue(self._remind_at("2026-03-16 18:00"))  # the 17th, 7:00

    def test_what_is_done_needs_no_reminder(self):
        self._action(assigned_to=self.user.id, due_date=DUE).action_complete()
        self._action(assigned_to=self.user.id, due_date=DUE, status="cancelled")
        self.assertFalse(self._remind_at("2026-03-20 09:00"))

    def test_overdue_it_says_so_and_again_after_a_week(self):
        item = self._action(assigned_to=self.user.id, due_date=DUE)
        self.assertTrue(self._remind_at("2026-03-20 09:00"))
        self.assertFalse(self._remind_at("2026-03-21 09:00"))
        sent = self._remind_at("2026-03-27 09:00")
        with self._at(datetime(2026, 3, 27, 9)):
            message = self._compose(sent)
        self.assertIn("overdue: 1", message.title)
        self.assertEqual(message.lines[0].title, item.name)
        self.assertEqual(message.lines[0].tone, "warning")
        self.assertIn(f"/odoo/kpi-actions/{item.id}", message.lines[0].url)

    def test_what_somebody_may_not_see_any_more_is_not_told(self):
        self._action(assigned_to=self.user.id, due_date=DUE)
        own = self._entered("Own", {"2026-02": 1})
        own.shared_user_ids = self.user
        self._action(
            assigned_to=self.user.id,
            due_date=DUE,
            report_id=own.id,
            description="Seen",
        )
        sent = self._remind_at("2026-03-20 09:00")
        self.revenue.shared_user_ids = False
        message = self._compose(sent)
        self.assertEqual([line.title for line in message.lines], ["Seen"])
        self.assertNotIn("largest customers", str(message))

    def test_somebody_who_left_gets_none(self):
        self._action(assigned_to=self.user.id, due_date=DUE)
        self.user.active = False
        self.assertFalse(self._remind_at("2026-03-20 09:00"))

    def _needs(self, user):
        items = self._as(user, self.env["kpi.home"]).get_needs()
        return [item for item in items if item["kind"] == "action"]

    def test_overdue_and_soon_due_ones_wait_for_whoever_does_them(self):
        late = self._action(assigned_to=self.user.id, due_date=DUE)
        soon = self._action(assigned_to=self.user.id, due_date="2026-03-26")
        self._action(assigned_to=self.user.id, due_date="2026-05-01")
        self._action(due_date=DUE)
        with self._at(datetime(2026, 3, 21, 12)):
            needs = self._needs(self.user)
            self.assertEqual(late.is_overdue, True)
            found = self.env["kpi.action.item"].search([("is_overdue", "=", True)])
            self.assertIn(late, found)
            self.assertNotIn(soon, found)
        self.assertEqual([each["res_id"] for each in needs], (late | soon).ids)
        self.assertEqual([each["urgency"] for each in needs], [0, 2])
        self.assertEqual(needs[0]["date"], DUE)
        self.revenue.shared_user_ids = False
        self.assertFalse(self._needs(self.user))

    def test_the_digest_counts_overdue_ones(self):
        self._action(due_date="2026-03-10")
        self._action(due_date="2026-03-10").action_complete()  # years after the end
        self._action(due_date="2026-03-10", status="cancelled")
        self._action(due_date="2026-03-25")
        digest = self.env["digest.digest"].create(
            {"name": "KPI", "kpi_action_overdue": True, "company_id": self.company.id}
        )
        asked = digest.with_context(
            start_datetime=datetime(2026, 3, 1), end_datetime=datetime(2026, 3, 20)
        )
        self.assertEqual(asked.kpi_action_overdue_value, 2)
        actions = digest._compute_kpis_actions(self.company, self.officer)
        self.assertIn("kpi_action_item_action", actions["kpi_action_overdue"])
