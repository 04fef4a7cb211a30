import base64
import hashlib
import hmac
import json
import re
import time
from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import urlencode

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase
from odoo.addons.kpi_base.tests.user_links import end_connection

from ...adapters import Slack
from ..stand_ins import TOKEN, SlackStandIn

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAMS_SECRET = base64.b64encode(b"k" * 32).decode()
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
DISCONNECT = """
const until = async (find) => {
    for (let tries = 0; tries < 300; tries++) {
        const found = find();
        if (found) {
            return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not found: ${find}`);
};
(async () => {
    const button = "[name=kpi_chat_link_ids] button[name=action_disconnect]";
    for (const place of [
        ".o_user_menu button.dropdown-toggle, button.o_user_menu",
        "[data-menu=preferences]",
        "a.nav-link[name=page_security]",
        button,
    ]) {
        (await until(() => document.querySelector(place))).click();
    }
    await until(() => !document.querySelector(button));
    console.log("test successful");
})();
"""
OFFICER, USER = "kpi_base.kpi_base_group_officer", "kpi_base.kpi_base_group_user"


@tagged("post_install", "-at_install")
class TestChat(OwnCursorCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Nordwind"})
        own = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.olga = new_test_user(cls.env, "chat_olga", OFFICER, **own)
        cls.uma = new_test_user(cls.env, "chat_uma", USER, **own)
        cls.bea = new_test_user(cls.env, "chat_bea", USER, **own)
        definition = cls.env["kpi.definition"].create(
            {
                "name": "Zebra rate",
                "code": "zebra_rate",
                "company_id": cls.company.id,
                "computation": "manual",
            }
        )
        cls.kpis = cls.env["kpi.report"].create(
            [
                {
                    "definition_id": definition.id,
                    "company_id": cls.company.id,
                    "scope_type": "user",
                    "user_id": user.id,
                }
                for user in (cls.uma, cls.bea)
            ]
        )
        month = definition.calendar_id._latest_periods("month", 2)[0].start
        rows = [
            (kpi.id, month, n) for kpi, n in zip(cls.kpis, (4141, 5757), strict=True)
        ]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
        cls.kpis._refresh_current()
        cls.slack = cls._chat("slack", SECRET)
        cls.teams = cls._chat("teams", TEAMS_SECRET)

    @classmethod
    def _chat(cls, kind, secret):
        chat = cls.env["kpi.integration"].create(
            {
                "name": "Nordwind chat",
                "integration_type": kind,
                "company_id": cls.company.id,
                "owner_id": cls.olga.id,
                "signing_secret": secret,
            }
        )
        chat.action_turn_on()
        return chat

    def _send(self, chat, body, kind=FORM, seconds=0, secret=SECRET, **headers):
        """An answer to what Slack signs as it does: own code, as its page says."""
        self.env.flush_all()
        moment = str(int(time.time()) + seconds)
        content = f"v0:{moment}:".encode() + body
        digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        signed = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": f"v0={digest}",
            **headers,
        }
        answer = self.url_open(f"/kpi/chat/{chat.id}", data=body, headers=signed)
        self.env.invalidate_all()
        return answer

    def _ask(self, person, text, **options):
        values = {"team_id": "T1", "user_id": person, "user_name": person.lower()}
        body = urlencode({**values, "command": "/kpi", "text": text}).encode()
        return self._send(self.slack, body, **options)

    def _tie(self, person, user):
        """As people do: ask, follow the link, log in, confirm, type the code."""
        code = self._get_code(person, user)
        self.assertFalse(self._link(person).user_id, "not before the code was typed")
        self.assertIn("Connected", self._ask(person, f"connect {code}").text)
        self.assertEqual(self._link(person).user_id, user)

    def _get_code(self, person, user):
        """The code of the page of a link, which somebody who is logged in follows."""
        payload = self._ask(person, "zebra rate").json()
        self.assertEqual(payload["response_type"], "ephemeral")
        (path,) = set(re.findall(r"/kpi/chat/connect/[\w-]+", json.dumps(payload)))
        self.authenticate(user.login, user.login)
        page = self.url_open(path)
        self.assertIn(person.lower(), page.text)
        self.assertFalse(self._link(person).user_id, "looking does nothing")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        done = self.url_open(path, data={"csrf_token": token})
        code = re.search(r"/kpi connect (\d{6})", done.text)[1]
        self.env.invalidate_all()
        again = self.url_open(path)
        self.assertEqual(again.status_code, 404)
        self.assertIn("Link not available", again.text)
        self.logout()
        return code

    def _link(self, person):
        return self.env["kpi.chat.link"]._find(self.slack, f"T1/{person}")

    def _need_questions(self):
        if "kpi.nlp.processor" not in self.env:
            self.skipTest("KPI Questions, which reads them, stands above")

    def test_help_answers_with_three_examples(self):
        own = ["/kpi win rate this month", "/kpi win rate last 6 months"]
        last = "/kpi which KPIs are at risk?"
        for text in ("", "help", " HELP "):
            said = self._ask("U7", text).json()
            written = json.dumps(said)
            for example in (*own, last):
                self.assertIn(example, written)
            self.assertNotIn("Zebra", written)  # no names of KPIs to strangers
            self.assertIn("/kpi/chat/connect/", written)
        self._tie("U1", self.uma)
        for text in ("", "help"):
            written = json.dumps(self._ask("U1", text).json())
            for example in ("/kpi Zebra rate this month", last):
                self.assertIn(example, written)
            self.assertEqual(written.count("/kpi "), 6)  # once as plain text
        for example in ("Zebra rate this month", "Zebra rate last 6 months"):
            self.assertIn("Zebra rate, chat_uma", self._ask("U1", example).text)
        self.assertIn("4,141", self._ask("U1", "Zebra rate last 6 months").text)

    def test_who_follows_the_link_of_another_is_not_tied(self):
        """Only the code on their page, typed in the chat, ties it to somebody."""
        code = self._get_code("U9", self.uma)
        self.authenticate(self.bea.login, self.bea.login)
        guess = self.url_open(f"/kpi/chat/connect/{self._link('U9').id}:{code}")
        self.assertEqual(guess.status_code, 404, "codes are for the chat alone")
        self.logout()
        wrong = f"connect {(int(code) + 1) % 10**6:06}"
        self.assertIn("wrong", self._ask("U9", wrong).text)
        self.assertNotIn("Connected", self._ask("U9", f"connect {code}").text)
        self.assertFalse(self._link("U9").user_id)
        code = self._get_code("U9", self.uma)
        self.assertNotIn("Connected", self._ask("U8", f"connect {code}").text)
        self._link("U9").valid_until = "2001-01-01 00:00:00"
        self.assertNotIn("Connected", self._ask("U9", f"connect {code}").text)
        self.assertFalse(self.uma.kpi_chat_link_ids)

    def test_preferences_say_how_to_connect_a_chat(self):
        self.uma.write({"lang": "en_US", "tz": "UTC"})  # which the form asks for
        own = self.uma.with_user(self.uma).with_company(self.company)
        self.assertFalse(own.kpi_chat_link_ids)
        self.assertIn(self.slack.name, own.kpi_chat_hint)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(self.uma.with_company(elsewhere).kpi_chat_hint)
        self.env.flush_all()
        code = """
            (async () => {
                for (const place of [
                    ".o_user_menu button.dropdown-toggle, button.o_user_menu",
                    "[data-menu=preferences]",
                    "a.nav-link[name=page_security]",
                    "button[name=action_kpi_connections]",
                    "button[name=action_open_preferences]",
                    "a.nav-link[name=page_security]",
                    "[name=kpi_chat_hint]",
                ]) {
                    let found;
                    for (let tries = 0; tries < 300 && !found; tries++) {
                        await new Promise((resolve) => setTimeout(resolve, 50));
                        found = document.querySelector(place);
                    }
                    if (!found) throw new Error(`not found: ${place}`);
                    found.click();
                }
                console.log("test successful");
            })();
        """
        self.browser_js("/odoo", code, login=self.uma.login)

    def test_who_is_tied_is_told_and_can_end_it(self):
        self.uma.notification_type = "inbox"
        self._tie("U1", self.uma)
        self._tie("U2", self.bea)
        mail = self.env["kpi.delivery"].search([("user_id", "=", self.uma.id)])
        self.assertEqual((mail.channel, mail.subject), ("email", "Chat connected"))
        self.assertIn("u1", mail.body)
        found = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.uma.partner_id.id)]
        )
        self.assertEqual(found.mail_message_id.subject, "Chat connected")
        links = self.env["kpi.chat.link"].with_user(self.uma).search([])
        self.assertEqual(links.mapped("name"), ["u1"])
        other = links.browse(self._link("U2").id)
        with self.assertRaises(AccessError):
            other.action_disconnect()
        with self.assertRaises(AccessError):
            links.unlink()
        links.action_disconnect()
        self.assertFalse(self._link("U1"))
        self.assertIn("connect", self._ask("U1", "zebra rate").text)

    def test_connections_list_a_chat_and_end_it(self):
        self._tie("U1", self.uma)
        end_connection(self, self._link("U1"), self.uma)
        self.assertIn("connect", self._ask("U1", "zebra rate").text)

    def test_preferences_show_connected_chats(self):
        self.uma.write({"lang": "en_US", "tz": "UTC"})  # which the form asks for
        self._tie("U1", self.uma)
        self.browser_js(
            "/odoo",
            DISCONNECT,
            login=self.uma.login,
        )
        self.env.invalidate_all()
        self.assertFalse(self._link("U1"))

    def test_two_people_see_their_own_numbers(self):
        self._need_questions()
        self._tie("U1", self.uma)
        self._tie("U2", self.bea)
        hers, others = (
            self._ask(person, "zebra rate last month").json() for person in ("U1", "U2")
        )
        for payload, shown, hidden in (
            (hers, ": 4,141", ": 5,757"),
            (others, ": 5,757", ": 4,141"),
        ):
            text = json.dumps(payload)
            self.assertEqual(payload["response_type"], "ephemeral")
            self.assertIn("Zebra rate", text)
            self.assertIn(shown, text)
            self.assertNotIn(hidden, text)

    def test_what_several_kpis_may_be_meant_by_is_asked_by_buttons(self):
        self._need_questions()
        self._tie("U1", self.olga)
        payload = self._ask("U1", "zebra rate of everybody for").json()
        buttons = [
            element
            for block in payload["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
        ]
        self.assertEqual(len(buttons), 2, payload)
        click = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": "U1", "username": "u1"},
            "actions": [buttons[0]],
        }
        with SlackStandIn() as server:
            self._allow_loopback()
            server.token = None
            click["response_url"] = f"{server.origin}/api/auth.test"
            body = urlencode({"payload": json.dumps(click)}).encode()
            with patch.object(Slack, "hooks", server.origin):
                headers = {"content-type": FORM}
                self._sign(headers, body)
                found = self.slack._answer_chat(headers, body, time.time())
                self.assertIsNone(found)
                self.assertEqual(server.received, [], "not before it is stored")
                self.env.cr.postcommit.run()
            (sent,) = server.received
        self.assertRegex(sent.body.decode(), "4,141|5,757")

    def _sign(self, headers, body):
        moment = str(int(time.time()))
        content = f"v0:{moment}:".encode() + body
        digest = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
        headers["x-slack-request-timestamp"] = moment
        headers["x-slack-signature"] = f"v0={digest}"

    def _allow_loopback(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")

    def test_an_answer_goes_to_slack_alone(self):
        click = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": "U1", "username": "u1"},
            "actions": [{"action_id": "ask_0", "value": "zebra rate"}],
        }
        with SlackStandIn() as server:
            self._allow_loopback()
            click["response_url"] = f"{server.origin}/api/auth.test"
            body = urlencode({"payload": json.dumps(click)}).encode()
            headers = {"content-type": FORM}
            self._sign(headers, body)
            self.slack._answer_chat(headers, body, time.time())
            self.env.cr.postcommit.run()
            self.assertEqual(server.received, [])

    def test_a_link_to_a_kpi_is_shown_to_who_posts_it(self):
        link = self.env["kpi.chat.link"].create(
            {"integration_id": self.slack.id, "person": "T1/U1", "name": "uma"}
        )
        link.user_id = self.uma
        self.slack.api_credentials = TOKEN
        base = self.slack.get_base_url()
        event = {
            "type": "link_shared",
            "user": "U1",
            "channel": "C1",
            "links": [{"url": f"{base}/odoo/kpis/{kpi.id}"} for kpi in self.kpis],
        }
        body = json.dumps(
            {"type": "event_callback", "team_id": "T1", "event": event}
        ).encode()
        with SlackStandIn() as server, patch.object(Slack, "origin", server.origin):
            self._allow_loopback()
            for person in ("U1", "U9"):
                sent = body.replace(b'"U1"', f'"{person}"'.encode())
                headers = {"content-type": JSON}
                self._sign(headers, sent)
                self.slack._answer_chat(headers, sent, time.time())
                self.env.cr.postcommit.run()
            (shown,) = server.shown
            self.assertEqual((shown["channel"], shown["user"]), ("C1", "U1"))
            self.assertIn("4,141", json.dumps(shown["blocks"]))
            self.assertNotRegex(json.dumps(shown["blocks"]), "5,?757")

    def test_what_slack_did_not_sign_now_is_refused(self):
        self.assertEqual(self._ask("U1", "zebra rate").status_code, 200)
        for options in (
            {"seconds": -360},
            {"seconds": 360},
            {"secret": "other"},
            {"X-Slack-Signature": "v0="},
        ):
            with self.subTest(options):
                self.assertEqual(self._ask("U1", "x", **options).status_code, 401)
        self.slack.action_turn_off()
        self.assertEqual(self._ask("U1", "zebra rate").status_code, 401)
        self.assertEqual(self._send(self.teams, b"x=1").status_code, 401)
        nothing = self.slack.browse(self.slack.id + 10**6)
        self.assertEqual(self._send(nothing, b"x=1").status_code, 401)
        # signed, but nothing that Slack sends
        self.slack.action_turn_on()
        self.assertEqual(self._send(self.slack, b"payload=[]").status_code, 401)
        self.assertEqual(self._send(self.slack, b"x" * 70_000).status_code, 413)

    def test_what_no_text_can_hold_is_refused_in_a_sentence(self):
        for text in ("zebra\0rate", "\0"):
            payload = self._ask("U1", text)
            self.assertEqual(payload.status_code, 200, payload.text)
            self.assertIn("cannot contain NUL characters", payload.text)
            told = self._tell_teams(text)
            self.assertEqual(told.status_code, 200, told.text)
            self.assertIn("cannot contain NUL characters", told.json()["text"])
        self.assertEqual(self._ask("U\0", "zebra rate").status_code, 401)
        self.assertFalse(self.slack.last_error)

    def test_slack_sees_that_the_address_is_ours(self):
        body = b'{"type": "url_verification", "challenge": "abc"}'
        answer = self._send(self.slack, body, JSON)
        self.assertEqual(answer.json(), {"challenge": "abc"})

    def test_what_slack_sends_again_is_heard_once(self):
        self._ask("U1", "zebra rate")
        before = self._link("U1").sudo().read(["token_hash"])
        again = self._ask("U1", "zebra rate", **{"X-Slack-Retry-Num": "1"})
        self.assertEqual((again.status_code, again.text), (200, ""))
        self.assertEqual(self._link("U1").sudo().read(["token_hash"]), before)

    def test_a_link_ends(self):
        payload = self._ask("U1", "zebra rate").json()
        (path,) = set(re.findall(r"/kpi/chat/connect/[\w-]+", json.dumps(payload)))
        self.assertIn("/web/login", self.url_open(path).url, "only for who is known")
        self.env.cr.execute(
            "UPDATE kpi_chat_link SET valid_until = now() AT TIME ZONE 'UTC'"
            " - interval '1 second'"
        )
        self.authenticate("chat_uma", "chat_uma")
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_whoever_disconnects_or_leaves_is_nobody(self):
        self._tie("U1", self.uma)
        self.assertIn("Disconnected", self._ask("U1", "disconnect").text)
        self.assertFalse(self._link("U1"))
        self._tie("U2", self.bea)
        self.bea.with_user(SUPERUSER_ID).active = False
        self.assertIn("/kpi/chat/connect/", self._ask("U2", "zebra rate").text)

    def test_who_lost_the_company_sees_nothing_of_it(self):
        self._tie("U1", self.uma)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.uma.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        answer = self._ask("U1", "zebra rate").text
        self.assertIn("You cannot access KPIs of Nordwind.", answer)
        self.assertNotRegex(answer, "4,?141")

    def _tell_teams(self, text, secret=TEAMS_SECRET, moment=None):
        moment = (moment or datetime.now(UTC)).isoformat()
        message = {"type": "message", "text": text, "timestamp": moment}
        body = json.dumps(message).encode()
        key = base64.b64decode(secret)
        digest = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
        headers = {"Content-Type": JSON, "Authorization": f"HMAC {digest}"}
        self.env.flush_all()
        path = f"/kpi/chat/{self.teams.id}"
        answer = self.url_open(path, data=body, headers=headers)
        self.env.invalidate_all()
        return answer

    def test_teams_is_answered_with_what_the_responsible_may_see(self):
        self._need_questions()
        text = "<at>KPI</at> zebra rate of chat_uma last month"
        answer = self._tell_teams(text).json()
        self.assertEqual(answer["type"], "message")
        self.assertIn("4,141", answer["text"])
        self.teams.owner_id = self.bea
        self.bea.group_ids += self.env.ref(OFFICER)
        self.bea.group_ids -= self.env.ref(OFFICER)
        answer = self._tell_teams(text).json()
        self.assertIn("is no longer a KPI officer", answer["text"])
        self.assertEqual(self.teams.sync_status, "error")
        self.assertNotRegex(answer["text"], "4,?141")
        self.teams.owner_id = self.olga
        self.assertIn("4,141", self._tell_teams(text).text)
        self.assertEqual(self.teams.sync_status, "active")
        self.assertFalse(self.teams.last_error)

    def test_a_chat_whose_responsible_person_is_gone_says_so_and_no_number(self):
        self._tie("U1", self.uma)
        officer, sudo = self.env.ref(OFFICER), self.olga.with_user(SUPERUSER_ID)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        away = {"company_ids": [Command.set(elsewhere.ids)]}
        for change, said in (
            ({"group_ids": [Command.unlink(officer.id)]}, "is no longer a KPI officer"),
            ({"active": False}, "has left or is no longer a KPI officer"),
            (
                {**away, "company_id": elsewhere.id},
                "can no longer access Nordwind. Assign someone else",
            ),
        ):
            with self.subTest(said), self.cr.savepoint() as point:
                sudo.write(change)
                for chat, ask in (
                    (self.slack, lambda: self._ask("U1", "zebra rate")),
                    (self.teams, lambda: self._tell_teams("zebra rate of chat_uma")),
                ):
                    answer = ask()
                    self.assertEqual(answer.status_code, 200)
                    self.assertIn(said, answer.text)
                    self.assertNotRegex(answer.text, "4,?141")
                    self.assertIn(said, chat.last_error)
                    self.assertEqual(chat.sync_status, "error")
                point.rollback()

    def test_what_teams_did_not_sign_now_is_refused(self):
        other = base64.b64encode(b"x" * 32).decode()
        self.assertEqual(self._tell_teams("x", secret=other).status_code, 401)
        old = datetime.fromtimestamp(time.time() - 360, UTC)
        self.assertEqual(self._tell_teams("x", moment=old).status_code, 401)

    def test_slack_has_its_answer_within_three_seconds(self):
        """After that it says to whoever asked that nothing answered."""
        self._tie("UMA", self.uma)
        for question in ("zebra rate", "which KPIs are off target?", "zebra"):
            answer = self._ask("UMA", question)
            self.assertEqual(answer.status_code, 200)
            self.assertLess(answer.elapsed.total_seconds(), 3, question)
