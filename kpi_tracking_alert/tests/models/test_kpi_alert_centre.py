from ast import literal_eval
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .alert_case import AlertCase

IN_WORDS = "Feb 2026: 70% of target, below 90%"


@tagged("post_install", "-at_install")
class TestKpiAlertCentre(AlertCase):
    """What people see of alerts, and what waits for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._rule(cls.revenue, cls.complaints)

    def test_alerts_wait_for_those_who_are_told(self):
        event = self._fired(self.rule, self.revenue)
        own = self._as(self.user, self.events)
        self.assertEqual(own.get_waiting_count(), 0)
        self.revenue.shared_user_ids = self.user
        self.assertEqual(own.get_waiting_count(), 0)
        event.addressee_ids = self.user
        self.assertEqual(own.get_waiting_count(), 1)
        own.browse(event.id).action_acknowledge()
        self.assertEqual(own.get_waiting_count(), 0)
        (item,) = own.get_centre()["alerts"]
        self.assertEqual((item["id"], item["state"]), (event.id, "acknowledged"))
        self.assertTrue(item["is_assigned_to_me"])
        self.assertEqual(item["period"], event.period_label)

    def test_levels_of_one_kpi_are_one_row_the_worst_of_the_widest_first(self):
        department = self._track(self.revenue.definition_id, self.sales)
        person = self._track(self.revenue.definition_id, self.user)
        (self.revenue | department | person | self.complaints).owner_id = self.manager
        kpis = (person, department, self.revenue)
        rule = self._rule(*kpis, self.complaints)
        events = [self._fired(rule, kpi, severity="critical") for kpi in kpis]
        own = self._fired(rule, self.complaints, severity="warning")
        self.events.browse([event.id for event in events]).addressee_ids = self.manager
        own.addressee_ids = self.manager
        centre = self._as(self.manager, self.events).get_centre()
        self.assertEqual(
            [
                (row["id"], [each["id"] for each in row["others"]])
                for row in centre["alerts"]
            ],
            [(events[2].id, [events[1].id, events[0].id]), (own.id, [])],
        )
        self.assertEqual(centre["count"], 2)
        opened = self.events.browse(centre["alerts"][0]["ids"]).action_open_together()
        self.assertEqual(set(opened["domain"][0][2]), {event.id for event in events})

    def test_alert_me_takes_the_bell_for_who_has_no_address(self):
        self.revenue.shared_user_ids = self.user
        self.user.email = False
        action = self._as(self.user, self.revenue).action_alert_me()
        form = self._fill_dialog(action)
        self.assertEqual(form.notification_channels, "inbox")
        self.assertIn("your user has none", form.email_hint)
        form.notification_channels = "email"
        with self.assertRaisesRegex(UserError, "Choose “Bell”"):
            form.save().action_turn_on_and_close()
        rule = self._fill_dialog(action).save()
        rule.action_turn_on_and_close()
        self.assertEqual((rule.state, rule.notification_channels), ("on", "inbox"))
        opened = rule.action_add_address()
        self.assertEqual(opened["res_model"], "res.users")
        self.assertEqual(opened["res_id"], self.user.id)

    def test_a_second_channel_makes_no_second_rule(self):
        self.revenue.shared_user_ids = self.user
        action = self._as(self.user, self.revenue).action_alert_me()
        first = self._fill_dialog(action)
        self.assertFalse(first.twin_id)
        rule = first.save()
        rule.action_turn_on_and_close()
        again = self._fill_dialog(action)
        self.assertEqual(again.twin_id, rule)
        again.notification_channels = "inbox"
        self.assertEqual(again.twin_id, rule)
        notice = again.save().action_turn_on_and_close()
        self.assertIn("You already have this alert", notice["params"]["message"])
        self.assertIn("by email", notice["params"]["message"])
        mine = [("owner_id", "=", self.user.id)]
        rules = self.env["kpi.smart.alert"].search(mine)
        self.assertEqual(rules, rule)
        self.assertEqual(rule.route_ids.mapped("channel"), ["inbox"])
        same = self._fill_dialog(action).save()
        same.action_turn_on_and_close()
        self.assertEqual(self.env["kpi.smart.alert"].search(mine), rule)
        self.assertEqual(len(rule.route_ids), 1)
        other = self._fill_dialog(action)
        other.watched_for = "not_on_target"
        self.assertFalse(other.twin_id)

    def test_a_rule_that_was_never_turned_on_is_no_alert_that_one_has(self):
        self.revenue.shared_user_ids = self.user
        action = self._as(self.user, self.revenue).action_alert_me()
        left = self._fill_dialog(action).save()  # and the dialog is closed
        self.assertFalse(self._fill_dialog(action).twin_id)
        left.action_turn_on()
        self.assertEqual(self._fill_dialog(action).twin_id, left)
        left.action_turn_off()
        self.assertEqual(self._fill_dialog(action).twin_id, left)
        left.active = False
        self.assertFalse(self._fill_dialog(action).twin_id)

    def test_a_dialog_that_is_just_closed_leaves_no_rule_behind(self):
        self.revenue.shared_user_ids = self.user
        action = self._as(self.user, self.revenue).action_alert_me()
        left, used, opened = (self._fill_dialog(action).save() for _each in range(3))
        used.action_turn_on()
        used.action_turn_off()
        opened.action_open_settings()
        own = self._as(self.user, self.env["kpi.smart.alert"])
        made = own.create({"report_ids": self.revenue.ids})
        listed, edited = (self._fill_dialog(action).save() for _each in range(2))
        own.browse(listed.id).web_save_multi([{"severity": "critical"}], {})
        with Form(own.browse(edited.id)) as form:
            form.severity = "critical"
        with Form(left, action["views"][0][0]) as form:  # still the same dialog
            form.watched_for = "unusual"
        rules = left | used | opened | made | listed | edited
        for name in ("kpi_smart_alert_action", "kpi_smart_alert_action_mine"):
            screen = self.env.ref(f"kpi_tracking_alert.{name}")
            shown = rules.filtered_domain(literal_eval(screen.domain))
            self.assertEqual(shown, used | opened | made | listed | edited, name)
        rules._gc_unconfirmed()
        self.assertEqual(rules.exists(), rules)  # the dialog may still be open
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_smart_alert SET write_date = write_date - interval '2 days'"
        )
        self.env.invalidate_all()
        self.env["kpi.smart.alert"]._gc_unconfirmed()
        self.assertEqual(rules.exists(), used | opened | made | listed | edited)

    def test_who_has_an_address_is_alerted_by_email(self):
        self.revenue.shared_user_ids = self.user
        rules = self._as(self.user, self.env["kpi.smart.alert"])
        action = self._as(self.user, self.revenue).action_alert_me()
        form = Form(rules.with_context(**action["context"]), action["views"][0][0])
        self.assertEqual(form.notification_channels, "email")
        self.assertFalse(form.email_hint)
        form.save().action_turn_on_and_close()

    def test_who_may_not_see_a_kpi_is_not_bothered(self):
        event = self._fired(self.rule, self.revenue)
        event.addressee_ids = self.user
        own = self._as(self.user, self.events)
        self.assertEqual(own.get_waiting_count(), 0)
        self.assertEqual(own.get_centre()["alerts"], [])

    def test_its_trend_ends_with_the_judged_period(self):
        event = self._fired(self.rule, self.revenue, period="2026-01", value=120.0)
        later = self._fired(self._rule(self.revenue), self.revenue, value=90.0)
        trends = [each.sparkline for each in (event + later)]
        self.assertEqual([len(trend["points"]) for trend in trends], [12, 12])
        ends = [(p["label"], p["value"]) for p in (t["points"][-1] for t in trends)]
        self.assertEqual(ends, [("Jan 2026", 120.0), ("Feb 2026", 90.0)])
        self.assertFalse(trends[0]["running"])

    def test_worst_first_and_those_that_somebody_has_last(self):
        mild = self._fired(self.rule, self.revenue, severity="warning")
        bad = self._fired(self.rule, self.complaints, severity="urgent")
        of_rule = fields.Domain("alert_id", "=", self.rule.id)
        self.assertEqual(self.events.search(of_rule).ids, [bad.id, mild.id])
        by_severity = self.events.search(of_rule, order="severity")
        self.assertEqual(by_severity.ids, [mild.id, bad.id])
        bad.action_acknowledge()
        self.assertEqual(self.events.search(of_rule).ids, [mild.id, bad.id])
        mild.action_snooze(fields.Datetime.now() + timedelta(hours=1))
        self.assertEqual(self.events.search(of_rule).ids, [bad.id, mild.id])

    def test_of_equally_bad_ones_the_newer_first(self):
        old = self._fired(self.rule, self.revenue)
        new = self._fired(self.rule, self.complaints)
        old.fired_at = new.fired_at - timedelta(days=1)
        of_rule = fields.Domain("alert_id", "=", self.rule.id)
        self.assertEqual(self.events.search(of_rule).ids, [new.id, old.id])

    def test_a_limit_leaves_out_the_mildest(self):
        self._fired(self.rule, self.revenue, severity="info")
        bad = self._fired(self.rule, self.complaints, severity="critical")
        found = self.events.search([("alert_id", "=", self.rule.id)], limit=1)
        self.assertEqual(found, bad)

    def test_many_alerts_take_as_many_statements_as_two(self):
        own = self._as(self.officer, self.events)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            own.get_centre()
            return self.env.cr.sql_log_count - before

        for report in (self.revenue, self.complaints):
            self._fired(self.rule, report).addressee_ids = self.officer
        count()  # rights and texts are remembered from here on
        few = count()
        for number in range(6):
            rule = self._rule(self.revenue, self.complaints, name=f"Rule {number}")
            for report in (self.revenue, self.complaints):
                self._fired(rule, report).addressee_ids = self.officer
        rows = own.get_centre()["alerts"]
        self.assertEqual([len(row["ids"]) for row in rows], [7, 7])
        self.assertEqual(count(), few)

    def test_the_overview_counts_them_first(self):
        event = self._fired(self.rule, self.revenue)
        event.addressee_ids = self.officer
        home = self._as(self.officer, self.env["kpi.home"])
        first = home.get_needs()[0]
        self.assertEqual((first["kind"], first["count"]), ("alert", 1))

    def test_the_digest_names_kpis_with_new_alerts(self):
        events = self._fired(self.rule, self.revenue)
        events += self._fired(self.rule, self.complaints, severity="urgent")
        home = self._as(self.officer, self.env["kpi.home"])
        today = fields.Date.context_today(home)
        (item,) = self._list_alert_news(home, today)
        self.assertEqual(item["title"], "2 KPIs have new alerts")
        self.assertEqual(item["text"], f"{self.complaints.name} and 1 more")
        self.assertEqual(
            (item["model"], set(item["ids"])), (events._name, {*events.ids})
        )
        self.assertFalse(self._list_alert_news(home, today + timedelta(days=2)))
        self.assertFalse(self._list_alert_news(self._as(self.user, home), today))
        events._resolve("cleared")
        self.assertFalse(self._list_alert_news(home, today))

    def _list_alert_news(self, home, day):
        return [item for item in home._since(day) if item["kind"] == "alert"]

    def test_without_alerts_none_waits(self):
        home = self._as(self.officer, self.env["kpi.home"])
        self.assertNotIn("alert", {need["kind"] for need in home.get_needs()})

    def test_an_alert_stands_for_the_kpi_that_is_off_track(self):
        self.revenue.status = "off_target"
        home = self._as(self.officer, self.env["kpi.home"])

        def kinds():
            items = home._alert_items(self.revenue)
            return [item["kind"] for item in items]

        self.assertEqual(kinds(), ["off_target"])
        event = self._fired(self.rule, self.revenue)
        self.assertEqual(kinds(), ["alert"])
        (item,) = home._alert_items(self.revenue)
        self.assertEqual(item["text"], f"{self.revenue.name}: {IN_WORDS}")
        event._resolve("cleared")
        self.assertEqual(kinds(), ["off_target"])

    def test_a_kpi_shows_its_alert_and_who_has_it(self):
        self.assertEqual(self._list_links(self.revenue), {})
        event = self._fired(self.rule, self.revenue)
        own = self._as(self.officer, self.revenue)
        self.assertEqual(self._list_links(own), {"closed": "1 alert"})
        self.assertEqual(own.action_open_alerts()["res_id"], event.id)
        self.assertEqual(own.action_open_alerts("2026-02-01")["res_id"], event.id)
        others = own.action_open_alerts("2026-01-01")
        self.assertNotIn(event, event.search(others["domain"]))
        event._resolve("cleared")
        self.assertEqual(self._list_links(own), {})

    def test_a_kpi_counts_the_alerts_that_its_reader_sees(self):
        """Of each period those that are open; someone's own ones are theirs alone."""
        self._fired(self.rule, self.revenue)
        self._fired(self._rule(self.revenue), self.revenue, "2026-01")
        personal = self._rule(
            self.revenue, name="Mine", owner_id=self.officer.id, is_personal=True
        )
        self._fired(personal, self.revenue, personal_user_id=self.officer.id)
        self.revenue.shared_user_ids = self.user
        for user, text in ((self.officer, "2 alerts"), (self.user, "1 alert")):
            own = self._as(user, self.revenue)
            self.assertEqual(self._list_links(own), {"closed": text}, user.name)

    def _list_links(self, report):
        """Key of a figure → text of its link, where it has one."""
        report.invalidate_recordset()
        with self._at("2026-03-11 12:00:00"):
            figures = report.standing["figures"]
        return {each["key"]: link["text"] for each in figures for link in each["links"]}

    def test_a_rule_of_ones_own_from_a_kpi(self):
        self.revenue.shared_user_ids = self.user
        own = self._as(self.user, self.revenue)
        action = own.action_alert_me()
        form = Form(
            self._as(self.user, self.env["kpi.smart.alert"]).with_context(
                **action["context"]
            ),
            view=action["views"][0][0],
        )
        rule = form.save()
        self.assertEqual(rule.report_ids, own)
        self.assertTrue(rule.is_personal)
        opened = rule.action_open_settings()
        with Form(self.env[opened["res_model"]].browse(opened["res_id"])) as settings:
            settings.periods = 2
        rule.action_turn_on_and_close()
        self.assertEqual(rule.state, "on")
        self.assertIn(own.name, rule.name)

    def test_dialogs_name_no_rule_that_one_may_not_see(self):
        for model in ("kpi.alert.replay", "kpi.alert.preview"):
            with self.subTest(model), self.assertRaises(AccessError):
                dialogs = self._as(self.user, self.env[model])
                dialogs.create({"alert_id": self.rule.id})

    def _fill_dialog(self, action):
        rules = self._as(self.user, self.env["kpi.smart.alert"])
        view_id = action["views"][0][0]
        return Form(rules.with_context(**action["context"]), view=view_id)

    def test_what_is_proposed_suits_the_kpi(self):
        self.revenue.status = "no_target"
        proposed = self.revenue.action_alert_me()["context"]
        self.assertEqual(proposed["default_alert_type"], "anomaly_detected")
        self.revenue.status = "no_data"  # and it has a target
        proposed = self.revenue.action_alert_me()["context"]
        self.assertEqual(proposed["default_alert_type"], "threshold_breach")
        self.revenue.status = "on_target"
        proposed = self.revenue.action_alert_me()["context"]
        # Achievement says it for KPIs that should be low, too.
        self.assertEqual(proposed["default_compared"], "achievement")

    def test_snoozing_and_resolving_many_by_their_dialogs(self):
        events = self._fired(self.rule, self.revenue)
        events |= self._fired(self.rule, self.complaints)
        own = self._as(self.officer, events)
        action = own.action_open_snooze()
        dialog = Form(own.env[action["res_model"]].with_context(**action["context"]))
        dialog.choice = "hour"
        dialog.save().action_snooze()
        self.assertEqual(set(events.mapped("state")), {"snoozed"})
        chosen = {"active_model": own._name, "active_ids": own.ids}
        dialog = Form(own.env["kpi.alert.resolve"].with_context(**chosen))
        dialog.note = "Booked late"
        dialog.save().action_resolve()
        self.assertEqual(set(events.mapped("state")), {"resolved"})
        self.assertEqual(set(events.mapped("resolution_note")), {"Booked late"})

    def test_a_dialog_lets_nobody_act_on_what_is_others_business(self):
        self.revenue.shared_user_ids = self.user
        own = self._as(self.user, self._fired(self.rule, self.revenue))
        dialog = own.env["kpi.alert.resolve"].create({"event_ids": [(6, 0, own.ids)]})
        with self.assertRaises(AccessError):
            dialog.action_resolve()

    def test_the_digest_counts_what_was_open_then(self):
        event = self._fired(self.rule, self.revenue)
        now = event.fired_at
        later = now + timedelta(hours=1)
        digests = self._as(self.officer, self.env["digest.digest"])

        def count(moment):
            then = digests.with_context(end_datetime=moment)
            return then.new({"company_id": self.company.id}).kpi_alert_open_value

        self.assertEqual(count(now), 0)
        self.assertEqual(count(later), 1)
        event._resolve("cleared")
        event.resolved_at = now + timedelta(minutes=30)
        middle = now + timedelta(minutes=10)
        self.assertEqual(count(middle), 1)
        self.assertEqual(count(later), 0)

    def test_screens_of_those_concerned_hear_of_it_once(self):
        events = self._fired(self.rule, self.revenue)
        events |= self._fired(self.rule, self.complaints)
        events.addressee_ids = self.user | self.officer
        sent = []
        send = patch.object(
            type(self.env["bus.bus"]),
            "_sendone",
            lambda bus, target, kind, body: sent.append((target, kind, body)),
        )
        self.env.cr.precommit.data["kpi_tracking_alert.changed"] = set(events.ids)
        with send:
            self.events._send_changed()
        told = [
            target for target, kind, _body in sent if kind.endswith("alert.changed")
        ]
        partners = (self.user | self.officer | events.report_id.owner_id).partner_id
        self.assertCountEqual([partner.id for partner in told], partners.ids)
        self.assertEqual(
            {str(body) for _t, kind, body in sent if "alert" in kind}, {"{}"}
        )
