from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.audit import parse_entry_values
from odoo.addons.kpi_base.outbox import DeliverySkipped

from ...models.res_users import ResUsers
from .collaboration_case import CollaborationCase

ACTION = "kpi.action.item"


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
        with self.assertRaisesRegex(ValidationError, "Describe the action"):
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

    def _offered(self, user, **context):
        people = self._as(user, self.env["res.users"]).with_context(**context)
        found = people.name_search("", [("share", "=", False)], limit=None)
        return {user_id for user_id, _name in found}

    def test_people_who_see_the_kpi_are_offered(self):
        every = self._offered(self.officer)
        seen = self._offered(self.officer, kpi_readers_of=self.revenue.id)
        self.assertIn(self.stranger.id, every - seen)
        self.assertIn(self.officer.id, seen)
        for user_id in every:
            self.assertEqual(user_id in seen, self.revenue._is_readable_by(user_id))
        self.assertEqual(self._offered(self.officer, kpi_readers_of=False), every)

    def test_who_does_not_see_a_kpi_does_not_learn_who_does(self):
        own = self._offered(self.stranger)
        hidden = self._offered(self.stranger, kpi_readers_of=self.revenue.id)
        self.assertEqual(hidden, own)

    def test_of_too_many_people_all_are_offered(self):
        with patch(f"{ResUsers.__module__}.MAX_ASKED", 1):
            found = self._offered(self.officer, kpi_readers_of=self.revenue.id)
        self.assertIn(self.stranger.id, found)

    def test_each_form_offers_by_the_kpi(self):
        for model in (ACTION, "kpi.discussion", "kpi.review.meeting"):
            arch = self.env[model].get_view(view_type="form")["arch"]
            for node in etree.fromstring(arch).iter("field"):
                is_given = node.get("name") == "assigned_to"
                if is_given and not node.xpath("ancestor::kanban"):
                    self.assertIn("kpi_readers_of", node.get("context", ""), model)

    def test_nobody_is_given_one_who_may_not_see_the_kpi(self):
        with self.assertRaisesRegex(UserError, "(?i)stranger"):
            self._action(assigned_to=self.stranger.id)
        item = self._action()
        with self.assertRaisesRegex(UserError, "(?i)stranger"):
            item.assigned_to = self.stranger

    def test_whoever_gets_one_of_somebody_else_is_told(self):
        item = self._action(assigned_to=self.user.id, due_date="2026-03-20")
        (told,) = self._told()
        self.assertEqual(told.user_id, self.user)
        message = told._compose()
        self.assertEqual(message.title, f"KPI action for you: {item.name}")
        self.assertIn(self.officer.name, message.text)
        self.assertEqual("Mar 20", dict(message.lines[0].facts)["Due"])
        self.assertIn(f"/odoo/kpi-actions/{item.id}", message.url)
        self.assertIn(self.user.partner_id, item.message_partner_ids)
        # Nothing is told twice, in Odoo's inbox either, nor to who added it.
        self.assertFalse(item.message_ids.sudo().notified_partner_ids)
        item.write({"assigned_to": self.user.id, "due_date": "2026-03-21"})
        self._action()
        self._action(assigned_to=self.user.id, status="completed")
        self.assertEqual(self._told(), told)

    def _told(self):
        return self.env["kpi.delivery"].sudo().search([("renderer", "=", ACTION)])

    def test_several_at_once_are_one_message(self):
        own = {"report_id": self.revenue.id, "assigned_to": self.user.id}
        self._as(self.officer, self.env[ACTION]).create(
            [{**own, "description": "Call"}, {**own, "description": "Write"}]
        )
        (told,) = self._told()
        message = told._compose()
        self.assertEqual(message.title, "KPI actions for you: 2")
        self.assertEqual([line.title for line in message.lines], ["Call", "Write"])

    def test_what_somebody_has_not_to_do_any_more_is_not_told(self):
        for change in (
            {"status": "completed"},
            {"assigned_to": self.officer.id},
        ):
            item = self._action(assigned_to=self.user.id)
            told = self._told()[-1]
            item.write(change)
            with self.assertRaises(DeliverySkipped):
                told._compose()
        self._action(assigned_to=self.user.id)
        told = self._told()[-1]
        self.revenue.shared_user_ids = False  # the right is asked when it is sent
        with self.assertRaises(DeliverySkipped):
            told._compose()

    def test_what_happens_is_in_the_audit_log(self):
        item = self._action(assigned_to=self.user.id)
        own = self._as(self.user, item)
        own.action_start()
        own.action_complete()
        item.action_reopen()
        item.action_cancel()
        entries = (
            self.env["kpi.audit.log"]
            .sudo()
            .search([("model", "=", ACTION), ("res_id", "=", item.id)], order="id")
        )
        by_user, by_officer = self.user, self.officer
        self.assertEqual(
            [(entry.event_type, entry.user_id) for entry in entries],
            [
                ("action_created", by_officer),
                ("action_started", by_user),
                ("action_completed", by_user),
                ("action_reopened", by_officer),
                ("action_cancelled", by_officer),
            ],
        )
        values = parse_entry_values(entries[2].text)
        self.assertEqual(values["status"], "completed")
        self.assertEqual(values["assigned_to"], self.user.id)
        # What somebody wrote is stored apart, where it can be erased.
        self.assertNotIn(item.description, entries[0].text)
        self.assertFalse(self.env["kpi.audit.log"].sudo()._verify(item))

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
        names = ("created", "completed", "reopened", "cancelled")
        self.assertEqual(emitted, [(f"action.{name}", item.ids) for name in names])

    def test_who_does_it_says_how_far_it_is_others_who_see_it_do_not(self):
        own = self._as(self.user, self._action(assigned_to=self.user.id))
        own.action_start()
        other = self._as(self.user, self._action())
        self.assertEqual(other.status, "open")
        with self.assertRaises(AccessError):
            other.action_complete()

    def test_it_stays_with_its_kpi(self):
        with self.assertRaisesRegex(UserError, "KPI cannot change"):
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

    def test_a_kpi_opens_what_is_to_be_done(self):
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
