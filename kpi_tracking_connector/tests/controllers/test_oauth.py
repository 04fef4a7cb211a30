import base64
import hashlib
import json
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ...engine.oauth import (
    AUTHORIZE_PATH,
    MCP_PATH,
    REGISTER_PATH,
    RESOURCE_PATH,
    REVOKE_PATH,
    SERVER_PATH,
    TOKEN_PATH,
)
from ...models.kpi_mcp_tool import IS_ON

VERIFIER = "v" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
CHALLENGE = CHALLENGE.rstrip(b"=").decode()
BACK = "https://assistant.example/back"
PING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@tagged("post_install", "-at_install")
class TestOauth(KpiApiCase):
    """Assistants sign in as a person, who agrees in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(IS_ON, "True")
        cls.person = cls.people["user"]

    def _open(self, path, data=None, **options):
        self.env.flush_all()
        answer = self.url_open(
            path, data=data, timeout=60, allow_redirects=False, **options
        )
        self.env.invalidate_all()
        return answer

    def _register(self, **values):
        content = {"client_name": "Claude", "redirect_uris": [BACK], **values}
        headers = {"Content-Type": "application/json"}
        body = json.dumps(content).encode()
        return self._open(REGISTER_PATH, body, headers=headers)

    def _get_address(self, client_id, /, **values):
        given = {
            "client_id": client_id,
            "response_type": "code",
            "redirect_uri": BACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "s&1",
            "scope": "kpi.mcp kpi.read kpi.write",
            "resource": f"{self.base_url()}{MCP_PATH}",
            **values,
        }
        return f"{AUTHORIZE_PATH}?{urlencode(given)}"

    def _decide(self, address, decision="allow", **values):
        """Answer the page; the parameters with which the program gets it."""
        page = self._open(address)
        self.assertEqual(page.status_code, 200, page.text[:2000])
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        data = {"csrf_token": token, "decision": decision, **values}
        answer = self._open(address, data)
        self.assertEqual(answer.status_code, 303, answer.text[:2000])
        parts = urlsplit(answer.headers["Location"])
        return {name: value for name, (value,) in parse_qs(parts.query).items()}

    def _get_token(self, client_id, /, **values):
        return self._open(TOKEN_PATH, {"client_id": client_id, **values})

    def _redeem(self, client_id, code, **values):
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            **values,
        }
        return self._get_token(client_id, **given)

    def _sign_in(self, user=None, **values):
        """Id of a program and the tokens that it got."""
        client_id = self._register().json()["client_id"]
        user = user or self.person
        self.authenticate(user.login, user.login)
        answer = self._decide(self._get_address(client_id), **values)
        self.authenticate(None, None)
        return client_id, self._redeem(client_id, answer["code"]).json()

    def _ask(self, token, path=MCP_PATH, method="POST"):
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            return self.ask("/mcp", None, "POST", json=PING, headers=headers)
        return self.ask(path, None, headers=headers)

    def _find_keys(self):
        domain = [("oauth_client_id", "!=", False)]
        return self.env["kpi.api.key"].search(domain)

    def assertRefused(self, answer, code):
        self.assertEqual(answer.status_code, 400, answer.text)
        self.assertEqual(answer.json()["error"], code)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_a_program_finds_where_to_sign_in(self):
        answer = self.ask("/mcp", None, "POST", json=PING)
        self.assertEqual(answer.status_code, 401)
        challenge = answer.headers["WWW-Authenticate"]
        address = re.fullmatch(r'Bearer resource_metadata="([^"]+)"', challenge)[1]
        self.assertEqual(address, f"{self.base_url()}{RESOURCE_PATH}{MCP_PATH}")
        for path in (RESOURCE_PATH, f"{RESOURCE_PATH}{MCP_PATH}"):
            resource = self._open(path).json()
            self.assertEqual(resource["resource"], f"{self.base_url()}{MCP_PATH}")
        (server,) = resource["authorization_servers"]
        found = self._open(SERVER_PATH).json()
        self.assertEqual(found["issuer"], server)
        self.assertEqual(found["code_challenge_methods_supported"], ["S256"])
        for name in ("authorization", "token", "registration", "revocation"):
            self.assertIn(f"{server}/", found[f"{name}_endpoint"])
        self.assertIn(
            'error="invalid_token"', self._ask("x").headers["WWW-Authenticate"]
        )

    def test_a_person_agrees_and_the_program_reads_as_that_person(self):
        client_id, tokens = self._sign_in()
        self.assertEqual(tokens["scope"], "kpi.mcp kpi.read")
        self.assertEqual((tokens["token_type"], tokens["expires_in"]), ("Bearer", 3600))
        answer = self._ask(tokens["access_token"])
        names = [tool["name"] for tool in answer.json()["result"]["tools"]]
        self.assertIn("list_kpis", names)
        self.assertNotIn("propose_target", names)
        key = self._find_keys()
        self.assertEqual(
            (key.user_id, key.name, key.oauth_client_id, key.state),
            (self.person, "Claude", client_id, "active"),
        )
        self.assertTrue(key.last_used_at)
        connections = self.env["kpi.user.link"]._find_connections(self.person)
        self.assertIn(key, [each for found in connections.values() for each in found])

    def test_proposing_targets_is_the_persons_choice(self):
        _client_id, tokens = self._sign_in(propose="1")
        self.assertEqual(tokens["scope"], "kpi.mcp kpi.read kpi.write")
        client_id = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        address = self._get_address(client_id, scope="kpi.read")
        self.assertNotIn('name="propose"', self._open(address).text)
        answer = self._decide(address, propose="1")
        tokens = self._redeem(client_id, answer["code"]).json()
        self.assertEqual(tokens["scope"], "kpi.mcp kpi.read")

    def test_the_page_names_program_person_and_address(self):
        name = "<b>Claude</b>"
        client_id = self._register(client_name=name).json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        page = self._open(self._get_address(client_id))
        self.assertIn("&lt;b&gt;Claude&lt;/b&gt;", page.text)
        for text in (self.person.name, self.person.login, "assistant.example"):
            self.assertIn(text, page.text)
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        self.assertIn("frame-ancestors 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(self._find_keys(), "Looking does nothing")

    def test_a_person_refuses(self):
        client_id = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        answer = self._decide(self._get_address(client_id), "deny")
        self.assertEqual(
            answer,
            {"error": "access_denied", "state": "s&1", "iss": self.base_url()},
        )

    def test_who_is_not_logged_in_logs_in_first(self):
        client_id = self._register().json()["client_id"]
        answer = self._open(self._get_address(client_id))
        self.assertEqual(answer.status_code, 303)
        address = urlsplit(answer.headers["Location"])
        self.assertEqual(address.path, "/web/login")
        (back,) = parse_qs(address.query)["redirect"]
        self.assertEqual(back, self._get_address(client_id))

    def test_a_forged_answer_does_nothing(self):
        client_id = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        address = self._get_address(client_id)
        for values in ({}, {"csrf_token": "forged"}):
            answer = self._open(address, {"decision": "allow", **values})
            self.assertEqual(answer.status_code, 400)

    def test_mistakes_lead_nowhere(self):
        """Anyone registers, so that a mistake must not send people anywhere."""
        client_id = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        for values in (
            {"client_id": "unknown"},
            {"client_id": "' OR 1=1 --"},
            {"redirect_uri": "https://evil.example/"},
            {"redirect_uri": f"{BACK}/"},
            {"redirect_uri": ""},
            {"response_type": "token"},
            {"code_challenge": ""},
            {"code_challenge_method": "plain"},
            {"resource": "https://other.example/api/kpi/mcp"},
        ):
            with self.subTest(values):
                address = self._get_address(client_id, **values)
                answer = self._open(address)
                self.assertEqual(answer.status_code, 400)
                self.assertNotIn("Location", answer.headers)
                self.assertNotIn("href", answer.text.partition("<main")[2])
        twice = self._get_address(client_id) + "&state=2"
        self.assertEqual(self._open(twice).status_code, 400)

    def test_a_program_on_the_persons_machine_has_any_port(self):
        back = ["http://127.0.0.1/back"]
        client_id = self._register(redirect_uris=back).json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        redirect = "http://127.0.0.1:51004/back"
        address = self._get_address(client_id, redirect_uri=redirect)
        code = self._decide(address)["code"]
        wrong = self._redeem(client_id, code, redirect_uri="http://127.0.0.1:9/back")
        self.assertRefused(wrong, "invalid_grant")
        code = self._decide(address)["code"]
        answer = self._redeem(client_id, code, redirect_uri=redirect)
        self.assertEqual(answer.status_code, 200)

    def test_a_code_is_of_one_program_and_one_request(self):
        client_id = self._register().json()["client_id"]
        other = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        for values in (
            {"code_verifier": "w" * 60},
            {"code_verifier": ""},
            {"redirect_uri": "https://assistant.example/other"},
            {"redirect_uri": ""},
            {"client_id": other},
            {"client_id": ""},
        ):
            with self.subTest(values):
                code = self._decide(self._get_address(client_id))["code"]
                given = {"client_id": client_id, **values}
                answer = self._redeem(given.pop("client_id"), code, **given)
                self.assertRefused(answer, "invalid_grant")
                if "client_id" not in values:
                    again = self._redeem(client_id, code)
                    self.assertRefused(again, "invalid_grant")
        code = self._decide(self._get_address(client_id))["code"]
        answer = self._redeem(client_id, code, resource="https://other.example")
        self.assertRefused(answer, "invalid_target")
        answer = self._get_token(client_id, grant_type="password", username="admin")
        self.assertRefused(answer, "unsupported_grant_type")
        self.assertFalse(self._find_keys())

    def test_a_code_is_good_for_a_minute(self):
        client_id = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        code = self._decide(self._get_address(client_id))["code"]
        self.env.cr.execute(
            "UPDATE kpi_oauth_token SET expires_at = expires_at - interval '61 s'"
        )
        self.assertRefused(self._redeem(client_id, code), "invalid_grant")

    def test_a_code_that_comes_twice_ends_the_sign_in(self):
        client_id = self._register().json()["client_id"]
        self.authenticate(self.person.login, self.person.login)
        code = self._decide(self._get_address(client_id))["code"]
        token = self._redeem(client_id, code).json()["access_token"]
        self.assertEqual(self._ask(token).status_code, 200)
        self.assertRefused(self._redeem(client_id, code), "invalid_grant")
        self.assertEqual(self._ask(token).status_code, 401)

    def test_refresh_tokens_are_replaced(self):
        client_id, first = self._sign_in()
        given = {"grant_type": "refresh_token"}
        refresh = first["refresh_token"]
        wrong = self._get_token("other", refresh_token=refresh, **given)
        self.assertRefused(wrong, "invalid_grant")
        second = self._get_token(client_id, refresh_token=refresh, **given).json()
        self.assertNotEqual(second["refresh_token"], refresh)
        self.assertEqual(second["scope"], first["scope"])
        self.assertEqual(self._ask(second["access_token"]).status_code, 200)
        self.assertEqual(len(self._find_keys()), 1)
        again = self._get_token(client_id, refresh_token=refresh, **given)
        self.assertRefused(again, "invalid_grant")
        self.assertEqual(self._ask(second["access_token"]).status_code, 401)
        refresh = second["refresh_token"]
        last = self._get_token(client_id, refresh_token=refresh, **given)
        self.assertRefused(last, "invalid_grant")

    def test_a_token_opens_this_address_only(self):
        _client_id, tokens = self._sign_in()
        for token in (tokens["access_token"], tokens["refresh_token"]):
            answer = self._ask(token, "/reports", "GET")
            self.assertEqual(answer.status_code, 401)
        self.assertEqual(self._ask(tokens["refresh_token"]).status_code, 401)
        self.env.cr.execute(
            "UPDATE kpi_oauth_token SET expires_at = expires_at - interval '61 minutes'"
        )
        self.assertEqual(self._ask(tokens["access_token"]).status_code, 401)

    def test_no_token_is_stored(self):
        _client_id, tokens = self._sign_in()
        self.env.cr.execute("SELECT kpi_oauth_token::text FROM kpi_oauth_token")
        stored = str(self.env.cr.fetchall())
        for name in ("access_token", "refresh_token"):
            self.assertNotIn(tokens[name], stored)

    def test_the_person_ends_it(self):
        client_id, tokens = self._sign_in()
        self._find_keys().with_user(self.person).action_revoke()
        self.assertEqual(self._ask(tokens["access_token"]).status_code, 401)
        refresh = {"refresh_token": tokens["refresh_token"]}
        answer = self._get_token(client_id, grant_type="refresh_token", **refresh)
        self.assertRefused(answer, "invalid_grant")

    def test_who_leaves_is_out(self):
        _client_id, tokens = self._sign_in()
        self.person.active = False
        self.assertEqual(self._ask(tokens["access_token"]).status_code, 401)

    def test_the_program_ends_it(self):
        client_id, tokens = self._sign_in()
        for client, token, status in (
            ("other", tokens["refresh_token"], 200),
            (client_id, "unknown", 200),
            (client_id, tokens["refresh_token"], 401),
        ):
            answer = self._open(REVOKE_PATH, {"client_id": client, "token": token})
            self.assertEqual((answer.status_code, answer.json()), (200, {}))
            self.assertEqual(self._ask(tokens["access_token"]).status_code, status)

    def test_it_lasts_as_long_as_keys_of_the_person(self):
        sign_ins, now = self.env["kpi.oauth"], datetime.now()
        days = (sign_ins._get_end(self.person) - now) / timedelta(days=1)
        self.assertAlmostEqual(days, 90, delta=0.1)
        self.person.all_group_ids.api_key_duration = 7
        days = (sign_ins._get_end(self.person) - now) / timedelta(days=1)
        self.assertAlmostEqual(days, 7, delta=0.1)
        self._sign_in()
        self.assertEqual(self._find_keys().state, "active")

    def test_only_people_with_kpis_sign_in(self):
        client_id = self._register().json()["client_id"]
        for groups in ("base.group_user", "base.group_portal"):
            login = f"oauth_{groups}"
            new_test_user(self.env, login, groups)
            self.authenticate(login, login)
            answer = self._open(self._get_address(client_id))
            self.assertEqual(answer.status_code, 403)

    def test_it_is_off_with_assistants(self):
        client_id = self._register().json()["client_id"]
        self.env["ir.config_parameter"].set_param(IS_ON, False)
        self.assertRefused(self._register(), "access_denied")
        for path in (RESOURCE_PATH, SERVER_PATH):
            self.assertEqual(self._open(path).status_code, 404)
        self.authenticate(self.person.login, self.person.login)
        answer = self._open(self._get_address(client_id))
        self.assertEqual(answer.status_code, 403)

    def test_registrations_have_limits(self):
        self.assertRefused(self._register(redirect_uris=[]), "invalid_redirect_uri")
        headers = {"Content-Type": "application/json"}
        answer = self._open(REGISTER_PATH, b" " * 20_000, headers=headers)
        self.assertRefused(answer, "invalid_client_metadata")
        statuses = [self._register().status_code for _number in range(20)]
        self.assertEqual((statuses[0], statuses[-1]), (201, 429))
        answer = self._register()
        self.assertGreater(int(answer.headers["Retry-After"]), 60)

    def test_unused_programs_are_forgotten(self):
        sign_ins = self.env["kpi.oauth"]
        client_id, _tokens = self._sign_in()
        unused = self._register().json()["client_id"]
        self.env.cr.execute(
            "UPDATE kpi_oauth_client SET created_at = created_at - interval '2 days'"
        )
        sign_ins._gc_tokens()
        self.assertFalse(sign_ins._find_client(unused))
        self.assertTrue(sign_ins._find_client(client_id))
        self.assertEqual(self._find_keys().state, "active")
        self.env.cr.execute(
            "UPDATE kpi_oauth_token SET expires_at = expires_at - interval '32 days'"
        )
        sign_ins._gc_tokens()
        self.assertEqual(self._find_keys().state, "revoked")
        self.env.cr.execute(
            "INSERT INTO kpi_oauth_client (client_id, name, redirects)"
            " SELECT n, 'a', '{}' FROM generate_series(1, 1000) AS n"
        )
        self.assertEqual(self._register().status_code, 429)
