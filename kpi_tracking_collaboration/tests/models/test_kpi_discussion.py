from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .collaboration_case import CollaborationCase

FEBRUARY = date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiDiscussion(CollaborationCase):
    """What is discussed, decided and remembered."""

    def test_the_value_of_then_stays_beside_that_of_today(self):
        discussion = self._discuss()
        self.assertEqual(discussion.period_start, FEBRUARY)
        self.assertEqual((discussion.value, discussion.value_today), (90, 90))
        self._fill(self.revenue, {"2026-02": 95, "2026-03": 110})
        discussion.invalidate_recordset()
        self.assertEqual((discussion.value, discussion.value_today), (90, 95))
        self.assertEqual(discussion.current_value, 110)

    def test_without_a_period_it_is_about_the_latest_value(self):
        discussion = self._discuss(grain=False, period_start=False)
        self.assertEqual(discussion.grain, "month")
        self.assertEqual(discussion.period_start, FEBRUARY)
        self.assertEqual(discussion.value, 90)

    def test_a_period_without_a_value_has_none(self):
        discussion = self._discuss(period_start="2025-12-24")
        self.assertEqual(discussion.period_start, date(2025, 12, 1))
        self.assertIs(discussion.value, False)

    def test_a_kpi_without_values_is_discussed_too(self):
        empty = self._entered("Empty", {})
        discussion = self._discuss(kpi_id=empty.id, grain=False, period_start=False)
        self.assertFalse(discussion.period_label)
        self.assertFalse(discussion.annotation_id)

    def test_a_period_length_alone_is_refused(self):
        with self.assertRaisesRegex(
            ValidationError, "Choose a period length and a period"
        ):
            self._discuss(period_start=False)

    def test_a_period_length_that_the_kpi_is_not_shown_in_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Revenue"):
            self._discuss(grain="day")

    def test_a_note_marks_the_period_on_the_charts(self):
        discussion = self._discuss()
        note = discussion.annotation_id
        self.assertEqual(note.report_id, self.revenue)
        self.assertEqual(note.date, date(2026, 2, 28))
        self.assertEqual(note.text, "Discussion: Why so little?")
        discussion.name = "Too little"
        self.assertEqual(note.text, "Discussion: Too little")
        discussion.unlink()
        self.assertFalse(note.exists())

    def test_whoever_is_responsible_hears_of_it(self):
        discussion = self._discuss(self.user)
        self.assertIn(self.manager.partner_id, discussion.message_partner_ids)
        told = discussion.message_ids.sudo().notified_partner_ids
        self.assertEqual(told, self.manager.partner_id)

    def test_who_may_not_see_the_kpi_is_not_told_though_responsible(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.revenue.owner_id = self.stranger
        self.stranger.write(
            {
                "company_id": elsewhere.id,
                "company_ids": [Command.set(elsewhere.ids)],
            }
        )
        discussion = self._discuss()
        self.assertNotIn(self.stranger.partner_id, discussion.message_partner_ids)

    def test_it_stays_with_its_kpi(self):
        discussion = self._discuss()
        for values in (
            {"kpi_id": self.complaints.id},
            {"period_start": "2026-01-01"},
            {"grain": "quarter"},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(UserError, "cannot change"),
            ):
                discussion.write(values)
        discussion.write({"kpi_id": self.revenue.id, "period_start": "2026-02-01"})

    def test_the_value_of_then_cannot_be_typed(self):
        for values in ({"value": 1.0}, {"user_id": self.user.id}, {"state": "closed"}):
            with self.subTest(values), self.assertRaises(AccessError):
                self._discuss(**values)

    def test_closing_says_who_and_when_and_emits(self):
        discussion = self._discuss(self.user)
        emitted = []
        with patch.object(
            self.registry["kpi.event"],
            "_event",
            lambda self, name, records: emitted.append((name, records.ids)),
        ):
            discussion.action_close()
            discussion.action_close()
        self.assertEqual(discussion.state, "closed")
        self.assertEqual(discussion.closed_by_id, self.user)
        self.assertEqual(emitted, [("discussion.closed", discussion.ids)])
        discussion.action_reopen()
        self.assertEqual(discussion.state, "open")
        self.assertFalse(discussion.closed_at)

    def test_who_sees_the_kpi_writes_in_it_and_cannot_change_it(self):
        discussion = self._as(self.user, self._discuss())
        discussion.message_post(body="Because of the snow")
        for change in (
            lambda: discussion.write({"decision": "Nothing"}),
            discussion.action_close,
        ):
            with self.assertRaises(AccessError):
                change()
        own = self._discuss(self.user)
        own.decision = "We sell shovels"
        self.assertEqual(own.decision, "We sell shovels")

    def test_when_the_kpi_is_not_shared_any_more_it_is_gone(self):
        discussion = self._as(self.user, self._discuss(self.user))
        self.assertTrue(discussion.search([("id", "=", discussion.id)]))
        self.revenue.shared_user_ids = False
        self.assertFalse(discussion.search([("id", "=", discussion.id)]))
        with self.assertRaises(AccessError):
            discussion.message_post(body="?")

    def test_an_alert_of_the_same_kpi_is_discussed_once(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        action = event.action_discuss()
        context = action["context"]
        self.assertEqual(context["default_alert_event_id"], event.id)
        self.assertEqual(context["default_kpi_id"], self.revenue.id)
        self.assertEqual(context["default_period_start"], "2026-02-01")
        discussion = self._discuss(alert_event_id=event.id)
        self.assertEqual(event.action_discuss()["res_id"], discussion.id)
        with self.assertRaises(ValidationError):
            self._discuss(kpi_id=self.complaints.id, alert_event_id=event.id)

    def test_an_alert_of_ones_own_is_not_named_to_others(self):
        rule = self._rule(self.revenue, is_personal=True)
        event = self._fired(rule, self.revenue, personal_user_id=self.officer.id)
        context = event.action_discuss()["context"]
        self.assertNotIn("default_alert_event_id", context)
        with self.assertRaises(ValidationError):
            self._discuss(alert_event_id=event.id)

    def test_from_the_explanation_of_a_value(self):
        dialog = self.env["kpi.explanation"].create(
            {
                "report_id": self.revenue.id,
                "grain": "month",
                "period_start": "2026-01-01",
            }
        )
        context = dialog.action_discuss()["context"]
        self.assertEqual(context["default_period_start"], "2026-01-01")
        self.assertEqual(context["default_grain"], "month")

    def test_a_kpi_opens_its_own_ones(self):
        action = self.revenue.action_open_discussions()
        self.assertEqual(action["domain"], [("kpi_id", "=", self.revenue.id)])
        self.assertEqual(
            self.revenue.action_discuss()["context"]["default_grain"], "month"
        )

    def test_a_form_that_was_opened_for_a_period_discusses_that(self):
        for given, period in (
            ((), "2026-01-01"),
            (("quarter", "2025-10-01"), "2025-10-01"),  # of a tile
        ):
            opened = self.revenue.with_context(kpi_period="2026-01-01")
            context = opened.action_discuss(*given)["context"]
            self.assertEqual(context["default_period_start"], period)
