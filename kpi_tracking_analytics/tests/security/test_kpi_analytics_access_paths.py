from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.security.access_oracle import PERSONAS, SEEN

from .analytics_access_case import MODELS, AnalyticsAccessCase

SECRET = 987_654.0


@tagged("post_install", "-at_install")
class TestKpiAnalyticsAccessPaths(AnalyticsAccessCase):
    """What is expected of a KPI is not guessed, told or sent either."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hidden = cls.report["sam"]
        facts = cls.env["kpi.measurement"]
        rows = [(cls.hidden.id, "2026-02-01", SECRET)]
        facts._upsert("month", rows, source="external")
        cls.env["kpi.predictive.analytics"]._analyse(cls.hidden)
        cls.env["kpi.anomaly"].create(
            {
                "report_id": cls.hidden.id,
                "kind": "spike",
                "period_start": "2026-02-01",
                "period_last": "2026-02-01",
                "oddest_start": "2026-02-01",
                "value": SECRET,
            }
        )
        cls.env.flush_all()

    def _found_by_all(self):
        """(model, domain) that finds the hidden number."""
        over = (">", SECRET - 1)
        shown = {
            "predictive_ids.expected_value": "kpi.predictive.analytics",
            "predictive_ids.kpi_id.predictive_ids.expected_value": "",
        }
        for path in shown:
            yield "kpi.report", [(path, *over)]
            yield "kpi.report", [(f"definition_id.report_ids.{path}", *over)]
            yield "kpi.definition", [(f"report_ids.{path}", *over)]
            yield "kpi.measurement", [(f"report_id.{path}", *over)]
        yield "kpi.predictive.analytics", [("expected_value", *over)]
        yield "kpi.predictive.point", [("value", *over)]
        yield (
            "kpi.predictive.point",
            [("report_id.predictive_ids.expected_value", *over)],
        )
        yield "kpi.trend.analysis", [("kpi_id.predictive_ids.expected_value", *over)]
        yield "kpi.anomaly", [("value", *over)]
        yield "kpi.anomaly", [("report_id.predictive_ids.expected_value", *over)]

    def test_paths_to_a_hidden_kpi_find_nothing(self):
        """Uma sees a KPI of the same definition, which leads to Sam's."""
        for model, domain in self._found_by_all():
            with self.subTest(model=model, domain=domain):
                self.assertTrue(self.env[model].search_count(domain), "nothing to find")
                own = self.as_user("user", model)
                self.assertFalse(own.search_count(domain))
                self.assertFalse(own._read_group(domain, ["id"], ["__count"]))

    def test_orders_and_groups_count_only_what_is_seen(self):
        for model, name in MODELS.items():
            for persona in PERSONAS:
                own = self.as_user(persona, model)
                if not own.has_access("read"):
                    continue
                with self.subTest(model=model, persona=persona):
                    allowed = {self.report[key].id for key in SEEN[persona]}
                    groups = own._read_group([], [name], ["__count"])
                    self.assertEqual({group.id for group, _count in groups}, allowed)
                    found = own.search([], order=f"{name} desc")
                    self.assertEqual({*found[name].ids}, allowed)

    def test_what_a_kpi_is_asked(self):
        for persona in PERSONAS:
            own = self.as_user(persona, "kpi.report").browse(self.hidden.id)
            analytics = self.as_user(persona, "kpi.predictive.analytics")
            asked = {
                "explain": lambda own=own: own.explain_change(
                    "2026-01-01", "2026-02-01"
                ),
                "unusual": lambda own=analytics: own.detect_performance_anomalies(
                    self.hidden.id
                ),
                "ahead": lambda own=analytics: own.predict_target_achievement(
                    self.hidden.id
                ),
            }
            for name, ask in asked.items():
                with self.subTest(persona=persona, name=name):
                    self.assertEqual(self.is_done(ask), "sam" in SEEN[persona])
            if own.browse().has_access("read"):
                shown = own.get_history(self.hidden.id).get("points")
                self.assertEqual(bool(shown), "sam" in SEEN[persona], persona)

    def test_parts_that_somebody_does_not_see_are_not_named(self):
        """Uma is shown that of Sales; of what is below she sees her own alone."""
        reports = [report for key, report in self.report.items() if key[:2] != "b_"]
        rows = [(report.id, "2025-12-01", 50.0) for report in reports]
        self.env["kpi.measurement"]._upsert("month", rows, source="external")
        sales = self.report["sales"]
        sales.definition_id.aggregation_scope = "sum"
        sales.shared_user_ids = self.users["user"]
        others = {self.report[key].scope_name for key in ("north", "south", "sam")}
        seen = {}
        for persona in ("user", "parent"):
            own = self.as_user(persona, "kpi.report").browse(sales.id)
            change = own.explain_change("2025-12-01", "2026-01-01")
            self.assertEqual(change["change"], 61)
            seen[persona] = {part["label"] for part in change["parts"]}
        self.assertTrue(others & seen["parent"], seen)
        self.assertFalse(others & seen["user"], seen)

    def test_the_overview_names_only_what_is_seen(self):
        for persona in ("user", "manager", "leader", "parent", "officer_a", "user_b"):
            home = self.as_user(persona, "kpi.home")
            digest = home.get_summary()["digest"] or {"items": []}
            named = {
                id_
                for item in digest["items"]
                if item["model"] == "kpi.report"
                for id_ in item["ids"]
            }
            allowed = {self.report[key].id for key in SEEN[persona]}
            with self.subTest(persona=persona):
                self.assertLessEqual(named, allowed)

    def test_nothing_is_sent_of_what_is_worked_out(self):
        """Neither by bus nor by mail: who looks is told what they may see."""
        channels, messages = self.env["bus.bus"], self.env["mail.message"]
        self.env.cr.precommit.run()
        before = channels.search_count([]), messages.search_count([])
        self.env["kpi.measurement"]._upsert(
            "month", [(self.hidden.id, "2026-02-01", SECRET + 1)], source="external"
        )
        self.env.cr.precommit.run()
        told = channels.search([], order="id desc")
        self.assertFalse([row for row in told if str(int(SECRET)) in row.message])
        before = channels.search_count([]), messages.search_count([])
        self.env["kpi.predictive.analytics"]._analyse(self.hidden)
        self.env["kpi.anomaly"].search([("report_id", "=", self.hidden.id)])._decide(
            "confirmed"
        )
        self.env.cr.precommit.run()
        after = channels.search_count([]), messages.search_count([])
        self.assertEqual(after, before)
