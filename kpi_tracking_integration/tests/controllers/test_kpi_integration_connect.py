import base64
import hashlib
import json
from datetime import datetime
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.web_server import reply
from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ...adapters import Salesforce
from ...controllers import oauth
from ..stand_ins import SalesforceStandIn

CLIENT_SECRET = "client-secret-5d1"
TOKENS = ("access_token", "refresh_token", "refresh_token_before")


class VendorStandIn(SalesforceStandIn):
    """Gives tokens for a code that its page gave, and another refresh token each time.

    :ivar refused: what a refusal says
    """

    token = None
    code = "code-1"
    challenge = ""
    refused = b'{"error": "invalid_grant", "error_description": "expired"}'

    def __init__(self, *opportunities):
        super().__init__(opportunities)
        self.number = 0
        self.refresh_tokens = set()
        self.is_revoked = False

    def _serve(self, handler):
        request = self.received[-1]
        if request.target != "/services/oauth2/token":
            return super()._serve(handler)
        form = {name: one for name, (one,) in parse_qs(request.body.decode()).items()}
        handler.wfile.write(self._give(form))

    def _give(self, form):
        assert (form["client_id"], form["client_secret"]) == ("app", CLIENT_SECRET)
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            is_good = form["code"] == self.code and proof == self.challenge
            self.code = None
        else:
            is_good = form["refresh_token"] in self.refresh_tokens
            self.refresh_tokens.discard(form.get("refresh_token"))
        if not is_good or self.is_revoked:
            return reply(400, self.refused)
        self.number += 1
        self.token = f"access-{self.number}"
        self.refresh_tokens.add(f"refresh-{self.number}")
        given = {"access_token": self.token, "refresh_token": f"refresh-{self.number}"}
        return reply(200, json.dumps({**given, "token_type": "Bearer"}).encode())


@tagged("post_install", "-at_install")
class TestKpiIntegrationConnect(KpiApiCase):
    """An officer connects a vendor, whose tokens end and are replaced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        cls.startClassPatcher(
            patch.object(Salesforce, "form", r"http://127\.0\.0\.1:\d+")
        )
        cls.startClassPatcher(
            patch(
                "odoo.addons.base.models.ir_cron.IrCron._commit_progress",
                lambda *_a, **_k: 1,
            )
        )
        for name in ("officer", "admin"):
            cls.people[name].password = "connect-password"

    def setUp(self):
        super().setUp()
        today = datetime.now().strftime("%Y-%m-%d")
        self.server = VendorStandIn((today, 100.0, "jane@x.test", True))
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        integrations = self.env["kpi.integration"].with_user(self.people["officer"])
        self.integration = integrations.create(
            {
                "name": "Deals",
                "integration_type": "salesforce",
                "definition_id": self.definition.id,
                "settings": {"domain": self.server.origin},
                "client_id": "app",
                "client_secret": CLIENT_SECRET,
                "closed_count": 0,
            }
        )
        self.authenticate("api_officer", "connect-password")

    def _visit(self, path):
        self.env.flush_all()
        answer = self.url_open(path, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def _go_there(self):
        """Follow the button to the page of the vendor; what it is asked."""
        address = self.integration.action_connect()["url"]
        answer = self._visit(address)
        self.assertEqual(answer.status_code, 303)
        place = urlsplit(answer.headers["Location"])
        self.assertEqual(f"http://{place.netloc}", self.server.origin)
        self.assertEqual(place.path, "/services/oauth2/authorize")
        asked = {name: one for name, (one,) in parse_qs(place.query).items()}
        self.server.challenge = asked["code_challenge"]
        return asked

    def _come_back(self, state, **values):
        query = {"state": state, "code": "code-1", **values}
        query = "&".join(f"{name}={value}" for name, value in query.items())
        return self._visit(f"/kpi/integration/connected?{query}")

    def _connect(self):
        return self._come_back(self._go_there()["state"])

    def _tokens(self):
        return tuple(self.integration._read_secret(name) for name in TOKENS)

    def test_an_officer_connects_and_reads(self):
        asked = self._go_there()
        self.assertEqual(asked["code_challenge_method"], "S256")
        own = f"{self.integration.get_base_url()}/kpi/integration/connected"
        self.assertEqual(asked["redirect_uri"], own)
        self.assertNotIn(CLIENT_SECRET, json.dumps(asked))
        answer = self._come_back(asked["state"])
        self.assertEqual(answer.status_code, 303)
        place = urlsplit(answer.headers["Location"]).path
        self.assertEqual(place, f"/odoo/kpi-integrations/{self.integration.id}")
        self.assertEqual(self._tokens(), ("access-1", "refresh-1", ""))
        self.assertFalse(self.integration.last_error)
        notice = self.integration.action_test()
        self.assertEqual(notice["params"]["message"], "Connected: api@nordwind.test")
        # nobody reads them back, nor writes them
        shown = self.integration.read(["access_token", "refresh_token"])[0]
        self.assertNotIn("access-1", str(shown))

    def test_an_answer_counts_once_and_in_its_session_only(self):
        before = self._go_there()["state"]
        state = self._go_there()["state"]
        for other in ("", "x" * 43, "\u00e9", before):
            self.assertEqual(self._come_back(other).status_code, 404)
        self.authenticate("api_admin", "connect-password")
        self.assertEqual(self._come_back(state).status_code, 404)
        self.authenticate("api_officer", "connect-password")
        state = self._go_there()["state"]
        self.assertEqual(self._come_back(state).status_code, 303)
        self.assertEqual(self._come_back(state).status_code, 404)
        self.assertEqual(self._tokens()[0], "access-1")

    def test_who_is_away_for_long_begins_again(self):
        state = self._go_there()["state"]
        self.assertGreater(oauth.PATIENCE, 60)
        with patch.object(oauth, "PATIENCE", -1):
            self.assertEqual(self._come_back(state).status_code, 404)
        self.assertEqual(self._tokens(), ("", "", ""))

    def test_nobody_connects_what_is_not_theirs(self):
        self.authenticate("api_user", "api_user")
        path = f"/kpi/integration/connect/{self.integration.id}"
        self.assertEqual(self._visit(path).status_code, 404)
        self.authenticate(None, None)
        answer = self._visit(path)
        self.assertIn("/web/login", answer.headers["Location"])
        self.authenticate("api_officer", "connect-password")
        self.assertEqual(
            self._visit("/kpi/integration/connect/2147483647").status_code, 404
        )

    def test_a_refusal_at_the_vendor_is_said_on_the_form(self):
        state = self._go_there()["state"]
        self._come_back(state, code="", error="access_denied")
        self.assertEqual(
            self.integration.last_error,
            "Salesforce denied access. Connect again and allow it.",
        )
        self._come_back(self._go_there()["state"], code="another")
        self.assertEqual(
            self.integration.last_error,
            "Salesforce no longer grants access. Connect again.",
        )
        self.server.refused = b"<html>maintenance</html>"
        self._come_back(self._go_there()["state"], code="another")
        self.assertEqual(
            self.integration.last_error,
            "Salesforce sent no access token. Try again later.",
        )
        self.assertEqual(self._tokens(), ("", "", ""))

    def test_a_token_that_ended_is_replaced(self):
        self._connect()
        self.server.token = "ended"
        self.integration.action_test()
        # the one before is kept until the new one worked, and no longer
        self.assertEqual(self._tokens(), ("access-2", "refresh-2", ""))

    def test_both_are_kept_until_the_new_one_worked(self):
        self._connect()
        self.server.token = "ended"
        vendor = self.integration._connect()
        self.assertEqual(self.integration._renew(vendor), "access-2")
        self.assertEqual(self._tokens(), ("access-2", "refresh-2", "refresh-1"))
        # the answer with the next ones got lost: the one before still opens
        self.server.refresh_tokens = {"refresh-1"}
        self.server.token = "ended"
        self.integration.action_test()
        self.assertEqual(self._tokens(), ("access-3", "refresh-3", ""))

    def test_who_comes_second_uses_what_the_first_was_given(self):
        self._connect()
        self.server.token = "ended"
        first, second = (self.integration._connect() for _number in range(2))
        self.assertEqual(self.integration._renew(first), "access-2")
        self.assertEqual(self.integration._renew(second), "access-2")
        # a refresh token used twice would end all that were given
        self.assertEqual(self.server.number, 2)

    def test_access_withdrawn_in_mid_run_is_one_sentence(self):
        self._connect()
        self.server.is_revoked = True
        self.server.next_answers = []
        self.integration.action_turn_on()
        self.server.token = "ended"
        self.integration.sudo()._sync()
        self.assertEqual(
            self.integration.last_error,
            "Salesforce no longer grants access. Connect again.",
        )
        self.assertEqual(self.integration.sync_status, "error")
        # nothing of it is lost where it was a mistake of theirs
        self.assertEqual(self._tokens()[:2], ("access-1", "refresh-1"))
        self.server.is_revoked = False
        self.server.refresh_tokens = {"refresh-1"}
        self.integration.sudo()._sync()
        self.assertIn("No rows could be imported", self.integration.last_error)

    def test_a_vendor_that_is_down_has_not_withdrawn_access(self):
        self._connect()
        self.server.is_revoked, self.server.refused = True, b"<html>down</html>"
        self.server.token = "ended"
        self.integration.sudo()._sync()
        self.assertEqual(
            self.integration.last_error,
            "Salesforce sent no access token. Try again later.",
        )

    def test_without_a_domain_nobody_is_sent_anywhere(self):
        self.integration.settings = {"domain": "https://evil.example.com"}
        answer = self._visit(self.integration.action_connect()["url"])
        place = urlsplit(answer.headers["Location"]).path
        self.assertEqual(place, f"/odoo/kpi-integrations/{self.integration.id}")
        self.assertIn("Enter My Domain", self.integration.last_error)
