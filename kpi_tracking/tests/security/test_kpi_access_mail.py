import base64

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .access_case import KpiAccessCase
from .access_oracle import PERSONAS, SEEN


@tagged("post_install", "-at_install")
class TestKpiAccessMail(KpiAccessCase):
    """Messages, attachments, activities and notifications follow the KPI."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.message = {
            key: report.message_post(body=f"About {key}")
            for key, report in cls.report.items()
        }
        cls.attachment = {
            key: cls.env["ir.attachment"].create(
                {
                    "name": f"{key}.txt",
                    "datas": base64.b64encode(key.encode()),
                    "res_model": "kpi.report",
                    "res_id": report.id,
                }
            )
            for key, report in cls.report.items()
        }
        cls.activity = {
            key: report.activity_schedule(
                "mail.mail_activity_data_todo", user_id=cls.env.ref("base.user_root").id
            )
            for key, report in cls.report.items()
        }
        cls.env.flush_all()

    def _assert_like_reports(self, records):
        ids = [record.id for record in records.values()]
        model = next(iter(records.values()))._name
        for persona in PERSONAS:
            own = self.as_user(persona, model)
            with self.subTest(persona=persona, model=model):
                try:
                    found = own.search([("id", "in", ids)])
                except AccessError:
                    found = own
                keys = {key for key, each in records.items() if each.id in found.ids}
                self.assertEqual(keys, SEEN[persona])
                opened = {
                    key
                    for key, each in records.items()
                    if own.browse(each.id).has_access("read")
                }
                self.assertEqual(opened, SEEN[persona])

    def test_messages(self):
        self._assert_like_reports(self.message)

    def test_messages_cannot_be_counted_by_their_text(self):
        for persona in PERSONAS:
            if persona == "portal":
                continue
            own = self.as_user(persona, "mail.message")
            with self.subTest(persona=persona):
                count = own.search_count([("body", "ilike", "About sam")])
                self.assertEqual(count, int("sam" in SEEN[persona]))

    def test_attachments(self):
        self._assert_like_reports(self.attachment)

    def test_activities(self):
        self._assert_like_reports(self.activity)

    def test_viewers_write_in_the_chatter(self):
        report = self.report["shared"]
        own = self.as_user("user", "kpi.report").browse(report.id)
        self.assertTrue(own.message_post(body="Seen"))
        hidden = own.browse(self.report["sam"].id)
        with mute_logger("odoo.addons.base.models.ir_rule"):
            for action in (
                lambda: hidden.message_post(body="Hidden"),
                lambda: hidden.activity_schedule("mail.mail_activity_data_todo"),
                lambda: hidden.message_subscribe([self.users["sam"].partner_id.id]),
            ):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    action()
        self.assertFalse(hidden.message_subscribe(self.users["user"].partner_id.ids))

    def test_targets_and_their_history(self):
        messages = {
            key: target.message_post(body="Why")
            for key, target in self.records["kpi.target"].items()
        }
        self._assert_like_reports(messages)

    def _notified(self, report, **message):
        posted = report.message_post(
            body="News", subtype_xmlid="mail.mt_comment", **message
        )
        return {
            persona
            for persona, user in self.users.items()
            if user.partner_id in posted.notified_partner_ids
        }

    def test_followers_hear_while_they_see(self):
        report = self.report["uma"]
        people = ("user", "manager", "sam", "portal", "none", "officer_ab", "user_b")
        partners = [self.users[each].partner_id.id for each in people]
        report._message_subscribe(partners)
        self.assertEqual(self._notified(report), {"user", "manager", "officer_ab"})
        self.north.manager_id = False
        self.assertEqual(self._notified(report), {"user", "officer_ab"})
        report.shared_user_ids = [Command.link(self.users["sam"].id)]
        self.assertEqual(self._notified(report), {"user", "officer_ab", "sam"})
        report.shared_user_ids = [Command.clear()]
        self.assertEqual(self._notified(report), {"user", "officer_ab"})

    def test_followers_of_what_belongs_to_a_kpi_hear_while_they_see(self):
        people = ("user", "sam", "portal", "none", "officer_ab", "user_b")
        partners = [self.users[each].partner_id.id for each in people]
        for record, expected in (
            (self.records["kpi.target"]["uma"], {"user", "officer_ab"}),
            (self.definition["b"], {"officer_ab", "user_b"}),
            (self.alpha, {"user", "sam", "officer_ab"}),
        ):
            record._message_subscribe(partners)
            with self.subTest(model=record._name):
                self.assertEqual(self._notified(record), expected)

    def test_followers_hear_whatever_companies_the_author_chose(self):
        report = self.report["b_company"].with_user(self.users["admin"])
        report._message_subscribe(self.users["officer_ab"].partner_id.ids)
        report = report.with_context(allowed_company_ids=self.b.ids)
        self.assertEqual(self._notified(report), {"officer_ab"})

    def test_whom_the_author_names_gets_the_message(self):
        report = self.report["uma"].with_user(self.users["user"])
        named = self.users["sam"].partner_id
        self.assertEqual(self._notified(report, partner_ids=named.ids), {"sam"})
        self.assertFalse(report.with_user(self.users["sam"]).has_access("read"))

    def test_outside_followers_hear_nothing(self):
        outside = self.env["res.partner"].create(
            {"name": "Outside", "email": "outside@example.com"}
        )
        report = self.report["uma"]
        report._message_subscribe(outside.ids)
        posted = report.message_post(body="News", subtype_xmlid="mail.mt_comment")
        self.assertNotIn(outside, posted.notified_partner_ids)
