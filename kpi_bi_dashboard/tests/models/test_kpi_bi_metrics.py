"""KPIs by the words of reports, what configurations turn on, and the orchestrator in
Odoo."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from ...analytics.business_intelligence_orchestrator import (
    THEMES,
    BusinessIntelligenceOrchestrator,
)
from ...analytics.dashboard.dashboard_config import bi_config
from .purchase_case import PurchaseCase

MARCH = date(2026, 3, 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestKpiBiMetrics(ClockMixin, PurchaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in (
            "kpi_base.kpi_base_group_officer",
            "kpi_bi_dashboard.kpi_bi_dashboard_group_analyst",
            "sales_team.group_sale_manager",
        ):
            cls.env.user.group_ids += cls.env.ref(group)

    def _compute(self):
        self.env["kpi.source"].sudo()._recompute_all(MARCH, date(2026, 4, 10))

    def _kpi(self, code):
        return self.env["kpi.report"].search(
            [("company_id", "=", self.company.id), ("code", "=", code)]
        )

    def _entry(self, **amounts):
        """An entry of March: type of account → what is earned (−) or spent."""
        balance = sum(amounts.values())
        accounts = {
            name: self.env["account.account"].create(
                {"name": name, "code": f"kpi.{place}", "account_type": name}
            )
            for place, name in enumerate(amounts)
        }
        bank = self.company_data["default_account_receivable"]
        move = self.env["account.move"].create(
            {
                "date": "2026-03-15",
                "line_ids": [
                    Command.create({"account_id": accounts[name].id, "balance": amount})
                    for name, amount in amounts.items()
                ]
                + [Command.create({"account_id": bank.id, "balance": -balance})],
            }
        )
        move.action_post()

    def test_operating_margin_knows_no_other_income(self):
        gallery = self.env["kpi.gallery.kpi"]
        gallery.search([("code", "=", "operating_margin")])._turn_on()
        self._entry(
            income=-1000.0,
            income_other=-400.0,
            expense=300.0,
            expense_depreciation=100.0,
            expense_direct_cost=350.0,
            expense_other=90.0,
        )
        self._compute()
        values = self._kpi("operating_margin")._values("month", MARCH, MARCH)
        # 1,000 − 750
        self.assertEqual([*values.values()], [{MARCH: 25}])

    def test_a_configuration_is_turned_on(self):
        self._invoice("2026-03-10", 800)
        loaded = bi_config.load(bi_config.get_config(self.env))
        self.assertEqual(loaded["missing"], [])
        self.assertIn("fin_revenue", loaded["kpis"])
        self.assertIn("crm_average_deal", loaded["kpis"])
        rule = self.env["kpi.smart.alert"].search([("name", "=", loaded["alerts"][0])])
        names = ("compared", "condition", "threshold", "severity", "state")
        said = [rule[name] for name in names]
        self.assertEqual(said, ["target", "below", 0.9, "critical", "draft"])
        self.assertEqual(
            (rule.metric, rule.alert_cooldown_minutes), ("fin_revenue", 60)
        )
        again = bi_config.load(bi_config.get_config(self.env))
        self.assertEqual(again, {**loaded, "alerts": []}, "nothing twice")

        self.env["kpi.target"].create(
            {
                "report_id": self._kpi("fin_revenue").id,
                "date_from": "2026-01-01",
                "value": 1000,
            }
        )
        self._compute()
        replayed = rule.replay("2026-04-01", "2026-04-10")
        self.assertEqual(replayed["alert_count"], 1)
        config = bi_config.get_config(self.env)
        found = BusinessIntelligenceOrchestrator(
            config
        ).generate_performance_dashboard()
        revenue = found["sections"][0]["kpis"][0]
        self.assertEqual((revenue["code"], revenue["previous"]), ("fin_revenue", 800))

    def test_an_own_kpi_of_that_code_wins(self):
        metrics = self.env["kpi.bi.analysis"]
        gallery = self.env["kpi.gallery.kpi"]
        gallery.search([("code", "=", "crm_win_rate")])._turn_on()
        self.assertEqual(
            metrics._find_metrics(["win_rate"])["win_rate"].code, "crm_win_rate"
        )
        own = self.env["kpi.definition"].create(
            {"name": "Own", "code": "win_rate", "computation": "manual"}
        )
        own._track_for("company", self.company)
        self.assertEqual(
            metrics._find_metrics(["win_rate"])["win_rate"].code, "win_rate"
        )
        self.assertEqual(metrics._find_metrics(["unheard_of"]), {})

    def test_rules_come_with_the_kpis_of_customers(self):
        gallery = self.env["kpi.gallery.kpi"]
        gallery.search([("code", "=", "nrr")])._turn_on()
        rules = self.env["kpi.smart.alert"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(rules.mapped("metric"), ["nrr"])
        self.assertEqual(rules.state, "draft")

    def test_an_unknown_metric_is_said_to_be_missing(self):
        rule = {
            "name": "Odd",
            "metric": "unheard_of",
            "condition": "above",
            "threshold": 1,
        }
        config = bi_config.get_config(
            self.env,
            kpi_config={"kpi_categories": {"odd": ["unheard_of", "nrr"]}},
            alert_rules=[rule],
        )
        loaded = bi_config.load(config)
        self.assertEqual((loaded["missing"], loaded["alerts"]), (["unheard_of"], []))
        orchestrator = BusinessIntelligenceOrchestrator(config)
        found = orchestrator.generate_performance_dashboard()
        self.assertEqual(found["missing"], ["unheard_of", "nrr"])
        self.assertEqual(found["sections"][0]["kpis"][1]["code"], "nrr")
        self.assertFalse(found["alerts"])

    def test_every_analysis_has_a_theme(self):
        names = {*self.env["kpi.bi.analysis"]._list_analyses()} - {"purchases"}
        self.assertLessEqual(names, {*sum(THEMES.values(), ())})

    def test_the_orchestrator_reads_what_the_user_may(self):
        self._invoice("2026-03-10", 800)
        company = self.company
        analyses = self.env["kpi.bi.analysis"].sudo()
        for name in analyses._list_analyses():
            analyses._run_analysis(name, company)
        reader, stranger = self._user("reads", "user"), self._user("none")
        config = bi_config.get_config(self.env(user=reader))
        found = BusinessIntelligenceOrchestrator(config).analyze_customer_metrics()
        segments = found["analyses"]["customers"]["segments"]
        self.assertEqual(sum(one["revenue"] for one in segments.values()), 800)
        self.assertIn("problem", found["analyses"]["lifetime_value"])
        config = bi_config.get_config(self.env(user=stranger))
        with self.assertRaises(AccessError):
            BusinessIntelligenceOrchestrator(config).analyze_customer_metrics()
