import random
from datetime import date, datetime, timedelta
from statistics import median

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..deal_case import GROUP, DealCase

NOW = datetime(2026, 2, 28, 12)
FEBRUARY = date(2026, 2, 1)
QUARTER = date(2026, 1, 1)
STAGES = (
    "lead_captured",
    "qualification",
    "needs_analysis",
    "proposal",
    "negotiation",
    "agreement",
    "due_diligence",
    "awaiting_closure",
)


@tagged("post_install", "-at_install")
class TestKpiDealDashboard(DealCase):
    """The ready dashboard on deals whose history is known, counted in plain Python."""

    freeze_time = freeze_time("2026-02-28 12:00:00", tick=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.registry.clear_cache()
        cls.env["kpi.definition"].search([]).active = False
        cls.env.user.company_ids = [Command.link(cls.company.id)]
        draw = random.Random(11)
        cls.plans = [cls._plan(draw) for _ in range(40)]
        for number, plan in enumerate(cls.plans):
            cls._follow(f"Deal {number}", plan)
        cls.env["kpi.performance.benchmark"].create(
            {
                "metric_key": "avg_cycle_days",
                "value_numeric": 44,
                "source": "Brokers' survey",
                "sample_size": 120,
                "effective_date": "2026-01-01",
            }
        )
        ready = cls.env["kpi.gallery.dashboard"].search([("name", "=", "Deals")])
        cls.action = ready.with_context(lang="en_US").action_install()
        cls.dashboard = ready.dashboard_id
        cls.env["kpi.source"]._recompute_all(date(2025, 3, 1), NOW.date())
        cls.env["kpi.definition"]._recompute_formulas(date(2025, 3, 1))
        cls.tiles = {tile["title"]: tile for tile in cls.dashboard.data({})["tiles"]}

    @staticmethod
    def _plan(draw):
        """Draw when a deal is opened and moved, its stages, value and agent."""
        opened = NOW - timedelta(days=draw.randint(1, 150))
        moves, at = [], opened
        for stage in STAGES[1:]:
            at += timedelta(days=draw.randint(1, 18))
            end = draw.random()
            stage = "closed_lost" if end < 0.15 else stage
            stage = "closed_won" if end > 0.8 else stage
            if at >= NOW:
                break
            moves.append((at, stage))
            if stage.startswith("closed"):
                break
        return {
            "opened": opened,
            "moves": moves,
            "amount": float(draw.randint(1, 900) * 100),
            "confidence": draw.randint(1, 9) / 10,
            "is_other": draw.random() < 0.4,
            "asset_type": draw.choice(["office", "retail", "land"]),
        }

    @classmethod
    def _follow(cls, title, plan):
        deal = cls._deal(
            title,
            opened_at=plan["opened"],
            estimated_value_amount=plan["amount"],
            confidence=plan["confidence"],
            agent_id=(cls.other if plan["is_other"] else cls.agent).id,
            asset_type=plan["asset_type"],
            lost_reason_id=cls.reason.id,
        )
        for at, stage in plan["moves"]:
            deal.with_context(moved_at=str(at)).pipeline_stage = stage

    def _last(self, plan, moment=NOW):
        """The stage at ``moment``, and since when; None before the opening."""
        if plan["opened"] > moment:
            return None, None
        steps = [(plan["opened"], STAGES[0]), *plan["moves"]]
        at, stage = [step for step in steps if step[0] <= moment][-1]
        return stage, at

    def _open(self, moment=NOW):
        return [plan for plan in self.plans if self._last(plan, moment)[0] in STAGES]

    def _closed(self, stage):
        """Deals closed so in the month that runs."""
        return [
            plan
            for plan in self.plans
            for last, at in [self._last(plan)]
            if last == stage and at.date() >= FEBRUARY
        ]

    def _card(self, title):
        kpi = self.tiles[title]["kpi"]
        self.assertEqual(kpi["period"]["start"], str(FEBRUARY))
        return kpi["value"]

    def test_every_tile_shows_something(self):
        self.assertEqual(len(self.tiles), 16)
        states = {title: tile["state"] for title, tile in self.tiles.items()}
        self.assertEqual(set(states.values()), {"ok"}, states)
        self.assertEqual(self.action["params"]["dashboard_id"], self.dashboard.id)

    def test_cards(self):
        won, lost = self._closed("closed_won"), self._closed("closed_lost")
        self.assertGreater(min(len(won), len(lost)), 1)
        value = sum(plan["amount"] for plan in won)
        cycle = median(
            (self._last(plan)[1] - plan["opened"]).total_seconds() / 86400
            for plan in won
        )
        rate = len(won) / (len(won) + len(lost))
        expected = {
            "Won Value": value,
            "Open Deal Value": sum(plan["amount"] for plan in self._open()),
            "Win Rate by Closing": 100 * rate,
            "Deal Velocity per Day": len(self._open())
            * rate
            * (value / len(won))
            / cycle,
        }
        for title, number in expected.items():
            with self.subTest(title):
                self.assertAlmostEqual(self._card(title), number, 6)
        cycles = self.tiles["Sales Cycle and Time to Decision (Days)"]["chart"]
        self.assertAlmostEqual(cycles["series"][0]["values"][-1], cycle, 6)

    def test_others_stand_beside(self):
        chart = self.tiles["Sales Cycle vs Benchmarks"]["chart"]
        own, industry, *top = (series["values"] for series in chart["series"])
        won = self._closed("closed_won")
        days = [(self._last(plan)[1] - plan["opened"]).days for plan in won]
        self.assertAlmostEqual(own[-1], sum(days) / len(days), 6)
        self.assertEqual(industry[-3:], [None, 44.0, 44.0])
        self.assertFalse(any(any(values) for values in top))

    def _shown_to(self, user, company=None):
        """The dashboard's data as a person sees it."""
        context = {"allowed_company_ids": (company or self.company).ids}
        dashboard = self.dashboard.with_user(user).with_context(**context)
        return dashboard.data({})

    def test_agents_see_benchmarks_beside_their_own_figures(self):
        answer = self._shown_to(self.agent)
        self.assertEqual(answer["scope"], self.agent.name)
        tiles = {tile["title"]: tile for tile in answer["tiles"]}
        chart = tiles["Sales Cycle vs Benchmarks"]["chart"]
        found = {each["name"]: each["values"] for each in chart["series"]}
        self.assertEqual(
            list(found),
            [
                "Sales Cycle (Average)",
                "Industry Sales Cycle",
                "Top-Quartile Sales Cycle",
            ],
        )
        won = self._closed("closed_won")
        days = [
            (self._last(plan)[1] - plan["opened"]).days
            for plan in won
            if not plan["is_other"]
        ]
        own, industry, _top = found.values()
        self.assertAlmostEqual(own[-1], sum(days) / len(days), 6)
        self.assertEqual(industry[-2:], [44.0, 44.0])
        # Of the company they see the benchmarks alone, of other agents nothing.
        context = {"allowed_company_ids": self.company.ids}
        reports = self.env["kpi.report"].with_user(self.agent).with_context(**context)
        seen = reports.search([("company_id", "=", self.company.id)])
        benchmarks = seen.filtered(lambda report: report.scope_type == "company")
        self.assertEqual(
            {code for code in benchmarks.mapped("code") if "benchmark" not in code},
            set(),
        )
        self.assertEqual(len(benchmarks), 4)
        self.assertEqual((seen - benchmarks).user_id, self.agent)
        facts = self.env["kpi.measurement"].with_user(self.agent)
        facts = facts.with_context(**context).search([])
        self.assertEqual(facts.report_id - seen, self.env["kpi.report"])
        self.assertTrue(facts.report_id & benchmarks)

    def test_benchmarks_are_for_those_who_may_read_them(self):
        plain = new_test_user(
            self.env,
            "deal-plain",
            groups="base.group_user,kpi_base.kpi_base_group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        far = self.env["res.company"].create({"name": "Far"})
        stranger = new_test_user(
            self.env,
            "deal-far-agent",
            groups=f"base.group_user,{GROUP}agent",
            company_id=far.id,
            company_ids=[Command.set(far.ids)],
        )
        for user, company in ((plain, self.company), (stranger, far)):
            reports = self.env["kpi.report"].with_user(user)
            reports = reports.with_context(allowed_company_ids=company.ids)
            self.assertFalse(reports.search([]), user.login)
        benchmark = self.env["kpi.report"].search(
            [("code", "=", "deal_benchmark_cycle_industry")], limit=1
        )
        self.assertFalse(benchmark.with_user(plain).is_shared_with_me)
        self.assertTrue(benchmark.with_user(self.agent).is_shared_with_me)
        with self.assertRaises(AccessError):
            benchmark.with_user(self.agent).write({"name": "Mine"})

    def test_a_dashboard_is_chosen_for_people_not_for_benchmarks(self):
        context = {"allowed_company_ids": self.company.ids}
        scopes = self.dashboard.with_user(self.agent).with_context(**context).scopes()
        self.assertEqual([each["name"] for each in scopes], [self.agent.name])

    def test_the_last_thirty_days(self):
        chart = self.tiles["Pipeline in the Last 30 Days"]["chart"]
        self.assertEqual(len(chart["starts"]), 30)
        self.assertEqual(chart["starts"][-1], "2026-02-28")
        values, weighted = (series["values"] for series in chart["series"])
        for place, start in enumerate(chart["starts"]):
            end = datetime.fromisoformat(start) + timedelta(days=1)
            plans = self._open(min(end, NOW))
            with self.subTest(start):
                self.assertAlmostEqual(values[place], sum(p["amount"] for p in plans))
                told = sum(p["amount"] * p["confidence"] for p in plans)
                self.assertAlmostEqual(weighted[place], told, 6)

    def test_the_pipeline_by_stage(self):
        expected = {}
        labels = dict(
            self.env["kpi.deal"]
            ._fields["pipeline_stage"]
            ._description_selection(self.env)
        )
        for plan in self._open():
            label = labels[self._last(plan)[0]]
            expected[label] = expected.get(label, 0) + plan["amount"]
        rows = self.tiles["Open Pipeline by Stage"]["parts"]["rows"]
        self.assertEqual({row["name"]: row["value"] for row in rows}, expected)

    def test_how_far_the_deals_of_the_quarter_have_come(self):
        rank = {stage: place for place, stage in enumerate((*STAGES, "closed_won"))}
        furthest = [
            max(
                rank.get(stage, 0) for stage in (STAGES[0], *(s for _, s in p["moves"]))
            )
            for p in self.plans
            if p["opened"].date() >= QUARTER
        ]
        expected = [
            sum(place >= rank[stage] for place in furthest)
            for stage in (STAGES[0], STAGES[1], STAGES[3], STAGES[5], "closed_won")
        ]
        funnel = self.tiles["Funnel of Deals Opened This Quarter"]
        rows = funnel["parts"]["rows"]
        self.assertEqual([row["value"] for row in rows], expected)
        self.assertEqual(expected, sorted(expected, reverse=True))

    def test_what_the_pipeline_may_bring(self):
        tile = self.tiles["Pipeline Forecast"]["chart"]
        now = {series["name"]: series["values"][-1] for series in tile["series"]}
        rates = self.env["kpi.deal.stage"]._win_rates()
        expected = sum(p["amount"] * rates[self._last(p)[0]] for p in self._open())
        self.assertAlmostEqual(now["Pipeline Forecast, Expected"], expected, 4)
        weighted = sum(p["amount"] * p["confidence"] for p in self._open())
        self.assertAlmostEqual(now["Weighted Deal Value"], weighted, 4)
        cautious, middle, hopeful = (
            now[name]
            for name in (
                "Pipeline Forecast, Low (P10)",
                "Pipeline Forecast, Median (P50)",
                "Pipeline Forecast, High (P90)",
            )
        )
        self.assertLess(cautious, middle)
        self.assertLess(middle, hopeful)
        self.assertLessEqual(hopeful, sum(p["amount"] for p in self._open()))

    def test_agents_without_a_login_are_tracked_too(self):
        partner = self.env["res.partner"].create({"name": "Freelancer"})
        partner.with_company(self.company).action_make_deal_agent()
        agent = partner.user_ids
        self.assertTrue(agent.share)
        self._deal(agent_id=agent.id, company_id=self.company.id)
        kpis = self.env["kpi.definition"].search([("code", "=like", "deal_%")])
        kpis._track_for_all("user", self.company)
        tracked = kpis.report_ids.filtered(lambda each: each.scope_type == "user")
        self.assertEqual(tracked.user_id, self.agent | self.other | agent)

    def test_agents_are_ranked(self):
        totals = {self.agent.name: 0.0, self.other.name: 0.0}
        for plan in self._closed("closed_won"):
            name = (self.other if plan["is_other"] else self.agent).name
            totals[name] += plan["amount"]
        rows = self.tiles["Agents by Won Value"]["card"]["rows"]
        # nobody who has no part in deals
        self.assertEqual({row["scope"]: row["value"] for row in rows}, totals)
        values = [row["value"] for row in rows]
        self.assertEqual(values, sorted(values, reverse=True))
