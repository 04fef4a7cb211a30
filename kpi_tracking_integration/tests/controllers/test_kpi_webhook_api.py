import json

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.web_server import WebServer
from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase
from odoo.addons.kpi_tracking_alert.engine.webhook_signature import new_secret
from odoo.addons.kpi_tracking_alert.tests.models.webhook_case import verify

ROW = {"code": "api_visits", "day": "2026-01-15", "value": 12.5}


@tagged("post_install", "-at_install")
class TestKpiWebhookApi(KpiApiCase):
    """A program subscribes, is told, and unsubscribes, as Zapier does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        cls.hooks_key = cls._key("officer", scopes=["kpi.hooks"])

    def setUp(self):
        super().setUp()
        self.server = WebServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def _subscribe(self, key=None, **values):
        body = {"address": self.server.url, "event": "measurement", **values}
        return self.ask("/hooks", method="POST", key=key or self.hooks_key, json=body)

    def _record(self, value):
        answer = self.ask("/measurements", json={"rows": [{**ROW, "value": value}]})
        self.assertEqual(answer.status_code, 200, answer.text)

    def _deliver(self, webhook_id):
        """Send what waits for a subscription; how much it was."""
        waiting = self.env["kpi.delivery"].search(
            [("channel", "=", "webhook"), ("target_id", "=", webhook_id)], order="id"
        )
        for delivery in waiting:
            delivery._send_webhook()
        return len(waiting)

    def _ids(self, messages):
        """Ids as the app of docs/integrations.md makes them."""
        return [
            f"{item['kpi']['id']}-{item['sequence']}"
            for message in messages
            for item in message["data"]["items"]
        ]

    def test_a_client_subscribes_receives_and_unsubscribes(self):
        secret = new_secret()
        answer = self._subscribe(secret=secret)
        self.assertEqual(answer.status_code, 201, answer.text)
        hook = answer.json()
        self.assertEqual(hook["state"], "on")
        self.assertEqual(hook["owner"]["id"], self.people["officer"].id)
        self.assertNotIn(secret, answer.text)
        self._record(12.5)
        self._record(13)
        self.assertEqual(self._deliver(hook["id"]), 2)
        messages = [
            verify(secret, each.headers, each.body) for each in self.server.received
        ]
        values = [one["data"]["items"][0]["new"] for one in messages]
        self.assertEqual(values, [12.5, 13])
        # what it polls has the same ids, the newest first: nothing comes twice
        answer = self.ask("/hooks/samples?event=measurement", key=self.hooks_key)
        samples = answer.json()["messages"]
        self.assertEqual(self._ids(samples), self._ids(messages)[::-1])
        self.assertEqual(len({*self._ids(samples)}), 2)
        path = f"/hooks/{hook['id']}"
        answer = self.ask(path, method="DELETE", key=self.hooks_key)
        self.assertEqual(answer.status_code, 204)
        before = self.env["kpi.delivery"].search_count([])
        self._record(14)
        self.assertEqual(self.env["kpi.delivery"].search_count([]), before)
        answer = self.ask(path, method="DELETE", key=self.hooks_key)
        self.assertProblem(answer, "not-found")

    def test_the_same_subscription_is_not_told_twice(self):
        first = self._subscribe().json()["id"]
        self.assertEqual(self._subscribe().json()["id"], first)
        self.assertNotEqual(self._subscribe(event="alert").json()["id"], first)

    def test_only_what_was_asked_for_is_sent(self):
        other = self._definition("Other", "api_other")
        other = other._track_for("company", self.env.company)
        hook = self._subscribe(report_ids=[other.id]).json()
        self._record(1)
        self.assertEqual(self._deliver(hook["id"]), 0)
        alerts = self._subscribe(event="alert").json()
        webhook = self.env["kpi.webhook"].browse(alerts["id"])
        self.assertTrue(webhook.sends_alert)
        self.assertFalse(webhook.sends_measurement or webhook.sends_target)
        answer = self._subscribe(report_ids=[2**31 - 1])
        self.assertIn(answer.status_code, (404, 422), answer.text)

    def test_before_the_first_event_samples_are_values(self):
        self._record(12.5)
        path = "/hooks/samples?event=measurement"
        (message,) = self.ask(path, key=self.hooks_key).json()["messages"]
        item = message["data"]["items"][0]
        self.assertEqual((item["sequence"], item["new"]), (0, 12.5))
        self.assertEqual(item["kpi"]["code"], "api_visits")
        answer = self.ask("/hooks/samples?event=target", key=self.hooks_key)
        self.assertEqual(answer.json(), {"messages": []})

    def test_samples_are_those_that_the_user_may_see(self):
        self._subscribe()
        self._record(12.5)
        key = self._key("user", scopes=["kpi.hooks"])
        path = "/hooks/samples?event=measurement"
        said = self.ask(path, key=key).json()["messages"]
        codes = [item["kpi"]["id"] for one in said for item in one["data"]["items"]]
        self.assertNotIn(self.report.id, codes)

    def test_what_is_no_subscription_is_refused(self):
        self.assertProblem(self._subscribe(event="weather"), "invalid")
        self.assertProblem(self._subscribe(address="http://example.com"), "invalid")
        self.assertProblem(self._subscribe(secret="mine"), "invalid")
        self.assertProblem(
            self._subscribe(key=self.keys["officer"]), "insufficient-scope"
        )
        user = self._key("user", scopes=["kpi.hooks"])
        self.assertProblem(self._subscribe(key=user), "forbidden")

    def test_hooks_of_others_are_not_there(self):
        hook = self._subscribe().json()
        admin = self._key("admin", scopes=["kpi.hooks"])
        self.people["other"] = self.people["officer"].copy({"login": "hooks_other"})
        key = self._key("other", scopes=["kpi.hooks"])
        path = f"/hooks/{hook['id']}"
        self.assertProblem(self.ask(path, method="DELETE", key=key), "not-found")
        answer = self.ask(path, method="DELETE", key=admin)
        self.assertEqual(answer.status_code, 204)

    def test_the_description_shows_them(self):
        paths = self.ask("/openapi.json", who=None).json()["paths"]
        self.assertEqual(
            {path: [*paths[path]] for path in paths if "/hooks" in path},
            {
                "/api/kpi/hooks": ["post"],
                "/api/kpi/hooks/samples": ["get"],
                "/api/kpi/hooks/{hook_id}": ["delete"],
            },
        )
        self.assertIn("kpi.hooks", json.dumps(paths["/api/kpi/hooks"]["post"]))
