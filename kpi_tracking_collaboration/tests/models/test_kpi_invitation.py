from contextlib import contextmanager
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .collaboration_case import CollaborationCase


class InvitationCase(CollaborationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discussion = cls._discuss()
        cls.partner = cls.stranger.partner_id
        cls.outsider = cls.env["res.partner"].create(
            {"name": "Outsider", "email": "out@example.com"}
        )

    @contextmanager
    def _refused(self, name="stranger"):
        """Naming somebody is refused, by name, and leaves nothing."""
        with self.assertRaisesRegex(UserError, f"(?i){name}"), self.cr.savepoint():
            yield
            self.env.flush_all()
        self.env.invalidate_all()
        self._assert_nobody_heard()

    def _assert_nobody_heard(self):
        strangers = self.partner | self.outsider
        rows = self.env["mail.message"].search(
            [("model", "=", "kpi.discussion"), ("res_id", "=", self.discussion.id)]
        )
        self.assertFalse(strangers & rows.partner_ids)
        self.assertFalse(strangers & rows.notified_partner_ids)
        self.assertFalse(strangers & self.discussion.message_partner_ids)


@tagged("post_install", "-at_install")
class TestKpiInvitation(InvitationCase):
    """Whoever may not see the KPI is neither mentioned nor invited, in any way."""

    def test_mentioned_in_a_message(self):
        for people in (
            self.partner,
            self.outsider,
            self.partner | self.user.partner_id,
        ):
            with self.subTest(people), self._refused("stranger|outsider"):
                self.discussion.message_post(
                    body="Look", message_type="comment", partner_ids=people.ids
                )

    def test_those_who_see_it_can_be_mentioned(self):
        message = self.discussion.message_post(
            body="Look", partner_ids=self.user.partner_id.ids
        )
        told = message.sudo().notified_partner_ids
        self.assertIn(self.user.partner_id, told)

    def test_mentioned_by_whoever_only_sees_the_kpi(self):
        own = self._as(self.user, self.discussion)
        with self._refused():
            own.message_post(body="Look", partner_ids=self.partner.ids)

    def test_told_without_a_message_on_it(self):
        with self._refused():
            self.discussion.message_notify(body="Look", partner_ids=self.partner.ids)
        with self._refused():
            self.env["mail.thread"].message_notify(
                body="Look",
                model="kpi.discussion",
                res_id=self.discussion.id,
                partner_ids=self.partner.ids,
            )

    def test_an_address_instead_of_a_person(self):
        with self._refused("a@example.com"):
            self.discussion.message_post(body="Look", outgoing_email_to="a@example.com")

    def test_added_to_a_message_that_is_there(self):
        message = self.discussion.message_post(body="Look", message_type="comment")
        with self._refused():
            message.write({"partner_ids": [Command.link(self.partner.id)]})
        with self._refused():
            self.discussion._message_update_content(
                message, body="Look", partner_ids=self.partner.ids
            )
        with self._refused():
            self.env["mail.notification"].create(
                {"mail_message_id": message.id, "res_partner_id": self.partner.id}
            )

    def test_a_message_made_by_hand(self):
        values = {"body": "Look", "partner_ids": [Command.link(self.partner.id)]}
        here = {"model": "kpi.discussion", "res_id": self.discussion.id}
        messages = self._as(self.officer, self.env["mail.message"])
        with self._refused():
            messages.create({**values, **here})

    def test_invited_as_follower(self):
        with self._refused():
            self.discussion.message_subscribe(partner_ids=self.partner.ids)
        with self._refused():
            self.discussion.write(
                {"message_partner_ids": [Command.link(self.partner.id)]}
            )
        with self._refused():
            self.discussion.sudo().write(
                {"message_follower_ids": [Command.create(self._followed_by())]}
            )
        self.discussion.message_subscribe(partner_ids=self.user.partner_id.ids)
        self.assertIn(self.user.partner_id, self.discussion.message_partner_ids)

    def _followed_by(self):
        return {"partner_id": self.partner.id, "res_model": "kpi.discussion"}

    def test_invited_when_it_is_opened(self):
        with self._refused():
            self._discuss(message_partner_ids=[Command.link(self.partner.id)])

    def test_invited_by_the_dialog(self):
        for notify in (False, True):
            wizard = self._as(self.officer, self.env["mail.followers.edit"]).create(
                {
                    "res_model": "kpi.discussion",
                    "res_ids": str(self.discussion.ids),
                    "partner_ids": [Command.link(self.partner.id)],
                    "notify": notify,
                }
            )
            with self.subTest(notify=notify), self._refused():
                wizard.edit_followers()

    def test_given_an_activity(self):
        with self._refused():
            self.discussion.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.stranger.id
            )
        activity = self.discussion.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user.id
        )
        with self._refused():
            activity.write({"user_id": self.stranger.id})

    def test_written_in_the_composer(self):
        values = {
            "model": "kpi.discussion",
            "res_ids": str(self.discussion.ids),
            "body": "Look",
            "partner_ids": [Command.link(self.partner.id)],
        }
        composers = self._as(self.officer, self.env["mail.compose.message"])
        with self._refused():
            composers.create(
                {**values, "composition_mode": "comment"}
            ).action_send_mail()

    def test_mailed_by_hand(self):
        values = {"model": "kpi.discussion", "res_id": self.discussion.id}
        for to, name in (
            ({"recipient_ids": [Command.link(self.partner.id)]}, "stranger"),
            ({"email_to": "a@example.com"}, "a@example.com"),
            ({"email_cc": "a@example.com"}, "a@example.com"),
        ):
            with self.subTest(to), self._refused(name):
                self.env["mail.mail"].create({**values, **to, "body_html": "Look"})

    def test_scheduled_for_later(self):
        later = fields.Datetime.now() + timedelta(days=1)
        with self._refused():
            self._as(self.officer, self.env["mail.scheduled.message"]).create(
                {
                    "author_id": self.officer.partner_id.id,
                    "model": "kpi.discussion",
                    "res_id": self.discussion.id,
                    "body": "Look",
                    "partner_ids": [Command.link(self.partner.id)],
                    "scheduled_date": later,
                }
            )

    def test_an_email_to_others_arrives_without_them(self):
        message = self.discussion.sudo().message_post(
            body="Look",
            message_type="email",
            partner_ids=(self.partner | self.user.partner_id).ids,
        )
        self.assertEqual(message.partner_ids, self.user.partner_id)
        self._assert_nobody_heard()

    def test_who_lost_the_right_hears_nothing_any_more(self):
        self.discussion.message_subscribe(partner_ids=self.user.partner_id.ids)
        self.revenue.shared_user_ids = False
        message = self.discussion.message_post(
            body="Later", subtype_xmlid="mail.mt_comment"
        )
        self.assertNotIn(self.user.partner_id, message.sudo().notified_partner_ids)

    def test_other_records_of_odoo_are_as_they_were(self):
        message = self.partner.message_post(body="Look", partner_ids=self.outsider.ids)
        self.assertEqual(message.partner_ids, self.outsider)

    def test_somebody_who_left_is_a_stranger(self):
        self.user.active = False
        with self.assertRaisesRegex(UserError, "user"):
            self.discussion.message_post(
                body="Look", partner_ids=self.user.partner_id.ids
            )


@tagged("post_install", "-at_install")
class TestKpiInvitationByRoute(InvitationCase, HttpCase):
    """The same by what a browser calls."""

    def _call(self, route, **params):
        self.authenticate("officer", "officer")
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_http"):
            answer = self.url_open(route, json={"params": params}).json()
        return answer.get("error", {}).get("data", {}).get("message", "")

    def _post(self, **post_data):
        return self._call(
            "/mail/message/post",
            thread_model="kpi.discussion",
            thread_id=self.discussion.id,
            post_data={"body": "Look", "message_type": "comment", **post_data},
        )

    def test_mentioned(self):
        self.assertIn("stranger", self._post(partner_ids=self.partner.ids).lower())
        self._assert_nobody_heard()
        self.assertEqual(self._post(partner_ids=self.user.partner_id.ids), "")

    def test_mentioned_by_address(self):
        said = self._post(partner_emails=["out@example.com"])
        self.assertIn("Outsider", said)
        self._assert_nobody_heard()

    def test_mentioned_by_role(self):
        role = self.env["res.role"].create({"name": "Everybody"})
        self.stranger.role_ids = role
        self.assertIn("stranger", self._post(role_ids=role.ids).lower())
        self._assert_nobody_heard()

    def test_added_by_editing(self):
        message = self._as(self.officer, self.discussion).message_post(
            body="Look", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        said = self._call(
            "/mail/message/update_content",
            message_id=message.id,
            update_data={"body": "Look again", "partner_ids": self.partner.ids},
        )
        self.assertIn("stranger", said.lower())
        self._assert_nobody_heard()

    def test_by_rpc(self):
        said = self._call(
            "/web/dataset/call_kw",
            model="kpi.discussion",
            method="message_post",
            args=[self.discussion.ids],
            kwargs={"body": "Look", "partner_ids": self.partner.ids},
        )
        self.assertIn("stranger", said.lower())
        self._assert_nobody_heard()
