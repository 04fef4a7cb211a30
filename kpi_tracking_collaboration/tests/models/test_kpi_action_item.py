from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .collaboration_case import CollaborationCase


class ActionCase(CollaborationCase):
    @classmethod
    def _action(cls, user=None, **values):
        """An action about revenue that a person adds."""
        return (
            cls.env["kpi.action.item"]
            .with_user(user or cls.officer)
            .with_context(allowed_company_ids=cls.company.ids)
            .create(
                {
                    "description": "Call the largest customers",
                    "report_id": cls.revenue.id,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestKpiActionItem(ActionCase):
    """What is to be done, by whom, and how far it is."""

    def test_it_is_called_by_its_first_line(self):
        item = self._action(description="\n Call \nand ask")
        self.assertEqual(item.name, "Call")
        item.description = "x" * 100
        self.assertEqual(item.name, "x" * 80 + "…")
        with self.assertRaisesRegex(ValidationError, "what is to be done"):
            item.description = " \n "

    def test_of_a_discussion_or_an_alert_it_is_about_the_same_kpi(self):
        discussion = self._discuss()
        event = self._fired(self._rule(self.revenue), self.revenue)
        for origin in ({"discussion_id": discussion.id}, {"alert_event_id": event.id}):
            with self.subTest(origin):
                item = self._action(report_id=False, **origin)
                self.assertEqual(item.report_id, self.revenue)
                with self.assertRaises(ValidationError):
                    self._action(report_id=self.complaints.id, **origin)

    def test_nobody_is_given_one_who_may_not_see_the_kpi(self):
        with self.assertRaisesRegex(UserError, "(?i)stranger"):
            self._action(assigned_to=self.stranger.id)
        item = self._action()
        with self.assertRaisesRegex(UserError, "(?i)stranger"):
            item.assigned_to = self.stranger

    def test_whoever_gets_one_of_somebody_else_is_told(self):
        item = self._action(assigned_to=self.user.id, due_date="2026-03-20")
        told = self.env["mail.message"].search(
            [("model", "=", item._name), ("res_id", "=", item.id)]
        )
        notified = told.filtered("notified_partner_ids")
        self.assertEqual(notified.notified_partner_ids, self.user.partner_id)
        self.assertIn("2026-03-20", notified.body)
        self.assertIn(self.user.partner_id, item.message_partner_ids)
        self.assertNotIn(
            self.officer.partner_id,
            self._action().message_ids.sudo().notified_partner_ids,
        )

    def test_done_it_is_in_effect_from_today_unless_told(self):
        item, told = self._action(), self._action(self.user)
        item.action_start()
        self.assertEqual(item.status, "in_progress")
        item.action_complete()
        self.assertEqual(item.effective_date, date.today())
        self.assertTrue(item.completed_at)
        told.write({"status": "completed", "effective_date": "2026-02-01"})
        self.assertEqual(told.effective_date, date(2026, 2, 1))
        item.action_reopen()
        self.assertFalse(item.effective_date)
        self.assertFalse(item.completed_at)
        item.action_cancel()
        self.assertEqual(item.status, "cancelled")

    def test_what_happens_is_emitted_once(self):
        emitted = []
        with patch.object(
            self.registry["kpi.event"],
            "_event",
            lambda self, name, records: emitted.append((name, records.ids)),
        ):
            item = self._action()
            item.action_complete()
            item.action_complete()
            item.action_reopen()
            item.action_cancel()
        names = ["action.created", "action.completed", "action.cancelled"]
        self.assertEqual(emitted, [(name, item.ids) for name in names])

    def test_who_does_it_says_how_far_it_is_others_who_see_it_do_not(self):
        own = self._as(self.user, self._action(assigned_to=self.user.id))
        own.action_start()
        other = self._as(self.user, self._action())
        self.assertEqual(other.status, "open")
        with self.assertRaises(AccessError):
            other.action_complete()

    def test_it_stays_with_its_kpi(self):
        with self.assertRaisesRegex(UserError, "changed"):
            self._action().report_id = self.complaints

    def test_somebody_who_leaves_hands_over_what_is_to_be_done(self):
        todo = self._action(assigned_to=self.user.id)
        done = self._action(assigned_to=self.user.id, status="completed")
        links = self.env["kpi.user.link"]
        found = links._find_records(self.user, "hand_over")
        (link,) = [each for each in found if each.model == "kpi.action.item"]
        self.assertEqual(found[link], todo)
        with self.assertRaisesRegex(UserError, "(?i)stranger"), self.cr.savepoint():
            links._hand_over(link, self.user, self.stranger)
        links._hand_over(link, self.user, self.officer)
        self.assertEqual(todo.assigned_to, self.officer)
        self.assertEqual(done.assigned_to, self.user)

    def test_a_kpi_counts_what_is_to_be_done(self):
        self._action()
        self._action(status="cancelled")
        self.assertEqual(self.revenue.open_action_count, 1)
        context = self.revenue.action_add_action()["context"]
        self.assertEqual(context, {"default_report_id": self.revenue.id})
        domain = self.revenue.action_open_actions()["domain"]
        self.assertEqual(domain, [("report_id", "=", self.revenue.id)])

    def test_from_an_alert_of_ones_own_the_alert_is_not_named(self):
        rule = self._rule(self.revenue)
        event = self._fired(rule, self.revenue)
        context = event.action_add_action()["context"]
        self.assertEqual(context["default_alert_event_id"], event.id)
        event.sudo().personal_user_id = self.officer
        context = event.action_add_action()["context"]
        self.assertNotIn("default_alert_event_id", context)
