from contextlib import contextmanager

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommissionEstimate(CommissionCase):
    """What open deals may bring agents, on 2 March 2026 in the first quarter."""

    freeze_time = freeze_time("2026-03-02 12:00:00", tick=True)

    def _open(self, value, day="2026-03-20", **values):
        return self._deal(
            estimated_value_amount=value, expected_close_date=day, **values
        )

    def _asked(self, deal, user=None, *args, **kwargs):
        deal = deal.with_user(user or self.agent)
        return deal.get_earnings_estimate(*args, **kwargs)

    def _expected(self, user=None, agent=None):
        commissions = self.env["kpi.commission"].with_user(user or self.agent)
        return commissions.get_expected_earnings(agent and agent.id)

    def _amounts_of(self, found):
        return [found[name] for name in ("before", "own", "others", "gain")]

    def _chance(self, deals, chance):
        """Take the win model's place, which says what it learned."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE agent_deals SET win_probability = %s WHERE id = ANY(%s)",
            (chance, deals.ids),
        )
        deals.invalidate_recordset(["win_probability"])

    @contextmanager
    def _refused(self, words, error=UserError):
        with self.assertRaises(error) as caught:
            yield
        self.assertIn(words, str(caught.exception))

    def test_a_marginal_plan_pays_each_rate_for_its_part(self):
        self._plan()
        self._won(90_000.0)
        found = self._asked(self._open(40_000.0))
        # 4,500; 10,000 × 5% + 30,000 × 8%
        self.assertEqual(self._amounts_of(found), [4500.0, 2900.0, 0.0, 2900.0])
        step = found["next_step"]
        self.assertEqual((step["kind"], step["missing"]), ("tier", 20_000.0))
        self.assertEqual((step["before"], step["after"]), (0.08, 0.12))
        self.assertEqual(step["gain"], 1600.0)  # 20,000 × 8%
        self.assertEqual((step["plan"], step["limit"]), ("Plan", 150_000.0))
        self.assertEqual(found["period"], "Q1 2026")
        self.assertIn("Computed by the plan Plan.", found["assumptions"])

    def test_a_retroactive_plan_changes_the_other_deals_too(self):
        self._plan("retroactive")
        self._won(90_000.0)
        found = self._asked(self._open(40_000.0))
        # 4,500; 40,000 × 8%; 90,000 × (8 − 5)%
        self.assertEqual(self._amounts_of(found), [4500.0, 3200.0, 2700.0, 5900.0])
        # 150,000.01 × 12% − 130,000 × 8%
        self.assertEqual(found["next_step"]["gain"], 7600.0)

    def test_winning_it_brings_what_was_estimated(self):
        """Also where a refund has taken back what the period pays less without it."""
        for computation in ("marginal", "retroactive"):
            for clawback in ("share", "rate", "true_up"):
                with self.subTest(computation=computation, clawback=clawback):
                    with self.cr.savepoint() as savepoint:
                        self._assert_foretold(computation, clawback)
                        savepoint.rollback()

    def _assert_foretold(self, computation, clawback):
        self._plan(computation, clawback=clawback)
        first, deal = self._won(90_000.0), self._open(40_000.0)
        self._bill(first, 90_000.0)
        self._bill(first, 30_000.0, "refund", day="2026-02-20")
        found = self._asked(deal, None, None, 60_000.0, "2026-03-02")
        deal.write({"estimated_value_amount": 60_000.0, "pipeline_stage": "closed_won"})
        self.assertEqual(self._net(deal), [found["own"]])
        self.assertAlmostEqual(*self._net(first), found["before"] + found["others"])

    def test_the_day_decides_the_period_and_the_plan(self):
        self._plan(date_to="2026-07-01")
        self._won(90_000.0)
        deal = self._open(40_000.0)
        found = self._asked(deal, day="2026-04-01")
        self.assertEqual(found["period"], "Q2 2026")
        self.assertEqual(self._amounts_of(found), [0.0, 2000.0, 0.0, 2000.0])
        with self._refused("has no active commission plan on"):
            self._asked(deal, day="2026-07-01")

    def test_what_is_asked_by_default(self):
        self._plan()
        found = self._asked(self._open(40_000.0))
        self.assertEqual((found["value"], found["day"]), (40_000.0, "2026-03-20"))
        self.assertEqual(found["first_day"], "2026-03-02")
        late = self._asked(self._open(1.0, "2026-02-01"))
        self.assertEqual(late["day"], "2026-03-02")
        self.assertEqual(self._asked(self._open(1.0, False))["day"], "2026-03-02")

    def test_wrong_input_is_refused_in_a_sentence(self):
        self._plan(date_from="2026-01-01", date_to="2027-01-01")
        deal, won = self._open(40_000.0), self._won(1.0)
        with self._refused("The value must be 0 or more"):
            self._asked(deal, value=-1.0)
        with self._refused("The value must be 0 or more"):
            self._asked(deal, value=1e12)
        for day in ("2026-03-01", "2030-01-01"):
            with self._refused("Choose a day from today"):
                self._asked(deal, day=day)
        with self._refused("Quay 7 is closed"):
            self._asked(won)
        with self._refused("has no share in this deal"):
            self._asked(deal, self.boss, self.other.id)
        with self._refused("has no active commission plan on"):
            self._asked(deal, day="2027-01-01")
        dollars = self._open(40_000.0, currency_id=self.dollar.id)
        with self._refused("No exchange rate from USD to the plan's currency EUR"):
            self._asked(dollars)

    def test_another_currency_counts_at_its_last_rate(self):
        self._plan("percentage", rate=0.1)
        self._rate(self.dollar, "2026-02-01", 1.25)
        found = self._asked(self._open(10_000.0, currency_id=self.dollar.id))
        self.assertEqual(found["gain"], 800.0)
        self.assertIn("USD is converted", " ".join(found["assumptions"]))

    def test_plans_on_invoices_and_margins_say_what_they_assume(self):
        plan = self._plan("percentage", rate=0.1, base="invoiced")
        deal = self._open(10_000.0)
        found = self._asked(deal)
        self.assertEqual(found["gain"], 1000.0)
        self.assertIn("the full value is invoiced", found["assumptions"][0])
        plan.base = "margin"
        found = self._asked(deal)
        self.assertEqual(found["gain"], 1000.0)
        self.assertIn("Counts the full value as margin", found["assumptions"][0])
        self._bill(self._won(500.0), 400.0, margin=100.0)
        found = self._asked(deal)
        self.assertEqual(found["gain"], 250.0)
        self.assertIn("a margin of 25%", found["assumptions"][0])

    def test_two_agents_share_a_deal(self):
        self._plan("percentage", rate=0.1)
        deal = self._open(10_000.0)
        deal.split_ids = [
            Command.create({"agent_id": self.agent.id, "share_percent": 60.0}),
            Command.create({"agent_id": self.other.id, "share_percent": 40.0}),
        ]
        self.env.flush_all()
        self.assertEqual(self._asked(deal)["gain"], 600.0)
        self.assertEqual(self._asked(deal, self.other)["gain"], 400.0)
        self.assertIn("60%", " ".join(self._asked(deal)["assumptions"]))
        both = self._asked(deal, self.boss)
        self.assertEqual(len(both["agents"]), 2)
        self.assertEqual(both["agent_id"], self.agent.id)
        self.assertEqual(self._asked(deal, self.boss, self.other.id)["gain"], 400.0)
        self.assertEqual(
            [each["id"] for each in self._asked(deal)["agents"]], self.agent.ids
        )
        with self.assertRaises(AccessError):
            self._asked(deal, self.agent, self.other.id)

    def test_the_next_step_is_the_same_on_a_shared_deal_and_the_overview(self):
        self._plan()
        deal = self._open(40_000.0)
        step = self._asked(deal)["next_step"]
        deal.split_ids = [
            Command.create({"agent_id": self.agent.id, "share_percent": 60.0}),
            Command.create({"agent_id": self.other.id, "share_percent": 40.0}),
        ]
        self.env.flush_all()
        found = self._asked(deal)
        self.assertEqual(found["next_step"], step)
        self.assertEqual((step["missing"], step["gain"]), (60_000.0, 3000.0))
        self.assertIn("Shared deals count in full", found["assumptions"][-1])
        deal.pipeline_stage = "closed_won"
        (expected,) = self._expected()
        self.assertEqual(expected["next_step"], step)
        self.assertIn("Shared deals count in full", " ".join(expected["assumptions"]))

    def test_who_sees_commissions_sees_estimates(self):
        self._plan()
        deal = self._open(40_000.0)
        for user in (self.agent, self.manager, self.boss):
            self.assertTrue(self._asked(deal, user)["gain"])
        stranger = self._user("elsewhere", "agent")
        for user in (self.viewer, self.other, self.director, stranger):
            with self.assertRaises(AccessError):
                self._asked(deal, user)
            with self.assertRaises(AccessError):
                self._expected(user, self.agent)
        self.assertTrue(self._expected(self.manager, self.agent))
        self.assertTrue(self._expected(self.boss, self.agent))
        nobody = 2**31 - 1
        with self.assertRaises(UserError):
            self._asked(deal, self.agent, nobody)
        commissions = self.env["kpi.commission"]
        for user in (self.agent, self.boss):
            with self.assertRaises(UserError):
                commissions.with_user(user).get_expected_earnings(nobody)

    def test_a_manager_sees_none_that_counts_deals_led_by_others(self):
        self._plan()
        deal = self._open(40_000.0)
        self._won(90_000.0, team_id=False)
        with self.assertRaises(AccessError):
            self._asked(deal, self.manager)
        with self.assertRaises(AccessError):
            self._expected(self.manager, self.agent)
        self.assertTrue(self._asked(deal)["gain"])
        self.assertTrue(self._asked(deal, self.boss)["gain"])

    def test_another_company_sees_nothing(self):
        self._plan()
        deal = self._open(40_000.0)
        far = self.env["res.company"].create({"name": "Far"})
        boss = self._user("far-boss", "admin")
        boss.write({"company_ids": [Command.set(far.ids)], "company_id": far.id})
        boss = boss.with_context(allowed_company_ids=far.ids)
        with self.assertRaises(AccessError):
            deal.with_env(boss.env(user=boss)).get_earnings_estimate()
        commissions = self.env(user=boss, context=boss.env.context)["kpi.commission"]
        self.assertEqual(commissions.get_expected_earnings(self.agent.id), [])

    def test_nothing_is_stored(self):
        self._plan("retroactive")
        first, deal = self._won(90_000.0), self._open(40_000.0)
        self.env.flush_all()
        self._asked(deal)
        self._expected()
        self.env.flush_all()
        self.assertFalse(deal.commission_ids)
        self.assertEqual(self._amounts(first), [4500.0])
        self.assertEqual(deal.status, "open")

    def test_a_period_is_expected_from_low_to_high(self):
        self._plan("percentage", rate=0.1)
        self._won(1000.0)
        days = [*["2026-03-20"] * 9, "2026-02-01", "2026-04-01", False]
        deals = [self._open(1000.0, day) for day in days]  # the last two are not due
        self._chance(self.env["kpi.deal"].concat(*deals), 0.5)
        (found,) = self._expected()
        self.assertEqual((found["earned"], found["deal_count"]), (100.0, 10))
        self.assertLess(found["p10"], found["p50"])
        self.assertLess(found["p50"], found["p90"])
        # of 10 deals at 50%, 3 or fewer are won with 17%, 5 with 62%, 7 with 95%
        self.assertEqual(
            (found["p10"], found["p50"], found["p90"]), (400.0, 600.0, 800.0)
        )
        told = " ".join(found["assumptions"])
        self.assertIn("counted as closing today: 1", told)
        self.assertIn("Excluded open deals without an expected close: 1", told)
        self.env.invalidate_all()
        self.assertEqual(self._expected(), [found])

    def test_certain_deals_leave_no_range(self):
        self._plan("retroactive")
        self._won(90_000.0)
        deals = self._open(30_000.0) + self._open(10_000.0)
        for chance, amount in ((0, 4500.0), (1, 10_400.0)):  # 130,000 × 8%
            self._chance(deals, chance)
            (found,) = self._expected()
            self.assertEqual({found[name] for name in ("p10", "p50", "p90")}, {amount})
        self.assertEqual(found["next_step"]["missing"], 10_000.0)

    def test_agents_with_a_plan_find_it_on_the_overview(self):
        home, key = self.env["kpi.home"], "kpi_deal_pipeline.earnings"
        self.assertNotIn(key, home.with_user(self.agent)._get_panels())
        self._plan()
        self.assertIn(key, home.with_user(self.agent)._get_panels())
        for user in (self.viewer, self.manager):
            self.assertNotIn(key, home.with_user(user)._get_panels())

    def test_what_is_booked_by_hand_counts_as_earned(self):
        self._plan("percentage", rate=0.1)
        deal = self._earned(1000.0)
        self.env["kpi.commission.adjust"].with_user(self.manager).create(
            {"commission_id": deal.commission_ids.id, "amount": 25.0, "note": "Care"}
        ).action_adjust()
        (found,) = self._expected()
        self.assertEqual((found["earned"], found["p50"]), (125.0, 125.0))
        asked = self._asked(self._open(500.0))
        self.assertEqual(self._amounts_of(asked), [125.0, 50.0, 0.0, 50.0])

    def test_without_a_plan_nothing_is_expected(self):
        self.assertEqual(self._expected(), [])
        self._plan(agent_ids=[Command.set(self.other.ids)])
        self.assertEqual(self._expected(), [])

    def _count(self, ask):
        ask()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        ask()
        return self.env.cr.sql_log_count - before

    def test_statements_do_not_grow_with_deals(self):
        self._plan("retroactive")
        deals = [self._open(1000.0 + number) for number in range(5)]
        for _each in range(2):
            self._bill(self._won(5000.0), 5000.0)
        asked = [
            lambda: self._asked(deals[0]),
            lambda: self._asked(deals[0], self.manager),
            self._expected,
            lambda: self._expected(self.manager, self.agent),
        ]
        few = [self._count(ask) for ask in asked]
        for number in range(45):
            self._open(1000.0 + number)
            if number % 5 == 0:
                self._bill(self._won(5000.0), 5000.0)
        for ask, count in zip(asked, few, strict=True):
            # Whose names Odoo reads together differs by one statement.
            self.assertLessEqual(self._count(ask), count + 1)
