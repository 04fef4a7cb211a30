import importlib.util
import itertools
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.modules.module import get_module_path
from odoo.tests import freeze_time, tagged

from ...engine.kinds import SAMPLE
from ..deal_case import DealCase

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
OPENED = datetime(2026, 1, 5, 12)


@tagged("post_install", "-at_install")
class TestKpiDealAnalysis(DealCase):
    """KPIs that are handed over, against what a hand counts."""

    freeze_time = freeze_time("2026-02-28 12:00:00", tick=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.registry.clear_cache()
        cls.env["kpi.definition"].search([]).active = False
        cls.env.user.company_ids = [Command.link(cls.company.id)]
        cls.ready = cls.env["kpi.gallery.kpi"].search(
            [("set_id", "=", cls.env.ref("kpi_deal_pipeline.kpi_gallery_set_deals").id)]
        )
        cls.handed = cls.ready.filtered(
            lambda kpi: kpi.entry["computation"] == "external"
        )
        cls.analysis = cls.env["kpi.deal.analysis"]

    def _turn_on(self, *scope_types):
        self.handed._turn_on(scope_types)
        self.definitions = self.handed.definition_id

    def _closed(self, days, stage="closed_won", **values):
        return self._deal(
            opened_at=OPENED,
            pipeline_stage=stage,
            lost_reason_id=self.reason.id,
            actual_close_date=(OPENED + timedelta(days=days)).date(),
            **values,
        )

    def _found(self, code, **scope):
        """First day of the month → value; of the company where nothing is said."""
        scope = scope or {"scope_type": "company"}
        facts = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id.code", "=", code),
                ("report_id.company_id", "=", self.company.id),
                *((f"report_id.{name}", "=", value) for name, value in scope.items()),
            ]
        )
        return {fact.period_start: fact.value for fact in facts}

    def _report(self, code):
        return self.env["kpi.report"].search(
            [
                ("definition_id.code", "=", code),
                ("scope_type", "=", "company"),
                ("company_id", "=", self.company.id),
            ]
        )

    def _hand_over(self):
        """Run the jobs of a night, whatever was learned before it."""
        self.env["kpi.source"]._recompute_all(force=True)

    def test_each_names_a_number_that_is_made_and_explained(self):
        self.assertEqual(len(self.handed), 9)
        self._turn_on()
        measures = set()
        for report in self.definitions.report_ids:
            definition = report.definition_id
            self.assertEqual(definition.external_source, self.analysis._name)
            self.assertTrue(callable(self.analysis._method_of(report, "_explain_%s")))
            self.assertTrue(
                callable(self.analysis._method_of(report, "_find_%s_facts"))
            )
            measures.add(definition.external_measure)
        self.assertEqual(measures, set(self.analysis._get_measures()))
        with self.assertRaisesRegex(NotImplementedError, "has no method _draw_"):
            self.analysis._method_of(report, "_draw_%s")

    def test_turning_them_on_has_it_learned_and_computed(self):
        jobs = self.env["kpi.job"]
        jobs.search([]).unlink()
        self._turn_on()
        learning, computing = jobs.search([("state", "=", "queued")], order="id")
        self.assertEqual(learning.kind, "deal_learning")
        self.assertEqual(computing.kind, "recompute")
        self.assertEqual(computing.definition_ids, self.definitions)

    def test_they_are_handed_over_once_a_night(self):
        """A deal that comes by day is not in them before something was learned."""
        self._turn_on()
        self._deal(estimated_value_amount=1000.0)
        sources, code = self.env["kpi.source"], "deal_expected_pipeline"
        sources._recompute_all()
        first = self._found(code)
        self.assertEqual(set(first), {FEBRUARY})
        self._deal(estimated_value_amount=1000.0)
        sources._recompute_all()
        self.assertEqual(self._found(code), first)
        self.env["kpi.deal.win.model"]._learn(self.company)
        sources._recompute_all()
        self.assertGreater(self._found(code)[FEBRUARY], first[FEBRUARY])

    def test_only_the_last_twelve_periods_are_worked_out(self):
        self._turn_on()
        self._deal(
            opened_at=datetime(2025, 1, 5, 12),
            pipeline_stage="closed_won",
            actual_close_date=date(2025, 1, 15),
        )
        self._hand_over()
        # decided within the year before the end of each month: January to December
        expected = {date(2025, month, 1): 10.0 for month in range(3, 13)}
        self.assertEqual(self._found("deal_decision_time"), expected)

    def test_open_deals_are_in_the_time_to_decision(self):
        """10, 20 lost, 30, 40+ cancelled, 50+ and 54+ open: the median is 30 days."""
        self._turn_on()
        self._closed(10)
        self._closed(20, "closed_lost")
        self._closed(30)
        cancelled = self._deal(opened_at=OPENED)
        with freeze_time(OPENED + timedelta(days=40)):
            cancelled.action_cancel()
        self._deal(opened_at=OPENED + timedelta(days=4))
        self._deal(opened_at=OPENED)
        self._hand_over()
        # S: 5/6 after 10 days, 4/6 after 20, 3/6 after 30
        self.assertEqual(self._found("deal_decision_time"), {FEBRUARY: 30.0})
        report = self._report("deal_decision_time")
        explained = report.get_explanation(FEBRUARY)
        parts = {part["label"]: part["value"] for part in explained["parts"]}
        self.assertEqual(parts["Deals decided"], 3)
        self.assertEqual(parts["Deals open or canceled"], 3)
        self.assertEqual(parts["A quarter is decided after"], 20)
        self.assertEqual(parts["Half is decided after"], explained["value"])
        self.assertIsNone(parts["Three quarters are decided after"])
        self.assertIn("Kaplan", explained["method"])

    def test_a_day_of_25_hours_is_a_day_until_a_decision(self):
        """Noon to noon by the clocks of Berlin, set back on 26 October 2025."""
        self._turn_on()
        definition = self._report("deal_decision_time").definition_id
        definition.calendar_id.tz = "Europe/Berlin"
        deal = self._deal(opened_at="2025-10-20 10:00:00")
        with freeze_time("2025-10-30 11:00:00"):
            deal.pipeline_stage = "closed_won"
        self._hand_over()
        found = self._found("deal_decision_time")
        self.assertEqual(found[date(2025, 10, 1)], 10.0)
        report = self._report("deal_decision_time")
        parts = report.get_explanation(date(2025, 10, 1))["parts"]
        half = [part["value"] for part in parts if "Half" in part["label"]]
        self.assertEqual(half, [10.0])

    def test_a_move_that_is_dated_back_changes_the_month_it_is_dated_to(self):
        self._turn_on()
        deals = self.env["kpi.deal"].union(*(self._deal() for _ in range(3)))
        self._hand_over()
        self.assertEqual(self._found("deal_decision_time"), {})
        for deal in deals[:2]:
            late = deal.with_context(moved_at="2026-01-15 09:00:00")
            late.pipeline_stage = "closed_won"
        self._hand_over()
        found = self._found("deal_decision_time")
        self.assertEqual(found, {JANUARY: 10.0, FEBRUARY: 10.0})
        # and back: what is not decided any more has no median
        deals[:2].with_context(moved_at="2026-02-10 09:00:00").action_reopen()
        self._hand_over()
        self.assertEqual(self._found("deal_decision_time"), {JANUARY: 10.0})

    def test_the_range_is_that_of_all_outcomes(self):
        self._turn_on()
        stages = ("proposal", "negotiation", "agreement", "qualification")
        rates = self.env["kpi.deal.stage"]._win_rates()
        amounts = (1000.0, 2500.0, 700.0, 4000.0)
        for amount, stage in zip(amounts, stages, strict=True):
            self._deal(estimated_value_amount=amount, pipeline_stage=stage)
        self._closed(10, estimated_value_amount=9000.0)
        self._deal(  # no rate: counted, and in no sum
            estimated_value_amount=800.0, currency_id=self.dollar.id
        )
        self._hand_over()
        chances = [rates[stage] for stage in stages]
        expected = sum(a * p for a, p in zip(amounts, chances, strict=True))
        found = self._found("deal_expected_pipeline")
        self.assertEqual(set(found), {FEBRUARY})
        self.assertAlmostEqual(found[FEBRUARY], expected, 6)
        for code, share in (
            ("deal_pipeline_p10", 0.1),
            ("deal_pipeline_p50", 0.5),
            ("deal_pipeline_p90", 0.9),
        ):
            value = self._found(code)[FEBRUARY]
            below, up_to = self._shares(amounts, chances, value)
            self.assertLessEqual(below - 0.02, share, code)
            self.assertGreaterEqual(up_to + 0.02, share, code)
        fact = self.env["kpi.measurement"].search(
            [("report_id", "=", self._report("deal_pipeline_p50").id)]
        )
        self.assertEqual(fact.unpriced_count, 1)

    @staticmethod
    def _shares(amounts, chances, value):
        """Chance that all outcomes are below ``value``, and not above it."""
        below = up_to = 0.0
        for outcome in itertools.product((0, 1), repeat=len(amounts)):
            chance, total = 1.0, 0.0
            for won, amount, p in zip(outcome, amounts, chances, strict=True):
                chance *= p if won else 1 - p
                total += won * amount
            below += chance * (total < value)
            up_to += chance * (total <= value)
        return below, up_to

    def test_handing_over_again_writes_nothing(self):
        self._turn_on()
        self._closed(10)
        self._deal(estimated_value_amount=500.0)
        self._hand_over()
        before = self.env["kpi.measurement"].search([]).mapped("recorded_at")
        self._hand_over()
        facts = self.env["kpi.measurement"].search([])
        self.assertEqual(facts.mapped("recorded_at"), before)
        self.assertFalse(
            self.env["kpi.measurement.revision"].search(
                [("report_id.definition_id", "in", self.definitions.ids)]
            )
        )

    def test_agents_have_their_own(self):
        self._turn_on("user")
        self._deal(estimated_value_amount=1000.0)
        self._deal(estimated_value_amount=500.0, agent_id=self.other.id)
        far = self.env["res.company"].create({"name": "Far"})
        self._left_deal(far, estimated_value_amount=7.0)
        self._hand_over()
        rate = self.env["kpi.deal.stage"]._win_rates()["lead_captured"]
        code = "deal_expected_pipeline"
        self.assertAlmostEqual(self._found(code)[FEBRUARY], 1500 * rate)
        mine = self._found(code, scope_type="user", user_id=self.agent.id)
        self.assertAlmostEqual(mine[FEBRUARY], 1000 * rate)

    def test_deals_are_read_once_for_any_number_of_agents(self):
        self._turn_on()
        self._closed(10)
        self._deal(estimated_value_amount=1000.0)

        own = self.definitions.filtered(lambda kpi: "benchmark" not in kpi.code)

        def count(users):
            own._track_for("user", users, self.company.id)
            self._hand_over()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._hand_over()
            return self.cr.sql_log_count - before

        one = count(self.agent)
        self.assertLessEqual(count(self.agent | self.other | self.manager), one)

    def test_who_explains_opens_the_deals_that_are_theirs(self):
        self._turn_on()
        own = self._deal(estimated_value_amount=1000.0)
        self._deal(agent_id=self.other.id, team_id=False)
        self._hand_over()
        report = self._report("deal_pipeline_p90")
        report.shared_user_ids = self.agent
        explained = report.with_user(self.agent).get_explanation(FEBRUARY)
        self.assertEqual(explained["records"]["ids"], own.ids)
        self.assertEqual(explained["records"]["count"], 2)
        self.assertIn("90%", explained["method"])
        with self.assertRaises(AccessError):
            report.with_user(self.other).get_explanation(FEBRUARY)

    def test_a_kpi_in_another_currency_gets_no_value(self):
        self._turn_on()
        self.definitions.filtered(
            lambda kpi: kpi.code == "deal_pipeline_p50"
        ).currency_id = self.dollar
        self._deal(estimated_value_amount=1000.0)
        self._hand_over()
        self.assertEqual(self._found("deal_pipeline_p50"), {})
        self.assertIn(FEBRUARY, self._found("deal_pipeline_p90"))

    def _benchmark(self, value, day, **values):
        return self.env["kpi.performance.benchmark"].create(
            {
                "metric_key": "conversion_rate",
                "cohort": "top_quartile",
                "value_numeric": value,
                "source": "Brokers' survey",
                "sample_size": 120,
                "effective_date": day,
                **values,
            }
        )

    def test_nothing_is_tracked_that_never_has_a_value(self):
        self._turn_on("user")
        self.definitions._track_for_all("department", self.company)
        tracked = {
            scope_type: {kpi.code for kpi in reports.definition_id}
            for scope_type, reports in self.definitions.report_ids.grouped(
                "scope_type"
            ).items()
        }
        codes = set(self.definitions.mapped("code"))
        benchmarks = {code for code in codes if "benchmark" in code}
        self.assertTrue(benchmarks)
        self.assertEqual(tracked, {"company": codes, "user": codes - benchmarks})
        benchmark = self._report("deal_benchmark_win_rate_top").definition_id
        with self.assertRaisesRegex(ValidationError, "only provided for: Company"):
            benchmark._track_for("user", self.agent, self.company.id)
        forecast = self._report("deal_pipeline_p50").definition_id
        with self.assertRaisesRegex(ValidationError, "Company, User"):
            self.env["kpi.report"].create(
                {
                    "definition_id": forecast.id,
                    "scope_type": "department",
                    "department_id": self.env["hr.department"]
                    .create({"name": "Docks", "company_id": self.company.id})
                    .id,
                }
            )

    def test_what_was_tracked_without_ever_a_value_is_removed(self):
        self._turn_on("user")
        benchmark = self._report("deal_benchmark_win_rate_top").definition_id
        sources = type(self.env["kpi.deal.analysis"])
        before = ("company", "department", "team", "user")
        with patch.object(
            sources, "_get_scope_types", lambda _source, _measure: before
        ):
            old = benchmark._track_for("user", self.agent, self.company.id)
            used = benchmark._track_for("user", self.other, self.company.id)
            note = self.env["kpi.annotation"].create(
                {"report_id": used.id, "date": FEBRUARY, "text": "Why?"}
            )
            rule = self.env["kpi.tracking.rule"].create(
                {
                    "name": "All",
                    "definition_ids": self.definitions.ids,
                    "scope_type": "user",
                    "company_id": self.company.id,
                }
            )
        path = (
            f"{get_module_path('kpi_tracking')}"
            "/migrations/19.0.1.4.0/end-provided-scopes.py"
        )
        spec = importlib.util.spec_from_file_location("end_provided_scopes", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        reports = self.definitions.report_ids - used
        author = rule.user_id
        script.migrate(self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()
        self.assertEqual(self.definitions.report_ids, reports - old)
        self.assertFalse(old.exists())
        # What people wrote stays, and rules go on with their author's rights.
        self.assertFalse(used.active)
        self.assertTrue(note.exists())
        self.assertEqual(rule.user_id, author)
        codes = rule.definition_ids.mapped("code")
        self.assertNotIn("deal_benchmark_win_rate_top", codes)
        self.assertIn("deal_pipeline_p50", codes)

    def test_benchmarks_stand_beside_own_numbers_from_their_day_on(self):
        self._turn_on()
        code = "deal_benchmark_win_rate_top"
        self._hand_over()
        self.assertEqual(self._found(code), {})
        # A sample of demo data, or of before it was that, is left out.
        self._benchmark(0.41, "2026-01-01", source=SAMPLE)
        self._hand_over()
        self.assertEqual(self._found(code), {})
        self._benchmark(0.40, "2026-01-31")
        self._benchmark(0.45, "2026-02-15")
        self._benchmark(0.99, "2026-02-15", asset_type="office")
        self._benchmark(0.98, "2026-02-15", cohort="industry_avg")
        self._benchmark(0.97, "2026-03-01")
        self._hand_over()
        self.assertEqual(self._found(code), {JANUARY: 40.0, FEBRUARY: 45.0})
        explained = self._report(code).get_explanation(JANUARY)
        self.assertIn("Brokers' survey; sample size: 120", explained["method"])
        # the company's own one goes before those of all companies
        self._benchmark(0.5, "2026-02-01", company_id=self.company.id)
        self._hand_over()
        self.assertEqual(self._found(code), {JANUARY: 40.0, FEBRUARY: 50.0})
