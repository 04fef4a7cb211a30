from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.engine.message import to_text
from odoo.addons.kpi_tracking_dashboard.engine.drawing.charts import draw_line

from .routing_case import RoutingCase

LARGEST_MAIL = 200_000  # bytes


@tagged("post_install", "-at_install")
class TestKpiAlertMessage(RoutingCase):
    """What messages say, to whom."""

    def _messages(self):
        """Receiver → ``Message`` of what leaves now."""
        before = self.outbox.search([]).ids
        self._sweep()
        queued = self.outbox.search([("id", "not in", before)])
        return {each.user_id: each._compose() for each in queued}

    def test_one_alert(self):
        event = self._fired(
            self._rule(self.revenue),
            self.revenue,
            value=70.0,
            details={"condition": "below", "values": [70.0], "target": 100.0},
        )
        message = self._messages()[self.officer]
        self.assertTrue(event.reason)
        self.assertRegex(message.title, "^Revenue – North, Feb 2026: .*70.* · ")
        self.assertIn(" ".join(event.reason.split()), message.title)
        self.assertEqual(message.lines[0].tone, "warning")
        self.assertIn(("Period", "Feb 2026"), message.lines[0].facts)
        labels = [action.label for action in message.actions]
        self.assertEqual(labels, ["Acknowledge", "Open Alert", "Open KPI"])
        self.assertTrue(message.url.endswith(f"/odoo/kpi-alerts/{event.id}"))

    def test_the_subject_says_the_value_once(self):
        self.revenue.definition_id.write({"decimals": 1, "name": "5.0"})
        values = {"value": 5.0, "measured": 5.0, "limit": 8.0}
        found = {"condition": "below", "values": [5.0]}
        rule = self._rule(self.revenue, compared="value", threshold=8.0)
        event = self._fired(rule, self.revenue, details=found, **values)
        headline = event._get_headline({"change": "fired"})
        self.assertEqual(headline, "5.0 – North, Feb 2026: 5.0, below 8.0")
        rule = self._rule(self.revenue, alert_type="restated")
        moved = {"old": 8.0, "new": 5.0}
        event = self._fired(rule, self.revenue, details=moved, **values)
        headline = event._get_headline({"change": "fired"})
        self.assertRegex(headline, "^5.0 – North: Feb 2026 changed from 8.00 to 5.00: ")

    def test_without_records_its_link_opens_the_kpi_at_that_period(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        action = self._messages()[self.officer].actions[-1]
        self.assertEqual(action.label, "Open KPI")
        path = f"/odoo/kpi-alerts/{event.id}/kpi-alert-records"
        self.assertTrue(action.url.endswith(path))
        opened = self._run_link(self.officer, event)
        self.assertEqual(opened["res_id"], self.revenue.id)
        self.assertEqual(opened["context"]["kpi_period"], "2026-02-01")
        with self.assertRaises(AccessError):
            self._run_link(self.user, event)
        # Without an alert, or one that is gone, its address lists them.
        nothing = event.browse()
        self.assertEqual(
            self._run_link(self.officer, nothing)["res_model"], event._name
        )

    def _run_link(self, user, event):
        """What the link of a message opens for somebody."""
        action = self.env.ref("kpi_tracking_alert.kpi_alert_records_action")
        # All that the address says.
        return self._as(user, action).with_context(active_id=event.id).run()

    def test_its_link_opens_the_records_of_that_period(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        partner = self.officer.partner_id
        records = {"model": "res.partner", "ids": partner.ids, "count": 3}
        explained = patch.object(
            type(self.revenue), "get_explanation", lambda *_asked: {"records": records}
        )
        with explained:
            opened = self._run_link(self.officer, event)
        self.assertEqual(opened["res_model"], "res.partner")
        self.assertEqual(opened["domain"], [("id", "in", partner.ids)])

    def test_its_chart(self):
        self._fired(self._rule(self.revenue), self.revenue, value=90.0)
        message = self._messages()[self.officer]
        self.assertTrue(message.picture.startswith(b"\x89PNG"))
        self.assertIn("Feb 2026 90", message.picture_text)
        self.assertIn("Jan 2026 120", message.picture_text)

    def test_its_chart_names_its_lines(self):
        event = self._fired(self._rule(self.revenue), self.revenue, value=90.0)
        drawing = draw_line(event._build_chart())
        texts = [label.text for label in drawing.labels]
        # Last the numbers of the last and of the worst period.
        names = ["Value", "Alert below 90%", "Target 100", "90", "70"]
        self.assertEqual(texts[-5:], names)
        *_others, threshold = event._build_chart().series
        targets = event._build_chart().targets
        self.assertEqual(threshold.values[-1], 0.9 * targets[-1])

    def test_the_worst_three_kpis_have_charts(self):
        values = {f"2025-{at:02}": at * 731 % 97 for at in range(3, 13)}
        kpis = [
            self._entered(f"KPI {at}", {**values, "2026-02": 90}, target=100)
            for at in range(5)
        ]
        rule = self._rule(*kpis, tell_responsible=False)
        severities = ("info", "warning", "urgent", "critical", "info")
        for kpi, severity in zip(kpis, severities, strict=True):
            self._fired(rule, kpi, severity=severity)
        before = self.outbox.search([]).ids
        self._sweep()
        delivery = self.outbox.search([("id", "not in", before)])
        message = delivery._compose()
        self.assertIsNone(message.picture)
        self.assertEqual(
            [bool(line.picture) for line in message.lines], [True] * 3 + [False] * 2
        )
        self.assertIn("KPI 2 – North: Mar 2025", message.lines[0].picture_text)
        mail = delivery._email()
        pictures = [
            part for part in mail.walk() if part.get_content_type() == "image/png"
        ]
        self.assertEqual(len(pictures), 3)
        self.assertLess(len(mail.as_bytes()), LARGEST_MAIL)

    def test_a_storm_begins_with_the_worst(self):
        self.complaints.owner_id = self.officer
        rule = self._rule(self.revenue, self.complaints)
        self._fired(rule, self.revenue, severity="info")
        self._fired(rule, self.complaints, severity="critical")
        message = self._messages()[self.officer]
        self.assertEqual(message.title, "2 KPIs need attention")
        self.assertEqual(
            [line.title for line in message.lines[:2]],
            ["Complaints – North", "Revenue – North"],
        )
        self.assertEqual([each.label for each in message.actions], ["Open Alerts"])

    def test_two_alerts_of_a_kpi_are_one_kpi(self):
        self.complaints.owner_id = self.officer
        first, second = (self._rule(self.revenue), self._rule(self.complaints))
        for rule in (first, self._rule(self.revenue, name="Second")):
            self._fired(rule, self.revenue)
        self.assertEqual(
            self._messages()[self.officer].title, "Revenue – North: 2 alerts"
        )
        for rule in (second, self._rule(self.complaints, name="Third")):
            self._fired(rule, self.complaints)
        fourth = self._rule(self.revenue, name="Fourth")
        self._fired(fourth, self.revenue)
        self.assertEqual(self._messages()[self.officer].title, "2 KPIs need attention")

    def test_begins_and_ends_are_counted_apart_whatever_has_room(self):
        teams = self.env["kpi.team"].create(
            [{"name": f"Team {at}"} for at in range(60)]
        )
        kpi = {"definition_id": self.revenue.definition_id.id, "scope_type": "team"}
        kpi |= {"company_id": self.company.id, "owner_id": self.officer.id}
        kpis = self.env["kpi.report"].create([{**kpi, "team_id": t.id} for t in teams])
        rules = [self._rule(*kpis, name=f"Rule {at}") for at in range(3)]
        *before, last = (
            self.events.union(*(self._fired(rule, kpi) for kpi in kpis))
            for rule in rules
        )
        last.notice_ids.state = "dropped"
        self.assertEqual(self._messages()[self.officer].title, "60 KPIs need attention")
        last.notice_ids.state = "waiting"
        self.events.union(*before)._resolve("cleared")
        message = self._messages()[self.officer]
        self.assertEqual(
            message.title, "KPIs that need attention: 60; alerts resolved: 120"
        )
        self.assertEqual(
            message.text,
            "More KPIs in Odoo: 10. More alerts resolved: 120.",
        )
        self.assertEqual(self._said_in_outbox()[:29], "Alerts: 60, resolved: 120 · R")
        last._resolve("cleared")
        message = self._messages()[self.officer]
        self.assertEqual(message.title, "60 alerts resolved")
        self.assertEqual(message.text, "More alerts resolved: 10.")

    def test_one_shortfall_on_four_levels_is_one_line(self):
        levels = {"info": 0.95, "warning": 0.9, "critical": 0.85, "urgent": 0.8}
        events = self.events.union(
            *(
                self._fired(
                    self._rule(self.revenue, name=f"Below {at}", severity=severity),
                    self.revenue,
                    details={"condition": "below"},
                    limit=at,
                )
                for severity, at in levels.items()
            )
        )
        message = self._messages()[self.officer]
        self.assertEqual(message.title, "Revenue – North: 4 alerts")
        (line,) = message.lines
        self.assertEqual((line.tone, message.text), ("urgent", ""))
        said = [f"{label} | {text}" for label, text in line.facts if "elow" in text]
        self.assertEqual(
            [" ".join(each.split()) for each in said],
            [
                "Urgent Action Required | Below 0.8: 70% of target, below 80%",
                "Critical | Below 0.85: 70% of target, below 85%",
                "Warning | Below 0.9: 70% of target, below 90%",
                "Information | Below 0.95: 70% of target, below 95%",
            ],
        )
        link = message.actions[0].url.rpartition("/")[2]
        opened = self.events._open_acknowledge_link(link)
        self.assertEqual(set(opened.ids), set(events.ids))
        own = self._as(self.officer, self.events)
        centre = own.get_centre()
        (row,) = centre["alerts"]
        self.assertEqual((row["severity"], centre["count"]), ("urgent", 1))
        self.assertEqual(
            [other["severity"] for other in row["others"]],
            ["critical", "warning", "info"],
        )
        home = own.env["kpi.home"]
        need = next(need for need in home.get_needs() if need["kind"] == "alert")
        self.assertEqual(need["text"], "KPIs with alerts to acknowledge: 1")
        # opened by the filter of those alone, not also by that of all open alerts
        chosen = {name for name, on in need["action"]["context"].items() if on}
        self.assertEqual(chosen, {"search_default_mine", "search_default_firing"})
        (item,) = [each for each in home._alert_items() if each["kind"] == "alert"]
        self.assertTrue(item["text"].endswith(" (and 3 more)"))
        own.browse(row["waiting_ids"]).action_acknowledge()
        self.assertEqual(own.get_waiting_count(), 0)
        events._resolve("cleared")
        message = self._messages()[self.officer]
        self.assertEqual(message.title, "4 alerts resolved")
        self.assertEqual(len(message.lines), 1)

    def test_each_of_several_alerts_has_a_link_to_acknowledge_it(self):
        self.complaints.owner_id = self.officer
        rule = self._rule(self.revenue, self.complaints)
        events = self._fired(rule, self.revenue) | self._fired(rule, self.complaints)
        message = self._messages()[self.officer]
        links = [
            action.url.rpartition("/")[2]
            for line in message.lines
            for action in line.actions
        ]
        opened = [self.events._open_acknowledge_link(link) for link in links]
        self.assertEqual([event.id for event in opened], events.ids)
        for link in links:
            self.assertIn(
                f"Acknowledge: {self.events.get_base_url()}", to_text(message)
            )
            self.assertIn(link, to_text(message))
            self.assertIn(link, self.env["kpi.delivery"]._to_html(message))

    def test_turning_a_rule_on_sends_one_summary(self):
        self.complaints.owner_id = self.officer
        rule = self._rule(self.revenue, self.complaints)
        for report in (self.revenue, self.complaints):
            self._fired(rule, report, is_initial=True)
        message = self._messages()[self.officer]
        self.assertEqual(message.title, "Below Target is on: 2 KPIs need attention")
        self.assertIn("Found at activation", message.lines[0].text)

    def test_the_end(self):
        event = self._fired(self._rule(self.revenue), self.revenue)
        self._sweep()
        event.cleared_value = 95.0
        event._resolve("corrected", "It was 95.")
        message = self._messages()[self.officer]
        self.assertEqual(message.title, "Revenue – North: alert resolved")
        self.assertIn("The value was corrected. It was 95.", message.lines[0].text)
        self.assertEqual(message.lines[0].tone, "good")
        self.assertIn(("Current value", "95"), message.lines[0].facts)
        self.assertNotIn("Acknowledge", [each.label for each in message.actions])

    def test_each_sees_only_what_they_may_at_sending(self):
        self.complaints.shared_user_ids = self.user
        self.revenue.shared_user_ids = self.user
        rule = self._rule(
            self.revenue,
            self.complaints,
            tell_responsible=False,
            user_ids=[Command.link(self.user.id)],
        )
        self._fired(rule, self.revenue)
        self._fired(rule, self.complaints)
        self._sweep()
        message = self.outbox.search([("user_id", "=", self.user.id)], limit=1)
        self.revenue.shared_user_ids = False
        self.assertNotIn("Revenue", to_text(message._compose()))

    def test_a_level_that_is_told_early_hears_how_long_it_really_was(self):
        rule = self._rule(
            self.revenue,
            level_ids=[
                Command.create({"after_minutes": 10, "whom": "department_head"}),
                Command.create({"after_minutes": 20, "whom": "owner"}),
            ],
            tell_responsible=False,
            user_ids=[Command.link(self.officer.id)],
        )
        self.revenue.owner_id = self.manager
        self.manager.group_ids += self.env.ref("kpi_base.kpi_base_group_officer")
        self._fired(rule, self.revenue)
        self._sweep()
        with self._later(minutes=10):
            message = self._messages()[self.manager]
        self.assertIn("Not acknowledged for 10", to_text(message))

    def test_a_forecast_is_not_called_the_value(self):
        rule = self._rule(self.revenue, alert_type="target_risk")
        event = self._fired(rule, self.revenue, value=5.1, measured=20.0, limit=50.0)
        data = {"change": "fired"}
        line = event._describe_line(data)
        labels = [label for label, _text in line.facts]
        self.assertIn("Expected", labels)
        self.assertNotIn("Value", labels)
        self.assertIn("expected 5 ·", event._get_headline(data))

    def test_escalation_and_reminder_say_why(self):
        rule = self._rule(self.revenue, auto_escalation=True)
        self.revenue.owner_id = self.user
        self.employee.parent_id = self.boss
        self.manager.group_ids += self.env.ref("kpi_base.kpi_base_group_officer")
        event = self._fired(rule, self.revenue)
        self._sweep()
        with self._later(minutes=61):
            message = self._messages()[self.manager]
        self.assertIn("Not acknowledged for 61", to_text(message))
        self._as(self.user, event).action_acknowledge()
        with self._later(hours=80):
            message = self._messages()[self.manager]
        self.assertIn("Still open.", to_text(message))
        self.assertNotIn("Acknowledge", [each.label for each in message.actions])

    def test_awkward_names(self):
        name = "A<script>alert(1)</script>\r\nBcc: x@example.com" + "x" * 10_000
        self.revenue.definition_id.name = name
        self._fired(self._rule(self.revenue, name=name[:200]), self.revenue)
        message = self._messages()[self.officer]
        html, text = self.env["kpi.delivery"]._to_html(message), to_text(message)
        self.assertNotIn("<script", html)
        self.assertNotIn("\nBcc", message.title)
        self.assertLess(len(text), 20_000)
        self.assertLess(len(message.title), 201)
        self.assertFalse([line for line in text.splitlines() if line.startswith("Bcc")])

    def test_the_outbox_names_the_rules_and_no_kpi(self):
        self.complaints.owner_id = self.officer
        rule = self._rule(self.revenue, name="Too Low")
        event = self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(self._said_in_outbox(), "Alerts: 1 · Too Low")
        second = self._rule(self.complaints, name="Complaints", severity="urgent")
        self._fired(second, self.complaints)
        self._fired(self._rule(self.revenue, name="Third"), self.revenue)
        self._sweep()
        self.assertEqual(self._said_in_outbox(), "Alerts: 2 · Complaints and 1 more")
        event._resolve("cleared")
        self._sweep()
        self.assertEqual(self._said_in_outbox(), "Alerts resolved: 1 · Too Low")

    def test_the_outbox_does_not_name_personal_rules(self):
        rule = self._rule(self.revenue, name="My Secret", is_personal=True)
        self._fired(rule, self.revenue)
        self._sweep()
        self.assertEqual(self._said_in_outbox(), "Alerts: 1 · personal rule")

    def _said_in_outbox(self):
        """Subject of the message that was queued last."""
        return self.outbox.search([], limit=1, order="id desc").subject

    def test_own_text(self):
        rule = self._rule(
            self.revenue,
            message_text="Call {responsible}: {kpi} is at {value} ({{{severity}}}).",
        )
        self._fired(rule, self.revenue, value=90.0)
        message = self._messages()[self.officer]
        self.assertRegex(
            message.lines[0].text,
            r"Call officer: Revenue – North is at .*90.* \({Warning}\)\.",
        )

    def test_unknown_names_are_refused_by_name(self):
        for text, named in (("{owner}", "{owner}"), ("{kpi", "unpaired brace")):
            with (
                self.subTest(text=text),
                self.assertRaisesRegex(ValidationError, named),
            ):
                self._rule(self.revenue, message_text=text)

    def test_preview(self):
        rule = self._rule(self.revenue, message_text="Look at {kpi}.")
        own = self._as(self.officer, rule)
        with self.assertRaises(UserError):
            own.preview_message()
        self._fired(rule, self.revenue)
        shown = own.preview_message()
        self.assertIn("Look at Revenue – North.", shown["text"])
        self.assertNotIn("/kpi/alert/", shown["text"])
        with self.assertRaises(AccessError):
            self._as(self.user, rule).preview_message()
