from datetime import date

from odoo import Command
from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

KINDS = ("gauge", "card", "line", "bar", "table", "pie", "heatmap", "waterfall", "text")


@tagged("post_install", "-at_install")
class TestApiDashboards(KpiApiCase):
    """Dashboards as programs read them, with the eyes of the key's owner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [
            (cls.report.id, date(2025, 1, 1), 5.0),
            (cls.report.id, date(2025, 2, 1), 7.0),
        ]
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")
        card = cls.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
        tiles = [
            {
                "kind": kind,
                "definition_ids": [Command.set(cls.definition.ids)],
                "card_id": card.id if kind == "card" else False,
                "text": "<p>Read me</p>" if kind == "text" else False,
            }
            for kind in KINDS
        ]
        cls.dashboard = cls.env["kpi.dashboard"].create(
            {
                "name": "Api Board",
                "owner_id": cls.people["officer"].id,
                "user_ids": [Command.set(cls.people["user"].ids)],
                "tile_ids": [Command.create(tile) for tile in tiles],
            }
        )
        cls.private = cls.env["kpi.dashboard"].create(
            {"name": "Api Private", "owner_id": cls.people["officer"].id}
        )

    def _names(self, who):
        items = self.ask("/dashboards?name=Api", who=who).json()["items"]
        return {item["name"] for item in items}

    def _data(self, query="", who="officer"):
        answer = self.ask(f"/dashboards/{self.dashboard.id}/data?{query}", who=who)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def test_a_draft_says_that_it_is_one(self):
        dashboard = self.dashboard.with_user(self.people["officer"])
        path = f"/dashboards/{dashboard.start_draft()}"
        draft = self.ask(path).json()
        self.assertEqual(draft["draft_of"]["name"], "Api Board")
        self.assertFalse(draft["active"])
        self.assertEqual(self.ask(path, who="user").status_code, 404)
        published = self.ask(f"/dashboards/{dashboard.id}").json()
        self.assertIsNone(published["draft_of"])

    def test_lists_hold_own_and_shared_ones(self):
        self.assertEqual(self._names("officer"), {"Api Board", "Api Private"})
        self.assertEqual(self._names("user"), {"Api Board"})
        found = self.ask(f"/dashboards/{self.dashboard.id}").json()
        self.assertEqual(
            (found["name"], found["tile_count"]), ("Api Board", len(KINDS))
        )

    def test_what_is_not_shared_is_not_found(self):
        for path in ("", "/data"):
            answer = self.ask(f"/dashboards/{self.private.id}{path}", who="user")
            self.assertProblem(answer, "not-found")

    def test_all_kinds_of_tiles_are_told_with_raw_numbers(self):
        tiles = {tile["kind"]: tile for tile in self._data()["tiles"]}
        self.assertEqual(set(tiles), set(KINDS))
        self.assertEqual(tiles["gauge"]["kpi"]["value"], 7.0)
        self.assertEqual(tiles["gauge"]["state"], "ok")
        self.assertEqual(tiles["text"]["html"], "<p>Read me</p>")

    def test_the_period_is_chosen(self):
        found = self._data("grain=month&start=2025-01-15")
        tiles = {tile["kind"]: tile for tile in found["tiles"]}
        self.assertEqual(tiles["gauge"]["kpi"]["value"], 5.0)
        self.assertEqual(found["periods"]["next"], "2025-02-01")
        self.assertEqual(found["options"]["grain"], "month")

    def test_options_that_do_not_fit_are_refused(self):
        path = f"/dashboards/{self.dashboard.id}/data"
        for query in ("grain=hour", "scope_type=team", "part=1", "bogus=1"):
            self.assertProblem(self.ask(f"{path}?{query}"), "invalid")
        self.assertProblem(self.ask(f"{path}?start=x"), "malformed-query")

    def test_numbers_are_those_that_the_keys_owner_sees(self):
        found = self._data(who="user")
        self.assertNotIn("7.0", str(found["tiles"]))
        self.assertFalse(found["dashboard"]["is_editable"])

    def test_an_unchanged_dashboard_row_is_not_sent_again(self):
        path = f"/dashboards/{self.dashboard.id}"
        seen = {"If-None-Match": self.ask(path).headers["ETag"]}
        self.assertEqual(self.ask(path, headers=seen).status_code, 304)
