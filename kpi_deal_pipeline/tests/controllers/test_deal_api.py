from datetime import datetime

from odoo.fields import Command
from odoo.tests import tagged

from .deal_api_case import SCOPES, DealApiCase


@tagged("post_install", "-at_install")
class TestDealApi(DealApiCase):
    def _stage(self, deal, who="user", **body):
        return self.ask(f"/deals/{deal['uuid']}/stage", who, json=body)

    def test_a_deal_is_opened_changed_moved_and_told(self):
        answer = self._create(asset_type="office", metadata={"product": "GTX"})
        self.assertEqual(answer.status_code, 201, answer.text)
        deal = answer.json()
        self.assertEqual(deal["estimated_value_amount"], "1250000.05")
        self.assertEqual(deal["estimated_value_currency"], "EUR")
        self.assertEqual(deal["agent"]["id"], self.people["user"].id)
        self.assertEqual(deal["metadata"], {"product": "GTX"})
        path = f"/deals/{deal['uuid']}"
        answer = self.ask(path, "user", "PATCH", json={"confidence": 0.75})
        self.assertEqual(answer.json()["confidence"], 0.75, answer.text)
        answer = self._stage(deal, to_stage="proposal", note="Terms")
        self.assertEqual(answer.json()["pipeline_stage"], "proposal", answer.text)
        items = self.ask(f"{path}/timeline", "user").json()["items"]
        self.assertEqual(len(items), 4)
        self.assertEqual([item["note"] for item in items if item["note"]], ["Terms"])
        self.assertEqual({item["seq"] for item in items}, {1, 2, 3, 4})
        verdict = self.ask(f"{path}/audit", "user").json()
        self.assertEqual(verdict, {"is_whole": True, "entries": 4, "faults": []})

    def test_an_amount_with_whole_units_has_two_decimals(self):
        deal = self._create(estimated_value_amount="999999999999.99").json()
        self.assertEqual(deal["estimated_value_amount"], "999999999999.99")
        deal = self._create(estimated_value_amount="5").json()
        self.assertEqual(deal["estimated_value_amount"], "5.00")

    def test_what_has_no_rate_is_worth_null_and_not_zero(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        yen.rate_ids.unlink()
        deal = self._create(estimated_value_currency="JPY").json()
        self.assertEqual((deal["weighted_amount"], deal["is_unpriced"]), (None, True))
        only = self.ask(f"/deals/{deal['uuid']}?fields=weighted_amount", "user").json()
        self.assertIsNone(only["weighted_amount"])
        own = self.env.company.currency_id.name
        priced = self._create(
            estimated_value_currency=own, estimated_value_amount="0"
        ).json()
        self.assertEqual(priced["weighted_amount"], "0.00")

    def test_lists_are_filtered(self):
        first = self._create(title="Harbour", asset_type="office").json()
        second = self._create(title="Mill", asset_type="land").json()
        self._stage(second, to_stage="proposal")
        agent = self.people["user"].id
        for query, expected in (
            (f"?agent_id={agent}", {"Harbour", "Mill"}),
            ("?stage=proposal", {"Mill"}),
            ("?text=harb", {"Harbour"}),
            ("?asset_type=land", {"Mill"}),
            ("?status=closed_won", set()),
            ("?property_id=1", set()),
        ):
            answer = self.ask(f"/deals{query}", "user")
            titles = {item["title"] for item in answer.json()["items"]}
            self.assertEqual(titles, expected, query)
        self.assertNotEqual(first["uuid"], second["uuid"])

    def test_what_cannot_be_is_refused(self):
        for values in (
            {"estimated_value_amount": "-1"},
            {"estimated_value_amount": "10000000000000000"},
            {"estimated_value_amount": 5},
            {"estimated_value_currency": "XXX"},
            {"confidence": 1.5},
            {"title": " "},
            {"agent_id": 2**31 - 1},
            {"status": "closed_won"},
            {"pipeline_stage": "closed_lost"},
            {"opened_at": "2999-01-01T00:00:00Z"},
        ):
            with self.subTest(values):
                self.assertProblem(self._create(**values), "invalid")
        deal = self._create().json()
        path = f"/deals/{deal['uuid']}"
        answer = self.ask(path, "user", "PATCH", json={"title": None})
        self.assertProblem(answer, "invalid")
        for body in (
            {"to_stage": "dreaming"},
            {"to_stage": "closed_lost"},
            {"to_stage": "proposal", "effective_at": "2001-01-01T00:00:00Z"},
        ):
            with self.subTest(body):
                self.assertProblem(self._stage(deal, **body), "invalid")
        answer = self._stage(
            deal, to_stage="closed_lost", lost_reason_id=self.reason.id
        )
        self.assertEqual(answer.json()["status"], "closed_lost")
        answer = self._stage(deal, to_stage="proposal")
        self.assertProblem(answer, "forbidden")  # reopening is the managers'

    def test_a_closed_deal_is_changed_only_by_reopening_it_with_a_reason(self):
        deal = self._create(team_id=self.team.id).json()
        path = f"/deals/{deal['uuid']}"
        self._stage(deal, to_stage="closed_won")
        change = {"estimated_value_amount": "1.00", "estimated_value_currency": "USD"}
        self.env.ref("base.USD").active = True
        answer = self.ask(path, "user", "PATCH", json=change)
        problem = self.assertProblem(answer, "invalid")
        self.assertIn("Estimated Value, Currency", problem["detail"])
        move = {"to_stage": "proposal"}
        for body in (move, {**move, "note": " "}):
            answer = self.ask(f"{path}/stage", "manager", json=body)
            self.assertIn("reason", self.assertProblem(answer, "invalid")["detail"])
        body = {**move, "note": "Not signed"}
        answer = self.ask(f"{path}/stage", "manager", json=body)
        self.assertEqual(answer.json()["status"], "open", answer.text)
        events = self.ask(f"{path}/timeline", "user").json()["items"]
        self.assertIn("Not signed", [event["note"] for event in events])

    def test_another_ones_deal_is_not_found_on_any_verb(self):
        deal = self._create().json()
        path = f"/deals/{deal['uuid']}"
        # Who administers the deals of another company.
        far = self.env["res.company"].create({"name": "Far"})
        self.people["officer"].write(
            {"company_ids": [Command.set(far.ids)], "company_id": far.id}
        )
        for who in ("other", "viewer", "officer"):
            for sub, method, body in (
                ("", "GET", None),
                ("", "PATCH", {"confidence": 0.1}),
                ("/stage", "POST", {"to_stage": "proposal"}),
                ("/timeline", "GET", None),
                ("/audit", "GET", None),
            ):
                with self.subTest(who=who, path=sub, method=method):
                    answer = self.ask(f"{path}{sub}", who, method, json=body)
                    self.assertProblem(answer, "not-found")
        self.assertEqual(self.ask("/deals", "other").json()["items"], [])

    def test_a_viewer_reads_the_deals_of_the_own_team(self):
        deal = self._create(team_id=self.team.id).json()
        path = f"/deals/{deal['uuid']}"
        self.assertEqual(self.ask(path, "viewer").status_code, 200)
        answer = self.ask(path, "viewer", "PATCH", json={"confidence": 0.1})
        self.assertProblem(answer, "forbidden")
        self.assertProblem(self._create("viewer"), "forbidden")

    def test_scopes_and_rights_are_asked_for(self):
        key = self._key("user", ("kpi.read", "kpi.write"))
        answer = self.ask("/deals", "user", key=key)
        self.assertProblem(answer, "insufficient-scope")
        key = self._key("user", ("deals.read",))
        self.assertEqual(self.ask("/deals", "user", key=key).status_code, 200)
        answer = self.ask("/deals", "user", key=key, json={"title": "Quay"})
        self.assertProblem(answer, "insufficient-scope")
        self.keys["admin"] = self._key("admin", SCOPES)
        self.assertProblem(self.ask("/deals", "admin"), "forbidden")

    def test_a_move_can_be_dated_back(self):
        answer = self._create(opened_at="2026-01-05T09:00:00Z")
        self.assertEqual(answer.status_code, 201, answer.text)
        deal = answer.json()
        answer = self._stage(
            deal, to_stage="proposal", effective_at="2026-01-07T10:00:00+01:00"
        )
        self.assertEqual(answer.json()["stage_since"], "2026-01-07T09:00:00Z")
        record = self.env["kpi.deal"].search([("uuid", "=", deal["uuid"])])
        self.assertEqual(record.stage_since, datetime(2026, 1, 7, 9))

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self):
        deal = self._create().json()
        path = f"/deals/{deal['uuid']}"
        tag = self.ask(path, "user").headers["ETag"]
        headers = {"If-Match": tag}
        answer = self.ask(path, "user", "PATCH", headers=headers, json={"title": "A"})
        self.assertEqual(answer.status_code, 200)
        answer = self.ask(path, "user", "PATCH", headers=headers, json={"title": "B"})
        self.assertProblem(answer, "precondition-failed")
        body = {"to_stage": "proposal"}
        answer = self.ask(f"{path}/stage", "user", headers=headers, json=body)
        self.assertProblem(answer, "precondition-failed")
        self.assertEqual(self._stage(deal, **body).status_code, 200)

    def test_an_archived_deal_is_in_no_list_and_still_found(self):
        deal = self._create().json()
        self.env["kpi.deal"].search([("uuid", "=", deal["uuid"])]).active = False
        self.assertEqual(self.ask("/deals", "user").json()["items"], [])
        found = self.ask(f"/deals/{deal['uuid']}", "user")
        self.assertEqual(found.json()["title"], deal["title"], found.text)

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for path in ("", "/{deal_id}", "/{deal_id}/stage", "/{deal_id}/timeline"):
            self.assertIn(f"/api/v1/deals{path}", paths)
        self.assertProblem(self.ask("/nothing", "user"), "not-found")
