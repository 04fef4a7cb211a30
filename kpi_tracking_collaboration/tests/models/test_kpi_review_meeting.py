from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped

from .test_kpi_action_item import ActionCase


@tagged("post_install", "-at_install")
class TestKpiReviewMeeting(ActionCase):
    """Agenda, people, and minutes of which everybody gets what they may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.margin = cls._entered("Margin", {"2026-02": 10}, target=100)
        cls.scorecard = cls.env["kpi.report.group"].create(
            {
                "name": "Board",
                "company_id": cls.company.id,
                "owner_id": cls.officer.id,
                "member_ids": [Command.set(cls.user.ids)],
                "line_ids": [
                    Command.create({"report_id": report.id})
                    for report in (cls.revenue, cls.complaints, cls.margin)
                ],
            }
        )
        cls.meeting = cls._meet(participant_ids=[Command.set(cls.user.ids)])

    @classmethod
    def _meet(cls, user=None, **values):
        return (
            cls.env["kpi.review.meeting"]
            .with_user(user or cls.officer)
            .with_context(allowed_company_ids=cls.company.ids)
            .create(
                {
                    "name": "March",
                    "group_id": cls.scorecard.id,
                    "starts_at": "2026-03-10 09:00:00",
                    **values,
                }
            )
        )

    def test_the_agenda_is_what_needs_somebody(self):
        rule = self._rule(self.revenue, self.complaints)
        event = self._fired(rule, self.revenue)
        over = self._fired(rule, self.complaints)
        over._resolve("cleared")
        own = self._rule(self.revenue, is_personal=True)
        self._fired(own, self.revenue, personal_user_id=self.officer.id)
        due = self._action(due_date="2026-03-10")
        self._action(due_date="2026-03-11")
        self._action(due_date="2026-03-01", status="cancelled")
        self.meeting.action_fill_agenda()
        self.assertEqual(self.margin.status, "off_target")
        self.assertEqual(
            [
                (line.report_id, line.alert_event_id, line.action_item_id)
                for line in self.meeting.line_ids
            ],
            [
                (self.margin, event.browse(), due.browse()),
                (self.revenue, event, due),
            ],
        )
        names = self.meeting.line_ids.mapped("name")
        self.assertEqual(names[0], self.margin.name)
        self.assertIn("Alert: ", names[1])
        self.assertIn(f"Action: {due.name}", names[1])
        self.meeting.line_ids[0].note = "Costs"
        self.meeting.action_fill_agenda()
        self.assertEqual(len(self.meeting.line_ids), 2)
        self.assertEqual(self.meeting.line_ids[0].note, "Costs")
        margin = self._action(due_date="2026-03-02", report_id=self.margin.id)
        more = self._action(due_date="2026-03-10", description="More")
        for _again in range(2):
            self.meeting.action_fill_agenda()
            self.assertEqual(
                [
                    (line.report_id, line.action_item_id)
                    for line in self.meeting.line_ids
                ],
                [(self.margin, margin), (self.revenue, due), (self.revenue, more)],
            )

    def test_a_later_alert_joins_the_item_of_its_kpi(self):
        self._action(due_date="2026-03-01")
        self._action(due_date="2026-03-02", description="More")
        self.meeting.action_fill_agenda()
        lines = self.meeting.line_ids
        self.assertFalse(lines.alert_event_id)
        lines.note = "Discuss"
        events = self.env["kpi.alert.event"]
        rule = self._rule(self.revenue, self.margin)
        first = self._fired(rule, self.revenue)
        margin = self._fired(rule, self.margin)
        for _again in range(2):
            self.meeting.action_fill_agenda()
            self.assertEqual(self.meeting.line_ids, lines)
            self.assertEqual(
                [(line.report_id, line.alert_event_id) for line in lines],
                [
                    (self.margin, margin),
                    (self.revenue, first),
                    (self.revenue, events),
                ],
            )
        later = self._fired(self._rule(self.revenue), self.revenue)
        self.meeting.action_fill_agenda()
        self.assertEqual(lines.alert_event_id, margin | first)
        first._resolve("cleared")
        self.meeting.action_fill_agenda()
        self.assertEqual(lines.alert_event_id, margin | later)
        self.assertEqual(set(lines.mapped("note")), {"Discuss"})

    def test_an_item_speaks_of_one_period(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.meeting.action_fill_agenda()
        line = self.meeting.line_ids.filtered("alert_event_id")
        self.assertEqual(event.period_label, line.period_label)
        self.assertEqual(line.name, f"Alert: {event._get_dated_reason()}")
        rows = [(self.revenue.id, date(2026, 4, 1), 5.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotEqual(event.period_label, line.period_label)
        self.assertIn(f"Alert: {event.rule_name} (open since ", line.name)
        self.assertNotIn(event.period_label, line.name)

    def test_a_late_item_of_a_held_meeting_speaks_of_its_period(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self.meeting.action_hold()
        with self._at("2027-05-04 09:00:00"):
            rows = [(self.revenue.id, date(2026, 4, 1), 5.0)]
            self.env["kpi.measurement"]._upsert("month", rows, source="manual")
            line = self._add_item(self.revenue, alert_event_id=event.id)
        self.assertNotEqual(self.revenue.period_label, event.period_label)
        self.assertEqual(line.period_label, event.period_label)
        self.assertEqual(line.name, f"Alert: {event._get_dated_reason()}")

    def test_of_the_agenda_each_sees_their_kpis(self):
        self.meeting.action_fill_agenda()
        self._action(due_date="2026-03-01")
        self.meeting.action_fill_agenda()
        own = self._as(self.user, self.meeting)
        lines = self.env["kpi.review.meeting.line"]
        seen = self._as(self.user, lines).search([("meeting_id", "=", own.id)])
        self.assertEqual(seen.report_id, self.revenue)
        self.assertEqual(self.meeting.line_ids.report_id, self.margin | self.revenue)

    def test_each_gets_the_minutes_of_what_they_may_see(self):
        self._action(due_date="2026-03-01")
        self.meeting.action_fill_agenda()
        for line in self.meeting.line_ids:
            line.note = f"Said of {line.report_id.kpi_name}"
        self.meeting.minutes = "We met."
        decided = self._action(
            meeting_id=self.meeting.id,
            report_id=self.margin.id,
            description="Save",
        )
        self.meeting.action_hold()
        self.meeting.action_send_minutes()
        sent = self._told("Minutes")
        self.assertEqual(sent.user_id, self.officer | self.user)
        texts = {each.user_id: str(each.sudo()._compose()) for each in sent}
        for person, text in texts.items():
            with self.subTest(person.login):
                self.assertIn("We met.", text)
                self.assertIn("Said of Revenue", text)
                is_officer = person == self.officer
                for secret in ("Said of Margin", self.margin.name, decided.name):
                    self.assertEqual(secret in text, is_officer)

    def test_who_sees_the_scorecard_no_more_gets_none(self):
        self.meeting.action_hold()
        self.meeting.action_send_minutes()
        self.scorecard.member_ids = False
        sent = self._told("Minutes").filtered(lambda each: each.user_id == self.user)
        with self.assertRaises(DeliverySkipped):
            sent._compose()

    def test_asked_again_they_are_sent_again(self):
        with self._at("2026-03-10 12:00:00"):
            self.meeting.action_send_minutes()
        with self._at("2026-03-10 12:00:01"):
            self.meeting.action_send_minutes()
        self.assertEqual(len(self._told("Minutes")), 4)

    def test_nobody_takes_part_who_may_not_see_the_scorecard(self):
        for change in (
            {"participant_ids": [Command.link(self.stranger.id)]},
            {"user_id": self.stranger.id},
        ):
            with (
                self.subTest(change),
                self.assertRaisesRegex(UserError, "(?i)stranger.*scorecard"),
                self.cr.savepoint(),
            ):
                self.meeting.write(change)
        with self.assertRaisesRegex(UserError, "(?i)stranger"):
            self.meeting.message_post(
                body="Come", partner_ids=self.stranger.partner_id.ids
            )

    def test_who_takes_part_is_told(self):
        self.assertIn(self.user.partner_id, self.meeting.message_partner_ids)
        told = self._told()
        self.assertEqual(told.user_id, self.user)
        self.assertFalse(self.meeting.message_ids.sudo().notified_partner_ids)
        self.scorecard.member_ids |= self.manager
        self.meeting.participant_ids |= self.manager
        self.assertEqual((self._told() - told).user_id, self.manager)
        self.meeting.action_cancel()
        with self.assertRaises(DeliverySkipped):
            told._compose()
        self.meeting.action_reopen()
        self.meeting.participant_ids -= self.user
        with self.assertRaises(DeliverySkipped):
            told._compose()

    def _told(self, what="Invitation"):
        """Messages about the meeting in the outbox."""
        of_meeting = [("renderer", "=", self.meeting._name)]
        outbox = self.env["kpi.delivery"].sudo()
        return outbox.search([*of_meeting, ("subject", "=like", f"{what}:%")])

    def test_each_reads_the_time_on_their_own_clock(self):
        self.user.tz, self.manager.tz = "America/New_York", "Asia/Kolkata"
        self.scorecard.member_ids |= self.manager
        self.meeting.participant_ids |= self.manager
        self.meeting.action_send_minutes()
        for person, moment in (
            (self.user, "Mar 10, 5:00 AM (America/New_York)"),
            (self.manager, "Mar 10, 2:30 PM (Asia/Kolkata)"),
        ):
            minutes, invitation = (
                self._told(what).filtered(lambda each, to=person: each.user_id == to)
                for what in ("Minutes", "Invitation")
            )
            with self.subTest(person.login):
                message = invitation._compose()
                said = dict(message.lines[0].facts)["Starts"]
                self.assertEqual(said.replace("\u202f", " "), moment)
                self.assertIn("March", message.title)
                text = minutes._compose().text.replace("\u202f", " ")
                self.assertIn(moment, text)

    def test_what_happens_is_in_the_audit_log(self):
        self.meeting.minutes = "We met."
        self.meeting.action_hold()
        self.meeting.action_hold()
        self.meeting.action_send_minutes()
        entries = (
            self.env["kpi.audit.log"]
            .sudo()
            .search(
                [("model", "=", self.meeting._name), ("res_id", "=", self.meeting.id)],
                order="id",
            )
        )
        self.assertEqual(
            entries.mapped("event_type"),
            ["meeting_planned", "meeting_held", "meeting_minutes"],
        )
        self.assertEqual(entries.user_id, self.officer)
        self.assertNotIn("We met", entries[-1].text)

    def test_who_only_sees_it_does_not_change_it(self):
        own = self._as(self.user, self.meeting)
        own.message_post(body="I am late")
        for change in (
            own.action_fill_agenda,
            own.action_hold,
            own.action_send_minutes,
            lambda: own.write({"minutes": "X"}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_items_move_to_no_hidden_kpi_and_no_meeting_of_others(self):
        own = self._meet(self.user)
        values = {"meeting_id": own.id, "report_id": self.revenue.id}
        line = self._as(self.user, self.env["kpi.review.meeting.line"]).create(values)
        line.note = "Fine"
        for vals in ({"report_id": self.margin.id}, {"meeting_id": self.meeting.id}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                line.write(vals)

    def test_once_held_it_shows_the_numbers_of_then(self):
        self.meeting.action_fill_agenda()
        line = self.meeting.line_ids.filtered(lambda one: one.report_id == self.margin)

        def look():
            self.env.flush_all()
            self.env.invalidate_all()
            (fact,) = line._describe_line().facts
            return line.current_value, line.status, len(line.sparkline["points"]), fact

        then = look()
        self.assertEqual(then[:2], (10.0, "off_target"))
        self.meeting.action_hold()
        rows = [(self.margin.id, date(2026, 3, 1), 100.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        self.assertEqual(self.margin.current_value, 100.0)
        self.assertEqual(look(), then)
        own = self._as(self.officer, line)
        with self.assertRaises(AccessError), self.cr.savepoint():
            own.held_numbers = False
        with self.assertRaisesRegex(UserError, "This meeting has been held"):
            line.report_id = self.revenue
        line.report_id = self.margin  # as forms may write it
        self.assertEqual(look(), then)
        self.meeting.action_reopen()
        self.assertFalse(line.sudo().held_numbers)
        line.report_id = self.revenue
        self.assertEqual(line.current_value, self.revenue.current_value)

    def test_a_value_entered_in_the_second_it_is_held_counts(self):
        self.meeting.line_ids = [Command.create({"report_id": self.margin.id})]
        rows = [(self.margin.id, date(2026, 3, 1), 28.0)]
        with self._at("2026-03-10 09:00:00.500000"):
            self.env["kpi.measurement"]._upsert("month", rows, source="manual")
            self.meeting.action_hold()
        self.assertEqual(self.meeting.held_at, datetime(2026, 3, 10, 9))
        self.assertEqual(self.meeting.line_ids.current_value, 28.0)

    def test_numbers_of_all_items_are_read_together(self):
        def count(*reports):
            meeting = self._meet(
                line_ids=[Command.create({"report_id": one.id}) for one in reports]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            meeting.action_hold()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        more = [self._entered(f"More {n}", {"2026-02": n}, target=9) for n in range(6)]
        count(self.margin)  # what is looked up once
        self.assertLessEqual(count(*more), count(self.margin) + 2)

    def _add_item(self, report, **values):
        self.env.flush_all()
        self.env.invalidate_all()
        values |= {"meeting_id": self.meeting.id, "report_id": report.id}
        lines = self._as(self.officer, self.env["kpi.review.meeting.line"])
        return lines.create(values).sudo()

    def test_once_held_its_items_stay_and_keep_their_names(self):
        item = self._action(description="Call them", due_date="2026-03-10")
        self.meeting.action_fill_agenda()
        lines = self.meeting.line_ids
        before = lines.mapped("name")
        self.assertIn("Action: Call them", "".join(before))
        self.meeting.action_hold()
        item.description = "Write to them"
        self.margin.definition_id.name = "Other"
        self.assertEqual(lines.mapped("name"), before)
        item.sudo().unlink()
        self.env.invalidate_all()
        self.assertEqual(self.meeting.line_ids, lines)
        self.assertEqual(lines.mapped("name"), before)
        self.meeting.action_reopen()
        self.assertNotIn("Action: Call them", "".join(lines.mapped("name")))

    def test_what_is_added_later_shows_the_numbers_of_then(self):
        with self._at("2026-03-10 09:00:00"):
            rows = [(self.margin.id, date(2026, 3, 1), 28.0)]  # 29 are due
            self.env["kpi.measurement"]._upsert("month", rows, source="manual")
            self.meeting.line_ids = [Command.create({"report_id": self.margin.id})]
            self.meeting.action_hold()
        then = self.meeting.line_ids.sudo().held_numbers
        self.assertEqual((then["current_value"], then["status"]), (28.0, "on_target"))
        with self._at("2026-05-04 09:00:00"):
            for month, value in ((3, 130.0), (4, 100.0)):
                rows = [(self.margin.id, date(2026, month, 1), value)]
                self.env["kpi.measurement"]._upsert("month", rows, source="manual")
            late = self._add_item(self.margin)
            self.assertEqual(self.margin.current_value, 100.0)
            self.assertEqual(late.held_numbers, then)
            self.assertEqual(late.period_label, "Mar 2026")

    def test_what_had_no_value_yet_says_so(self):
        self.meeting.action_hold()
        with self._at("2027-03-10 09:00:00"):
            later = self._entered("Later", {"2027-01": 10}, target=100)
            self.scorecard.line_ids = [Command.create({"report_id": later.id})]
            line = self._add_item(later)
        self.assertEqual(line.period_label, "No value at the time")
        self.assertEqual((line.has_value, line.status), (False, "no_data"))
        self.assertFalse(line._describe_line().facts)

    def test_it_is_held_cancelled_and_planned_again(self):
        self.meeting.action_hold()
        self.assertEqual(self.meeting.state, "held")
        self.meeting.action_cancel()
        self.assertEqual(self.meeting.state, "cancelled")
        self.meeting.action_reopen()
        self.assertEqual(self.meeting.state, "planned")
        with self.assertRaisesRegex(UserError, "cannot change"):
            self.meeting.group_id = self.scorecard.copy()

    def test_from_the_scorecard(self):
        context = self.scorecard.action_plan_review()["context"]
        self.assertEqual(context["default_group_id"], self.scorecard.id)
        self.assertIn("Board", context["default_name"])
