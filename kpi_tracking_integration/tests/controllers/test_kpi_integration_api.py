from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.tests.controllers.api_case import GROUP
from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ...adapters.adapter import Pulled

TOKEN = "hotline-token-of-the-vendor"
PATH = "/integrations"


@tagged("post_install", "-at_install")
class TestKpiIntegrationApi(KpiApiCase):
    """Integrations over REST: read and run by those who are responsible for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people["other"] = new_test_user(cls.env, "api_other", GROUP % "officer")
        cls.keys["other"] = cls._key("other")
        cls.integration = cls.env["kpi.integration"].create(
            {
                "name": "Calls of the hotline",
                "integration_type": "google_sheets",
                "definition_id": cls.definition.id,
                "api_credentials": TOKEN,
                "settings": {"spreadsheet": "s" * 30, "range": "Actuals"},
                "owner_id": cls.people["officer"].id,
            }
        )
        cls.one = f"{PATH}/{cls.integration.id}"

    def _turn_on(self):
        self.integration.with_user(self.people["officer"]).action_turn_on()
        self.integration.sudo().next_sync_at = False

    def test_an_integration_is_read_without_its_secrets(self):
        answer = self.ask(self.one)
        self.assertEqual(answer.json()["name"], "Calls of the hotline", answer.text)
        self.assertEqual(answer.json()["sync_status"], "disabled")
        self.assertEqual(answer.json()["definition"]["id"], self.definition.id)
        self.assertNotIn(TOKEN, answer.text)
        self.assertNotIn("s" * 30, answer.text)
        found = self.ask(f"{PATH}?sync_status=disabled&sort=-name").json()["items"]
        self.assertEqual([one["id"] for one in found], self.integration.ids)
        found = self.ask(f"{PATH}?sync_status=active").json()["items"]
        self.assertEqual(found, [])

    def test_an_integration_is_run_once_it_is_on(self):
        answer = self.ask(f"{self.one}/sync", method="POST")
        self.assertIn("Turn it on", self.assertProblem(answer, "invalid")["detail"])
        self.assertFalse(self.integration.next_sync_at)
        self._turn_on()
        tag = self.ask(self.one).headers["ETag"]
        answer = self.ask(f"{self.one}/sync", method="POST")
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertTrue(answer.json()["next_sync_at"])
        headers = {"If-Match": tag}
        answer = self.ask(f"{self.one}/sync", method="POST", headers=headers)
        self.assertProblem(answer, "precondition-failed")

    def test_runs_are_listed_below_their_own_integration(self):
        job = self.integration.with_user(self.people["officer"])._create_import(
            Pulled(["Code", "Month", "Value"], [["api_visits", "2026-01", 12.5]])
        )
        runs = self.ask(f"{self.one}/runs").json()["items"]
        self.assertEqual([run["id"] for run in runs], job.ids)
        self.assertEqual(runs[0]["integration"]["id"], self.integration.id)
        self.assertIsNone(runs[0]["finished_at"])
        second = self.integration.copy({"owner_id": self.people["officer"].id})
        self.assertEqual(self.ask(f"{PATH}/{second.id}/runs").json()["items"], [])

    def test_others_find_nothing(self):
        self._turn_on()
        for who, slug in (("user", "forbidden"), ("other", "not-found")):
            for path, method in (
                (self.one, "GET"),
                (f"{self.one}/runs", "GET"),
                (f"{self.one}/sync", "POST"),
            ):
                with self.subTest(who=who, path=path):
                    self.assertProblem(self.ask(path, who, method), slug)
        self.assertEqual(self.ask(PATH, "other").json()["items"], [])
        self.assertFalse(self.integration.next_sync_at)
        reader = self._key("officer", ["kpi.read"])
        answer = self.ask(f"{self.one}/sync", method="POST", key=reader)
        self.assertProblem(answer, "insufficient-scope")
        self.assertEqual(self.ask(self.one, key=reader).status_code, 200)

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for path in ("", "/{integration_id}", "/{integration_id}/runs"):
            self.assertIn("get", paths[f"/api/kpi/integrations{path}"])
        self.assertIn("post", paths["/api/kpi/integrations/{integration_id}/sync"])
