import json
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.outbox import DeliveryRefused, DeliverySkipped
from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase
from odoo.addons.kpi_base.tests.user_links import end_connection, find_connection
from odoo.addons.kpi_base.tests.web_server import reply
from odoo.addons.kpi_tracking_alert.tests.models.channel_case import ChannelCase

ENCRYPT = "odoo.addons.kpi_tracking_alert.models.kpi_delivery._encrypt_payload"
KEYS = {"p256dh": "x", "auth": "y"}


class PushCase(ChannelCase):
    """A person with the app, with Odoo in the same browser and on a desktop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.env["mail.push.device"].get_web_push_vapid_public_key()
        cls.rule = cls._rule(cls.revenue)
        cls.revenue.owner_id = cls.officer
        cls.startClassPatcher(
            patch(ENCRYPT, side_effect=lambda payload, _keys: payload)
        )

    def _subscription(self, path, **values):
        key = {"keys": KEYS, "vapid_public_key": self.public}
        return {"endpoint": f"{self.server.url}/{path}", **key, **values}

    def _register(self, path="app", user=None, **options):
        phone = self.env["kpi.phone"].with_user(user or self.officer)
        phone.register_push(self._subscription(path), **options)
        own = [("endpoint", "=", f"{self.server.url}/{path}")]
        return self.env["mail.push.device"].search(own)

    def _odoo_device(self, path):
        devices = self.env["mail.push.device"].with_user(self.officer)
        devices.register_devices(**self._subscription(path))
        return f"{self.server.url}/{path}"

    def _prepare(self, **values):
        """An alert, and a message about it that waits to be sent."""
        event = self._fired(self.rule, self.revenue, **values)
        line = {"res_model": event._name, "res_id": event.id}
        line["data"] = {"change": "fired", "step": 0}
        delivery = self._delivery(
            "push",
            key=f"push:{event.id}",
            user_id=self.officer.id,
            subject="Alerts: 1 · Below Target",
            renderer="kpi.alert.notice",
            lines=[line],
            body=None,
        )
        return event, delivery

    def _push(self, **values):
        """The push message about an alert; its requests are in ``self.server``."""
        event, delivery = self._prepare(**values)
        self.server.answers = [reply(201)] * 5
        delivery._send_push()
        return event, delivery

    def _get_sent(self, number=0):
        return json.loads(self.server.received[number].body)

    def _find_email(self, delivery):
        key = delivery._get_unseen_key()
        return self.env["kpi.delivery"].search([("key", "=", key)])


@tagged("post_install", "-at_install")
class TestKpiDeliveryApp(PushCase):
    """What rings on a phone, what it says, and what follows where it did not."""

    def test_ios_can_show_it_without_a_worker(self):
        self._register()
        event, _delivery = self._push()
        payload = self._get_sent()
        self.assertEqual(payload["web_push"], 8030)
        shown = payload["notification"]
        self.assertTrue(
            shown["navigate"].endswith(f"/scoped_app/kpi/alerts#{event.id}")
        )
        self.assertEqual(shown["data"]["event_id"], event.id)
        self.assertEqual(shown["data"]["kind"], "alert")
        self.assertGreaterEqual(shown["app_badge"], 1)

    def test_no_number_stands_on_a_locked_screen_unless_allowed(self):
        self._register()
        self._push()
        shown = self._get_sent()["notification"]
        self.assertEqual(shown["title"], self.revenue.name)
        self.assertNotRegex(shown["title"] + shown["body"], "70|90")
        self._register(shows_numbers=True)
        self.server.received.clear()
        self.events.search([]).action_resolve()
        self._push(period="2026-03")
        shown = self._get_sent()["notification"]
        self.assertTrue(shown["title"].startswith(self.revenue.name), shown["title"])
        self.assertRegex(shown["title"], "70|90")

    def test_an_expired_registration_falls_back_to_email(self):
        device = self._register()
        _event, delivery = self._prepare()
        self.server.answers = [reply(410)]
        with suppress(DeliveryRefused):
            delivery._send_push()
        self.assertFalse(device.exists())
        email = self._find_email(delivery)
        self.assertEqual((email.channel, email.user_id), ("email", self.officer))
        self.assertLessEqual(email.scheduled_at, fields.Datetime.now())
        # and what follows, too
        self.events.search([]).action_resolve()
        _event, second = self._prepare(period="2026-03")
        with suppress(DeliverySkipped):
            second._send_push()
        self.assertTrue(self._find_email(second))

    def test_nothing_rings_twice_in_one_browser(self):
        odoo = self._odoo_device("odoo")
        self._odoo_device("desktop")
        self._register(odoo_endpoint=odoo)
        self._push()
        paths = sorted(request.target for request in self.server.received)
        self.assertEqual(paths, ["/hook/app", "/hook/desktop"])

    def test_what_is_too_old_is_not_kept_for_the_phone(self):
        """Until the next step of the alert, and at most a day."""
        self._register()
        event, delivery = self._push()
        now = fields.Datetime.now()
        for hours, seconds in ((1, 3600), (100, 86400), (-1, 60)):
            event.next_step_at = now + timedelta(hours=hours)
            found = int(delivery._get_push_headers()["TTL"])
            self.assertAlmostEqual(found, seconds, delta=30)

    def test_what_no_phone_has_shown_comes_by_email_once(self):
        self._register()
        self._register("second")
        event, delivery = self._push()
        email = self._find_email(delivery)
        self.assertEqual(len(email), 1)
        self.assertEqual((email.channel, email.user_id), ("email", self.officer))
        minutes = (email.scheduled_at - fields.Datetime.now()).total_seconds() / 60
        self.assertAlmostEqual(minutes, 15, delta=1)
        self.assertIn(self.revenue.name, email._compose().title)
        self._as(self.officer, event).action_acknowledge()
        with self.assertRaises(DeliverySkipped):
            email._compose()

    def test_what_a_phone_has_shown_comes_by_no_email(self):
        self._register()
        _event, delivery = self._push()
        token = self._get_sent()["notification"]["data"]["token"]
        for wrong in ("", "x", token[:-4], "\0", "é", token[::-1]):
            self.assertFalse(delivery._mark_shown(wrong))
        self.assertTrue(self._find_email(delivery))
        self.assertTrue(delivery._mark_shown(token))
        self.assertFalse(self._find_email(delivery))
        self.assertTrue(delivery._mark_shown(token))  # again

    def test_what_shows_another_message_leaves_the_email_of_this_one(self):
        self._register()
        _event, first = self._push()
        token = self._get_sent()["notification"]["data"]["token"]
        self.events.search([]).action_resolve()
        _event, second = self._push(period="2026-03")
        self.assertTrue(second._mark_shown(token))
        self.assertFalse(self._find_email(first))
        self.assertTrue(self._find_email(second))

    def test_what_all_phones_of_a_person_get_is_computed_once(self):
        for path in ("app", "second", "third"):
            self._register(path)
        homes = type(self.env["kpi.home"])
        with patch.object(homes, "get_needs", return_value=[]) as needs:
            self._push()
        self.assertEqual(len(self.server.received), 3)
        self.assertEqual(needs.call_count, 1)

    def test_who_lost_the_right_gets_to_know_nothing(self):
        self._register(shows_numbers=True)
        _event, delivery = self._prepare()
        self.revenue.owner_id = self.user
        self.officer.group_ids = self.user.group_ids
        with self.assertRaises(DeliverySkipped):
            delivery._send_push()
        self.assertFalse(self.server.received)

    def test_without_the_app_all_is_as_before(self):
        self._odoo_device("odoo")
        _event, delivery = self._push()
        self.assertIn("options", self._get_sent())
        self.assertFalse(self._find_email(delivery))

    def test_an_alert_that_is_gone_rings_nowhere(self):
        self._register()
        event, delivery = self._push()
        event.sudo().unlink()
        self.env.invalidate_all()
        with self.assertRaises(DeliverySkipped):
            delivery._send_push()

    def test_subscriptions_that_are_none_are_refused(self):
        phone = self.env["kpi.phone"].with_user(self.officer)
        for wrong in (
            {"endpoint": None},
            {"endpoint": "\0"},
            {"keys": None},
            {"keys": {"p256dh": "x" * 10_000}},
            {"vapid_public_key": "other"},
        ):
            with self.subTest(wrong), self.assertRaises(UserError):
                phone.register_push(self._subscription("app", **wrong))
        settings = self.env["ir.config_parameter"]
        settings.set_param("mail.web_push_vapid_public_key", False)
        with self.assertRaises(UserError):
            phone.register_push(self._subscription("app", vapid_public_key=""))

    def test_only_ones_own_device_is_taken_away(self):
        device = self._register()
        phones = self.env["kpi.phone"]
        phones.with_user(self.user).unregister_push(device.endpoint)
        self.assertTrue(device.exists())
        phones.with_user(self.officer).unregister_push(device.endpoint)
        self.assertFalse(device.exists())


@tagged("post_install", "-at_install")
class TestKpiPhoneSession(PushCase, OwnCursorCase):
    """What a session leaves behind in a browser and on the server: nothing."""

    def _register_here(self, path="app"):
        self.authenticate(self.officer.login, self.officer.login)
        answer = self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {
                "model": "kpi.phone",
                "method": "register_push",
                "args": [self._subscription(path)],
                "kwargs": {},
            },
        )
        self.assertTrue(answer)
        own = [("endpoint", "=", f"{self.server.url}/{path}")]
        return self.env["mail.push.device"].search(own)

    def _sync_here(self):
        call = {"model": "kpi.phone", "method": "sync", "args": [{}], "kwargs": {}}
        return self.make_jsonrpc_request("/web/dataset/call_kw", call)

    def test_a_phone_that_names_no_language_gets_its_users(self):
        self.officer.lang = self.env["res.lang"]._activate_lang("ar_001").code
        self.authenticate(self.officer.login, self.officer.login)
        answer = self._sync_here()
        self.assertEqual(answer["me"]["lang"], "ar_001")
        periods = answer["rows"][f"card:{self.revenue.id}"]["data"]["periods"]
        self.assertRegex(periods[0]["label"], "[\u0600-\u06ff]")

    def test_another_company_is_another_phone(self):
        other = self.env["res.company"].create({"name": "Second"})
        self.officer.company_ids += other
        self.authenticate(self.officer.login, self.officer.login)
        ids = [self._sync_here()["me"]["company_id"]]
        self.officer.company_id = other
        ids.append(self._sync_here()["me"]["company_id"])
        self.assertEqual(ids, [self.company.id, other.id])

    def test_the_companies_chosen_in_odoo_are_those_of_the_phone(self):
        second = self.env["res.company"].create({"name": "Second"})
        hidden = self.env["res.company"].create({"name": "Hidden"})
        self.officer.company_ids += second
        own, card = self.company.id, f"card:{self.revenue.id}"
        self.authenticate(self.officer.login, self.officer.login)
        for chosen, company, has_card in (
            (None, own, True),
            (f"{second.id}", second.id, False),
            (f"{second.id}-{own}", second.id, True),
            (f"{hidden.id}-x-{'9' * 20}", own, True),  # none of theirs
        ):
            self.opener.cookies.set("cids", chosen)
            answer = self._sync_here()
            with self.subTest(chosen):
                self.assertEqual(answer["me"]["company_id"], company)
                self.assertIs(card in answer["rows"], has_card)

    def test_signing_out_clears_the_browser_and_the_device(self):
        other = self._register("elsewhere")
        device = self._register_here()
        self.assertTrue(device.session_identifier)
        answer = self.url_open("/web/session/logout", allow_redirects=False)
        self.assertEqual(answer.headers["Clear-Site-Data"], '"cache", "storage"')
        self.env.invalidate_all()
        self.assertFalse(device.exists())
        self.assertTrue(other.exists())

    def test_signing_out_elsewhere_leaves_what_was_not_sent(self):
        self._register_here()
        self.opener.cookies.set("kpi_phone_unsent", "2")
        answer = self.url_open("/web/session/logout", allow_redirects=False)
        self.assertNotIn("Clear-Site-Data", answer.headers)
        self.assertTrue(answer.headers["Location"].endswith("/scoped_app/kpi"))
        self.assertIn("kpi_phone_user=-;", answer.headers["Set-Cookie"])

    def test_a_session_that_has_run_out_leaves_what_was_not_sent(self):
        self._register_here()
        self.officer.password = "another password"
        self.env.flush_all()
        body = {"params": {"model": "kpi.phone", "method": "sync", "args": [{}]}}
        answer = self.url_open("/web/dataset/call_kw", json=body)
        self.assertEqual(answer.json()["error"]["code"], 100)
        self.assertNotIn("Clear-Site-Data", answer.headers)

    def test_a_revoked_session_rings_no_more(self):
        device = self._register_here()
        log = self.env["res.device.log"].create(
            {
                "session_identifier": device.session_identifier,
                "user_id": self.officer.id,
                "revoked": False,
            }
        )
        self.env.flush_all()
        self.env["res.device"].browse(log.id)._revoke()
        self.assertFalse(device.exists())

    def test_connections_list_devices_and_where_notifications_come(self):
        push = self._register_here()
        self._register("tablet")
        log = self.env["res.device.log"].create(
            {
                "session_identifier": push.session_identifier,
                "platform": "android",
                "browser": "chrome",
                "user_id": self.officer.id,
                "revoked": False,
                "first_activity": fields.Datetime.now(),
                "last_activity": fields.Datetime.now(),
            }
        )
        self.env.flush_all()
        device = self.env["res.device"].browse(log.id)
        row = find_connection(self, push, self.officer)
        self.assertEqual(row.name, "KPI Phone App, Android Chrome")
        row = find_connection(self, device, self.officer)
        with self.assertRaises(UserError):  # asks for the password, in a browser
            row.action_end()
        end_connection(self, device, self.officer)
        self.assertFalse(push.exists())
        body = {"params": {"model": "kpi.phone", "method": "sync", "args": [{}]}}
        answer = self.url_open("/web/dataset/call_kw", json=body)
        self.assertEqual(answer.json()["error"]["code"], 100)

    def test_connections_end_notifications_of_one_device(self):
        phone, tablet = self._register("phone"), self._register("tablet")
        end_connection(self, phone, self.officer)
        self.assertFalse(phone.exists())
        self.assertTrue(tablet.exists())

    def test_a_shown_notification_is_reported_without_a_session(self):
        self._register()
        _event, delivery = self._push()
        token = self._get_sent()["notification"]["data"]["token"]
        answer = self.url_open("/scoped_app/kpi/shown", data={"token": token})
        self.assertEqual(answer.status_code, 204)
        self.assertFalse(answer.cookies)
        self.assertFalse(self._find_email(delivery))
