"""The executive dashboard, as programs read it."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.tests.controllers.api_case import ApiCase
from odoo.addons.kpi_base.tests.controllers.description_case import DescriptionMixin

from ..models.purchase_case import GROUP, PurchaseCase

RESULT = "odoo.addons.kpi_bi_dashboard.models.kpi_bi_result"
SCOPES = ("bi.read", "bi.write")
ROLES = {
    "reader": ["user"],
    "analyst": ["analyst"],
    "margins": ["analyst", "margin"],
    "stranger": [],
}


@tagged("post_install", "-at_install")
class TestBiApi(DescriptionMixin, PurchaseCase, ApiCase):
    """Two invoices of partner a; 40% of what is sold is margin, so it is said."""

    prefix = "/api/bi"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in ("kpi_base.kpi_base_group_admin", f"{GROUP}admin"):
            cls.env.user.group_ids += cls.env.ref(group)
        for name, roles in ROLES.items():
            cls.people[name] = cls._user(name, *roles)
            cls.people[name].group_ids += cls.env.ref("kpi_base.kpi_base_group_user")
        cls.far_company = cls.env["res.company"].create({"name": "Far"})
        cls.people["far"] = new_test_user(
            cls.env,
            "bi-far",
            groups=f"base.group_user,{GROUP}analyst,{GROUP}margin",
            company_id=cls.far_company.id,
            company_ids=[Command.set(cls.far_company.ids)],
        )
        for name in (*ROLES, "far"):
            cls.keys[name] = cls._key(name, SCOPES)
        cls.env["kpi.bi.benchmark"].sudo().create(
            {"measure": "gross_margin", "date_from": "2020-01-01", "middle": 40}
        )
        for day, amount in (("2026-01-10", 100), ("2026-02-10", 50)):
            cls._invoice(cls, day, amount)
        analyses = cls.env["kpi.bi.analysis"].sudo()
        for name in ("purchases", "customers", "cohorts", "lifetime_value"):
            analyses._run_analysis(name, cls.company)

    def _told(self, path, who="reader", status=200, **options):
        answer = self.ask(path, who, **options)
        self.assertEqual(answer.status_code, status, answer.text)
        return answer.json()

    def test_analyses_and_their_history(self):
        listed = {one["name"]: one for one in self._told("/analyses")["items"]}
        self.assertEqual(
            [*listed], self.env["kpi.bi.analysis"]._list_analyses(), "all of them"
        )
        found = self._told("/analyses/cohorts")
        self.assertEqual(found["result_id"], listed["cohorts"]["result_id"])
        self.assertEqual(found["figures"]["months"], ["2026-01"])
        history = self._told("/analyses/cohorts/history?limit=1")
        self.assertEqual(history["items"][0]["id"], found["result_id"])
        self.assertNotIn("figures", history["items"][0])
        older = self._told(f"/analyses/cohorts?result_id={found['result_id']}")
        self.assertEqual(older, found)
        other = self._told(
            f"/analyses/customers?result_id={found['result_id']}", status=404
        )
        self.assertIn("no result", other["detail"])

    def test_an_unknown_analysis_names_the_known_ones(self):
        for path in ("/analyses/horoscope", "/analyses/horoscope/history"):
            problem = self.assertProblem(self.ask(path, "reader"), "not-found")
            self.assertIn("cohorts", problem["detail"])

    def test_equal_answers_are_not_sent_again(self):
        tag = self.ask("/analyses/cohorts", "reader").headers["ETag"]
        again = self.ask("/analyses/cohorts", "reader", headers={"If-None-Match": tag})
        self.assertEqual(again.status_code, 304)

    def test_figures_of_another_version_are_not_read(self):
        results = self.env["kpi.bi.result"].sudo()
        stored = {"cutoff": "2026-03-01", "data": "of before"}
        before = {"months": ["2025-01"]}
        with patch(f"{RESULT}.VERSION", 1):
            results._store(self.company, "cohorts", lambda: (before, {}), **stored)
            self.assertEqual(self._told("/analyses/cohorts")["figures"], before)
        self.assertNotEqual(self._told("/analyses/cohorts")["figures"], before)
        result = results._store(self.company, "cohorts", lambda: ({}, {}), **stored)
        self.assertEqual(result.figures, {})

    def test_margins_are_for_their_readers(self):
        results = self.env["kpi.bi.result"].sudo()
        results._store(
            self.company,
            "cohorts",
            lambda: ({"months": [], "margin": {"total": 60}}, {}),
            cutoff="2026-03-01",
            data="margin",
        )
        self.assertNotIn("margin", self._told("/analyses/cohorts")["figures"])
        for who, margin in (("analyst", False), ("margins", True)):
            figures = self._told("/analyses/cohorts", who)["figures"]
            self.assertEqual("margin" in figures, margin)
            (customer,) = self._told("/customers", who)["items"]
            self.assertEqual("margin" in customer, margin)
            months = self._told("/purchases/summary", who)["items"]
            expected = [40.0, 20.0] if margin else [None, None]
            self.assertEqual([one["margin"] for one in months], expected)
        self.assertProblem(self.ask("/customers?fields=margin", "analyst"), "forbidden")

    def test_purchases_by_month(self):
        (month,) = self._told("/purchases/summary?first=2026-02-28")["items"]
        self.assertEqual((month["month"], month["amount"]), ("2026-02-01", 50))
        self.assertEqual(month["customers"], 1)

    def test_single_customers_are_for_analysts(self):
        self.assertProblem(self.ask("/customers", "reader"), "forbidden")
        (customer,) = self._told("/customers?tier=A", "analyst")["items"]
        self.assertEqual(customer["partner"]["id"], self.partner_a.id)
        self.assertEqual(customer["monetary"], 150)
        path = f"/customers/{customer['id']}"
        self.assertEqual(self._told(path, "analyst"), customer)
        self.assertProblem(self.ask(path, "far"), "not-found")

    def test_an_own_kpi_is_read_by_who_may_see_it(self):
        own = self.env["kpi.definition"].create(
            {"name": "Own", "code": "revenue", "computation": "manual"}
        )
        own._track_for("company", self.company).shared_user_ids = self.people["reader"]
        for who, code in (("reader", "revenue"), ("analyst", None)):
            found = self._told("/dashboard", who)
            kpi = found["sections"][0]["kpis"][0]
            self.assertEqual((kpi["metric"], kpi["code"]), ("revenue", code))
            self.assertIn("revenue", found["missing"])

    def test_runs(self):
        self.assertProblem(self.ask("/runs", "reader", "POST"), "forbidden")
        run = self._told("/runs", "analyst", 202, method="POST")
        self.assertEqual((run["state"], run["progress_ratio"]), ("queued", 0))
        again = self._told("/runs", "analyst", 202, method="POST")
        self.assertEqual(again["id"], run["id"], "one that waits is not doubled")
        self.assertEqual(self._told(f"/runs/{run['id']}"), run)
        self.assertProblem(self.ask(f"/runs/{run['id']}", "far"), "not-found")

    def test_markets(self):
        market = self.env["kpi.bi.market"].create(
            {"name": "Chairs", "year": 2025, "size": 1000, "source": "Survey"}
        )
        rows = {
            "/competitors": self.env["kpi.bi.competitor"].create(
                {
                    "name": "Other",
                    "market_id": market.id,
                    "source": "Own",
                    "growth": 0.2,
                }
            ),
            "/swot": self.env["kpi.bi.swot"].create({"name": "Fast"}),
            "/opportunities": self.env["kpi.bi.opportunity"].create(
                {"name": "Enter", "market_id": market.id, "fit": 0.5}
            ),
            "/benchmarks": self.env["kpi.bi.benchmark"].search([]),
            "/markets": market,
        }
        for path, records in rows.items():
            with self.subTest(path):
                found = [one["id"] for one in self._told(path)["items"]]
                self.assertEqual(found, records.ids)
                self.assertEqual(self._told(path, "far")["items"], [])
                self.assertProblem(self.ask(path, "stranger"), "forbidden")
        self.assertEqual(self._told(f"/markets/{market.id}")["size"], 1000)
        (one,) = self._told("/competitors")["items"]
        self.assertEqual((one["score"], one["share"]), (100, None))

    def test_another_company_sees_its_own(self):
        result = self._told("/analyses/cohorts")["result_id"]
        self.assertIsNone(self._told("/analyses", "far")["items"][0]["result_id"])
        for path in ("/analyses/cohorts", f"/analyses/cohorts?result_id={result}"):
            self.assertProblem(self.ask(path, "far"), "not-found")
        for path in ("/purchases/summary", "/customers", "/analyses/cohorts/history"):
            self.assertEqual(self._told(path, "far")["items"], [])
        self.assertEqual(self._told("/dashboard", "far")["company"]["name"], "Far")

    def test_strangers_and_keys_without_scope(self):
        paths = [*self._document()["paths"]]
        keys = {"write": self._key("margins", ["bi.write"])}
        for path in paths:
            address = path.removeprefix(self.prefix)
            for name in ("customer_id", "market_id", "run_id"):
                address = address.replace(f"{{{name}}}", "1")
            address = address.format(name="cohorts")
            with self.subTest(address):
                post = address == "/runs"
                options = {"method": "POST"} if post else {}
                answer = self.ask(address, "stranger", **options)
                self.assertIn(answer.status_code, (403, 404), answer.text)
                key = self._key("margins", ["bi.read"]) if post else keys["write"]
                answer = self.ask(address, key=key, **options)
                self.assertProblem(answer, "insufficient-scope")
