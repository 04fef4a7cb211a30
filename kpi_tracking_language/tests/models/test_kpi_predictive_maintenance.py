import numpy as np

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.kpi_tracking_analytics.tests.models.analysis_case import (
    NOW,
    AnalysisCase,
    months,
)


@tagged("post_install", "-at_install")
class TestKpiPredictiveMaintenance(AnalysisCase):
    """KPIs in March 2026: one far above its target, one near it, one that sways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maintenance = cls.env["kpi.predictive.maintenance"]
        noise = np.random.default_rng(4).normal(0, 4, 38).tolist()
        level = [100 + each for each in noise]
        level[-1] = 103.0  # on target
        cls.safe = cls._entered("Safe", months(level), target=60)
        cls.near = cls._entered("Near", months(level), target=104)
        cls.own = cls.near.definition_id._track_for(
            "user", cls.user, company_id=cls.company.id
        )
        cls._fill(cls.own, months(level))

    def _call(self, name, report, user=None, model=None):
        self.env.invalidate_all()
        with self._at(NOW):
            records = self._as(
                user or self.officer, self.maintenance if model is None else model
            )
            return getattr(records, name)(report.id)

    def test_the_risk_is_the_chance_of_a_worse_status(self):
        safe = self._call("detect_kpi_degradation_risk", self.safe)
        self.assertEqual(
            (safe["status"], safe["period_start"]), ("on_target", "2026-03-01")
        )
        self.assertLess(safe["risk"], 5)
        near = self._call("detect_kpi_degradation_risk", self.near)
        # on target is 95 % of it or more: 98.8, which some two in five values are below
        self.assertGreater(near["risk"], 25)
        self.assertLess(near["risk"], 75)
        self.assertIn(
            "on track in Feb 2026: the chance of a worse status in Mar 2026",
            near["sentences"][0],
        )

    def test_what_is_off_target_cannot_get_worse(self):
        self._fill(self.near, {"2026-02": 20.0})
        found = self._call("detect_kpi_degradation_risk", self.near)
        self.assertEqual((found["status"], found["risk"]), ("off_target", 0.0))
        self.assertIn("was off track in Feb 2026", found["sentences"][0])

    def test_without_a_status_there_is_no_risk(self):
        bare = self._entered("Bare", months([5.0] * 38))
        found = self._call("detect_kpi_degradation_risk", bare)
        self.assertIsNone(found["risk"])
        self.assertIn("no status or no forecast", found["sentences"][0])

    def test_who_does_not_see_the_kpi_is_refused(self):
        for name in (
            "detect_kpi_degradation_risk",
            "recommend_preventive_actions",
            "optimize_monitoring_frequency",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                self._call(name, self.near, self.user)
        analytics = self.env["kpi.predictive.analytics"]
        with self.assertRaises(AccessError):
            self._call("suggest_improvement_actions", self.near, self.user, analytics)

    def test_it_is_only_recommended_what_is_likely_to_be_needed(self):
        self.env["kpi.annotation"].create(
            {"report_id": self.safe.id, "date": "2026-02-10", "text": "New rota"}
        )
        found = self._call("recommend_preventive_actions", self.safe)
        self.assertEqual(found["actions"], [])

    def test_a_daily_look_at_what_recovers_by_itself_is_noise(self):
        # on target but for every third month, which is over the month after
        values = [100 if at % 3 else 40 for at in range(37)] + [100]
        swaying = self._entered("Swaying", months(values), target=95)
        found = self._call("optimize_monitoring_frequency", swaying)
        # months 3, 6, … 36 fall: 12; the ratio of each change is 60 / 60
        self.assertEqual((found["fall_count"], found["noise_count"]), (12, 12))
        quarter = found["longer"][0]
        self.assertEqual(quarter["frequency"], "quarter")
        self.assertEqual(len(quarter["delay_days"]), 12)
        self.assertEqual(found["suggested"], "quarter")
        self.assertIn("Suggested: one value per quarter.", found["sentences"])
        self.assertNotIn("shown 0 of", " ".join(found["sentences"]))
        calm = self._call("optimize_monitoring_frequency", self.safe)
        self.assertEqual((calm["fall_count"], calm["suggested"]), (0, "month"))

    def _suggest(self, report, user=None):
        analytics = self.env["kpi.predictive.analytics"]
        return self._call("suggest_improvement_actions", report, user, analytics)

    def test_suggestions_are_parts_peers_and_what_helped_before(self):
        values = [100.0] * 30 + [40.0, 100.0] + [100.0] * 5 + [60.0]
        kpi = self._entered("Dropped", months(values), target=95)
        west = self.east.copy({"name": "Dropped West", "parent_id": self.sales.id})
        self.east.parent_id = self.sales
        peers = [
            kpi.definition_id._track_for("department", department)
            for department in (west, self.east)
        ]
        self._fill(peers[0], months(values))
        self._fill(peers[1], {**months(values), "2026-02": 90.0})
        # almost 80% of a target, which is a limit, and of a larger one with more 50%
        for peer, target in zip(peers, (75.3, 180), strict=True):
            self.env["kpi.target"].create(
                {"report_id": peer.id, "date_from": "2023-01-01", "value": target}
            )
        # that both are parts of is none of them
        whole = kpi.definition_id._track_for("department", self.sales)
        self._fill(whole, {"2026-02": 99.0})
        self.env["kpi.annotation"].create(
            {"report_id": kpi.id, "date": "2025-08-10", "text": "Second shift"}
        )
        said = self._suggest(kpi)
        self.assertIn("note", [each["kind"] for each in said])
        self.assertIn("“Second shift”", " ".join(each["text"] for each in said))
        (peer,) = (each for each in self._suggest(peers[1]) if each["kind"] == "peer")
        said = f"{peers[0].name} reached 79.6% of its target in Feb 2026"
        self.assertIn(said, peer["text"])
        self.assertIn(f"{peers[1].name} 50%.", peer["text"])
        better = [each["kind"] for each in self._suggest(peers[0])]
        self.assertNotIn("peer", better)

    def test_peers_that_the_user_does_not_see_are_not_named(self):
        boss = self.near.definition_id._track_for(
            "user", self.manager, company_id=self.company.id
        )
        self._fill(boss, {"2026-02": 900.0})
        self.env["kpi.target"].create(
            [
                {"report_id": kpi.id, "date_from": "2026-01-01", "value": target}
                for kpi, target in ((boss, 100), (self.own, 100_000))
            ]
        )
        self.assertEqual(self._suggest(self.own, self.user), [])
        seen = self._suggest(self.own)
        self.assertEqual([each["kind"] for each in seen], ["peer"])

    def test_nothing_known_is_nothing_said(self):
        self.assertEqual(self._suggest(self.safe), [])

    def test_one_click_makes_an_action(self):
        text = "North: −9 in Feb 2026."
        action = self._as(self.officer, self.near).action_make_action(text)
        item = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((item.description, item.report_id), (text, self.near))
        self.assertEqual(item.assigned_to, self.officer)
        with self.assertRaises(AccessError):
            self._as(self.user, self.near).action_make_action(text)
