from datetime import date, datetime

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ..deal_case import GROUP

LATER = datetime(2999, 1, 1)
SCOPES = ("deals.read", "deals.write")
ROLES = {
    "user": "agent",
    "officer": "admin",
    "viewer": "viewer",
    "other": "agent",
    "leader": "manager",
}
SEED = {  # what the interface promised
    "id",
    "agent_id",
    "as_of_date",
    "deals_open",
    "deals_closed_won",
    "gross_pipeline_value",
    "weighted_pipeline_value",
    "avg_cycle_days",
    "conversion_rate",
    "roi_metrics",
    "confirmed_commission_amount",
    "disputed_commission_amount",
    "snapshot_context",
    "created_at",
    "updated_at",
}
BENCHMARK = {
    "metric_key": "conversion_rate",
    "asset_type": "office",
    "cohort": "industry_avg",
    "value_numeric": "0.27",
    "sample_size": 240,
    "source": "Survey",
    "effective_date": "2026-01-01",
}


@tagged("post_install", "-at_install")
class TestPerformanceApi(KpiApiCase):
    prefix = "/api/v1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, role in ROLES.items():
            if name in cls.people:
                cls.people[name].group_ids += cls.env.ref(GROUP + role)
            else:
                cls.people[name] = new_test_user(cls.env, f"api_{name}", GROUP + role)
            cls.keys[name] = cls._key(name, SCOPES)
        cls.env["crm.team"].create(
            {
                "name": "Docks",
                "user_id": cls.people["leader"].id,
                "crm_team_member_ids": [
                    Command.create({"user_id": cls.people[name].id})
                    for name in ("user", "viewer")
                ],
            }
        )
        cls.agent = cls.people["user"]
        cls.company = cls.agent.company_id
        euro = cls.company.currency_id
        deals = cls.env["kpi.deal"].with_context(tracking_disable=True)
        values = {
            "company_id": cls.company.id,
            "currency_id": euro.id,
            "agent_id": cls.agent.id,
            "confidence": 0.5,
            "opened_at": "2026-01-05 09:00:00",
        }
        deals.create({**values, "title": "Open", "estimated_value_amount": 12.34})
        won = deals.create({**values, "title": "Won", "estimated_value_amount": 100.0})
        won.with_context(moved_at="2026-02-04 09:00:00").pipeline_stage = "closed_won"
        for day in (date(2026, 1, 15), date(2026, 3, 31), date(2026, 4, 1)):
            # With all that is known, as the deals were entered after they happened.
            cls.env["kpi.agent.performance"]._take(day, cls.company, LATER)

    def _summary(self, who, query="", place=""):
        return self.ask(f"{place}/performance/summary{query}", who)

    def test_the_latest_row_has_what_was_promised(self):
        answer = self._summary("user")
        found = answer.json()
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertLessEqual(SEED, set(found))
        expected = {
            "agent_id": self.agent.id,
            "as_of_date": "2026-04-01",
            "deals_open": 1,
            "deals_closed_won": 1,
            "gross_pipeline_value": "12.34",
            "weighted_pipeline_value": "6.17",
            "avg_cycle_days": "30",
            "conversion_rate": "1.0000",
            "confirmed_commission_amount": "0.00",
            "disputed_commission_amount": "0.00",
            "is_final": False,
        }
        self.assertEqual({name: found[name] for name in expected}, expected)
        self.assertEqual(found["roi_metrics"]["won_value_amount"], "100.00")
        self.assertIn("payout_velocity_days", found["snapshot_context"])
        self.assertEqual(self._summary("user", place="/deals").json(), found)

    def test_returns_are_broken_down(self):
        deals = self.env["kpi.deal"].search([("agent_id", "=", self.agent.id)])
        won = deals.filtered(lambda deal: deal.status == "closed_won")
        won.write({"asset_type": "office", "lead_source": "Web"})
        commission = self.env["kpi.commission"].create(
            {"deal_id": won.id, "agent_id": self.agent.id, "commission_amount": 8.0}
        )
        commission.action_confirm()
        total = {
            "value_won_amount": "100.00",
            "commission_cost_amount": "8.00",
            "value_per_commission": "12.5",
        }
        expected = {
            **total,
            "by_asset_type": [{"asset_type": "office", **total}],
            "by_lead_source": [{"lead_source": "Web", **total}],
            "by_month": [{"month": "2026-02-01", **total}],
        }
        for query in ("", "?period=2026-Q1"):
            found = self._summary("user", query).json()
            self.assertEqual(found["roi_breakdown"], expected, query)
        nothing = self._summary("user", "?period=2026-01").json()["roi_breakdown"]
        self.assertEqual(nothing["by_month"], [])
        self.assertIsNone(nothing["value_per_commission"])

    def test_a_period_names_the_latest_day_in_it(self):
        for period, day in (
            ("2026", "2026-04-01"),
            ("2026-Q1", "2026-03-31"),
            ("2026-01", "2026-01-15"),
            ("2026-03-31", "2026-03-31"),
        ):
            found = self._summary("user", f"?period={period}").json()
            self.assertEqual(found["as_of_date"], day, period)
        january = self._summary("user", "?period=2026-01").json()
        self.assertEqual(january["avg_cycle_days"], None)
        self.assertEqual(january["conversion_rate"], None)
        self.assertProblem(self._summary("user", "?period=2025"), "not-found")
        for period in ("soon", "2026-13", "2026-02-30", "2026-Q5"):
            answer = self._summary("user", f"?period={period}")
            self.assertProblem(answer, "invalid")

    def test_who_sees_whose(self):
        query = f"?agent_id={self.agent.id}"
        for who in ("officer", "leader"):
            answer = self._summary(who, query)
            self.assertEqual(answer.status_code, 200, who)
            self.assertEqual(answer.json()["confirmed_commission_amount"], "0.00")
        found = self._summary("viewer", query).json()
        self.assertEqual(found["deals_open"], 1)
        for name in (
            "roi_metrics",
            "roi_breakdown",
            "confirmed_commission_amount",
            "disputed_commission_amount",
            "snapshot_context",
        ):
            self.assertIsNone(found[name], name)
        self.assertProblem(self._summary("other", query), "not-found")
        self.assertProblem(self._summary("other"), "not-found")
        far = self.env["res.company"].create({"name": "Far"})
        answer = self._summary("user", f"?company_id={far.id}")
        self.assertProblem(answer, "not-found")
        answer = self.ask("/performance/snapshots", "other")
        self.assertEqual(answer.json()["items"], [])
        for who in ("user", "viewer", "leader"):
            items = self.ask("/performance/snapshots", who).json()["items"]
            days = [item["as_of_date"] for item in items]
            self.assertEqual(days, ["2026-01-15", "2026-03-31", "2026-04-01"], who)

    def test_scopes_are_asked_for(self):
        key = self._key("user", ("kpi.read",))
        for path in ("summary", "benchmarks", "snapshots"):
            answer = self.ask(f"/performance/{path}", "user", key=key)
            self.assertProblem(answer, "insufficient-scope")
        key = self._key("officer", ("deals.read",))
        answer = self._enter(BENCHMARK, key=key)
        self.assertProblem(answer, "insufficient-scope")

    def _enter(self, *rows, who="officer", place="", **options):
        key = options.pop("key", None)
        return self.ask(
            f"{place}/performance/benchmarks",
            who,
            key=key,
            json={"rows": rows, **options},
        )

    def _benchmarks(self, query="", who="user"):
        answer = self.ask(f"/performance/benchmarks?source=Survey{query}", who)
        return answer.json()["items"]

    def test_benchmarks_are_entered_and_read(self):
        later = {**BENCHMARK, "effective_date": "2026-03-01", "value_numeric": "0.3"}
        land = {**BENCHMARK, "asset_type": "land", "cohort": "top_quartile"}
        answer = self._enter(BENCHMARK, later, land, later, place="/deals").json()
        self.assertEqual((answer["added"], answer["refused"]), (3, 1))
        self.assertIn("Row 2", answer["results"][3]["detail"])
        self.assertEqual(self._enter(BENCHMARK).json()["unchanged"], 1)
        (found,) = self._benchmarks("&asset_type=office")
        expected = {**later, "deal_type": None, "value_text": None}
        self.assertEqual({name: found[name] for name in expected}, expected)
        self.assertEqual(found["company"]["id"], self.company.id)
        (found,) = self._benchmarks("&asset_type=office&as_of=2026-02-28")
        self.assertEqual(found["value_numeric"], "0.27")
        self.assertEqual(len(self._benchmarks("&all_versions=true")), 3)
        self.assertEqual(len(self._benchmarks("&cohort=top_quartile")), 1)
        self.assertEqual(self._benchmarks("&metric_key=avg_cycle_days"), [])

    def test_bad_benchmarks_are_named(self):
        for change, place in (
            ({"cohort": "internal_avg"}, "cohort"),
            ({"asset_type": "castle"}, "asset_type"),
            ({"value_numeric": 0.27}, "value_numeric"),
            ({"value_numeric": "NaN"}, "value_numeric"),
            ({"sample_size": 0}, "sample_size"),
            ({"source": ""}, "source"),
            ({"effective_date": "soon"}, "effective_date"),
            ({"create_uid": 1}, "create_uid"),
        ):
            answer = self._enter(BENCHMARK, {**BENCHMARK, **change})
            self.assertProblem(answer, "invalid")
            pointers = [error["pointer"] for error in answer.json()["errors"]]
            self.assertIn(f"/rows/1/{place}", pointers)
        self.assertEqual(self._benchmarks(), [])
        far = self.env["res.company"].create({"name": "Far"})
        bad = {**BENCHMARK, "company_id": far.id}
        answer = self._enter(BENCHMARK, bad, all_or_nothing=True).json()
        self.assertEqual((answer["added"], answer["refused"]), (0, 2))
        self.assertEqual(self._benchmarks(), [])
        answer = self._enter(BENCHMARK, bad).json()
        self.assertEqual((answer["added"], answer["refused"]), (1, 1))

    def test_only_administrators_enter_benchmarks(self):
        for who in ("user", "viewer", "leader"):
            self.assertProblem(self._enter(BENCHMARK, who=who), "forbidden")

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for place in ("/api/v1/performance", "/api/v1/deals/performance"):
            self.assertIn(f"{place}/summary", paths)
            self.assertLessEqual({"get", "post"}, set(paths[f"{place}/benchmarks"]))
        names = [each["operationId"] for way in paths.values() for each in way.values()]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({"get_summary", "get_summary_of_deals"}, {*names})
