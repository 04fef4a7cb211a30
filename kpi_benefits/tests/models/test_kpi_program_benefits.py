from odoo.fields import Command
from odoo.tests import tagged

from .benefit_case import BenefitCase


@tagged("post_install", "-at_install")
class TestKpiProgramBenefits(BenefitCase):
    """A programme shows what the initiatives below it bring.

    Each benefit is 1,000 a month from January to June 2026.
    """

    def setUp(self):
        super().setUp()
        self.top = self._make(name="Top")
        self.middle = self._make(name="Middle", parent_id=self.top.id)
        self.low = self._make(name="Low", parent_id=self.middle.id)
        self.near = self._benefit(self.middle, name="Near")
        self.deep = self._benefit(self.low, name="Deep", amount=3000)
        self.near.period_ids.realized = 1000
        self.deep.period_ids.realized = 600
        self.env.flush_all()
        self.env.invalidate_all()

    def _make(self, **values):
        return super()._make(**{"approved_on": "2026-01-01", **values})

    def _fold(self, initiative):
        return (
            initiative.benefit_count,
            initiative.expected_value,
            initiative.realized_value,
            initiative.realization_rate,
        )

    def test_sums_and_their_ratio_at_every_level(self):
        # (6 × 1,000 + 6 × 600) / (6 × 1,000 + 6 × 3,000); no mean of 100% and 20%
        expected = {self.top: (2, 24000, 9600, 0.4), self.low: (1, 18000, 3600, 0.2)}
        for initiative, figures in expected.items():
            with self.subTest(initiative.name):
                self.assertEqual(self._fold(initiative), figures)
        self.assertEqual(self.top.planned_to_date, 24000)
        self.assertFalse(self.top.is_benefit_partial)

    def test_the_same_everywhere(self):
        own = self._as(self.olga, self.top)
        shown = own.get_dashboard()
        total = own._sum_up_benefits()["total"]
        portfolio = self._as(self.pia, self.env["kpi.benefit.portfolio"])
        chosen = portfolio.get_portfolio({"program_id": self.top.id})
        for name, found in (
            ("dashboard", (shown["planned"], shown["realized"], shown["rate"])),
            (
                "summary",
                (
                    total["expected_value"],
                    total["realized_value"],
                    total["realization_rate"],
                ),
            ),
            ("portfolio", (chosen["planned"], chosen["realized"], chosen["rate"])),
        ):
            with self.subTest(name):
                self.assertEqual(found, self._fold(own)[1:])
        (below,) = shown["initiatives"]
        self.assertEqual((below["id"], below["rate"]), (self.middle.id, 0.4))
        self.assertEqual(len(shown["benefits"]), 2)

    def test_each_reader_gets_the_sum_of_what_they_read(self):
        (self.top | self.middle).message_subscribe(self.zoe.partner_id.ids)
        own = self._as(self.zoe, self.top)
        self.assertEqual(self._fold(own), (1, 6000, 6000, 1.0))
        self.assertTrue(own.is_benefit_partial)
        self.assertTrue(own.get_dashboard()["is_partial"])
        self.assertFalse(self._as(self.olga, self.top).is_benefit_partial)

    def test_the_button_lists_what_is_counted(self):
        self.top.message_subscribe(self.zoe.partner_id.ids)
        self.deep.owner_id = self.zoe  # reads it without its initiative
        self.env.invalidate_all()
        benefits = self.env["kpi.benefit.realization"]
        for user, found in (
            (self.olga, self.near | self.deep),
            (self.zoe, self.deep),
        ):
            with self.subTest(user.name):
                own = self._as(user, self.top)
                action = own.action_open_benefits()
                shown = self._as(user, benefits).search(action["domain"])
                self.assertEqual(shown, found)
                self.assertEqual(own.benefit_count, len(found))

    def test_what_is_archived_counts_only_for_itself(self):
        self.low.active = False
        self.assertEqual(self._fold(self.top), (1, 6000, 6000, 1.0))
        self.assertEqual(self.low.benefit_count, 1)
        shown = self.top.action_open_benefits()["domain"]
        found = self.env["kpi.benefit.realization"].search(shown)
        self.assertEqual(found, self.near)

    def test_it_is_appraised_against_the_cost_of_the_tree(self):
        cost = {"cost_ids": [Command.create({"planned": 10000})]}
        (self.middle | self.low).write(cost)
        # All in the first year, which is not discounted: 24,000 − 2 × 10,000
        self.assertEqual((self.top.npv, self.top.bcr), (4000, 1.2))
        self.assertEqual(self.top.get_dashboard()["planned_cost"], 20000)
        self.assertEqual(self.low.npv, 8000)

    def test_shortfall_is_explained_by_leakages_below(self):
        self.env["kpi.value.leakage"].create(
            {"name": "Paper", "benefit_id": self.deep.id, "estimated_impact": 4000}
        )
        self.assertEqual(self.top.shortfall, 14400)
        self.assertEqual(self.top.explained_shortfall, 4000)
        self.assertEqual(self.top.open_leakage_count, 1)
        action = self.top.action_open_leakages()
        found = self.env["kpi.value.leakage"].search(action["domain"])
        self.assertEqual(found.benefit_id, self.deep)

    def test_insights_are_of_the_tree(self):
        self.low.cost_ids = [Command.create({"planned": 100, "forecast": 200})]
        self.low.with_user(self.sue).action_approve()
        shown = self._as(self.olga, self.top).get_insights()
        self.assertEqual(shown["variance"]["planned"], 24000)
        self.assertEqual(shown["forecast"]["planned"], 24000)
        kinds = [one["kind"] for one in shown["leaks"]]
        self.assertIn("cost_overrun", kinds)
        self.assertIn("shortfall", kinds)
        self.assertEqual(shown["benchmark"], [])
        self.assertTrue(self.low._benchmark())

    def test_what_leaks_below_is_filed_once(self):
        (self.top | self.middle | self.low).with_user(self.sue).action_approve()
        leakages = self.env["kpi.value.leakage"]
        action = self._as(self.olga, self.top).action_find_leakage()
        filed = leakages.search(action["domain"])
        self.assertIn(self.deep, filed.benefit_id)
        self.assertEqual(filed.initiative_id, self.low)
        for initiative in (self.low, self.top):
            self._as(self.olga, initiative).action_find_leakage()
        self.assertEqual(leakages.search(action["domain"]), filed)

    def test_as_many_statements_for_one_below_as_for_many(self):
        def count(initiative):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            own = self._as(self.olga, initiative)
            own.get_dashboard()
            own.mapped("npv")
            return self.cr.sql_log_count - before

        few = count(self.top)
        for number in range(6):
            below = self._make(name=f"Below {number}", parent_id=self.middle.id)
            self._benefit(below, name=f"Benefit {number}")
            self._make(name=f"Beside {number}", parent_id=self.top.id)
        self.assertLessEqual(count(self.top), few + 1)
