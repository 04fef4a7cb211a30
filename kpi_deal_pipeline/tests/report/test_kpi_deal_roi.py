from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.engine.money import exact, exact_sum

from ..commission_case import CommissionCase

TODAY = "2026-04-20 09:00:00"
SUMS = ["value_won:sum", "commission_cost:sum", "value_per_cost:avg"]


@tagged("post_install", "-at_install")
class TestKpiDealRoi(CommissionCase):
    """Value won and commission cost against the deals and the commissions."""

    freeze_time = freeze_time(TODAY)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate(cls.dollar, "2026-01-01", 1.25)
        cls._plan("percentage", rate=0.1)

    def _shares(self, *shares):
        return [
            Command.create({"agent_id": agent.id, "share_percent": percent})
            for agent, percent in shares
        ]

    def _rows(self, *domain, user=None):
        rows = self.env["kpi.deal.roi"]
        if user:
            rows = rows.with_user(user)
        own = ("company_id", "=", self.company.id)
        return rows.search([own, *domain])

    def _grouped(self, by, *domain, aggregates=SUMS):
        own = ("company_id", "=", self.company.id)
        found = self.env["kpi.deal.roi"]._read_group([own, *domain], [by], aggregates)
        return {key: tuple(numbers) for key, *numbers in found}

    def _assert_ids(self):
        """No two rows have one id, and the web client can ask for each."""
        ids = self.env["kpi.deal.roi"].search([]).ids
        self.assertEqual(len(set(ids)), len(ids))
        self.assertLess(max(ids), 2**31)

    def _make_all_kinds(self):
        """Deals won, shared, in dollars, reopened, without a plan or still open.

        :return: the commissions of which nothing counts
        """
        won = self._won(1000.01)
        shared = self._won(
            333.33,
            split_ids=self._shares(
                (self.agent, 33.3333), (self.other, 33.3333), (self.manager, 33.3334)
            ),
        )
        foreign = self._won(777.77, currency_id=self.dollar.id)
        lost_again = self._won(500.0)
        contested, forgiven = self._won(640.0), self._won(41.0)
        self._won(90.0, agent_id=self.boss.id, active=False)  # in no plan
        still_open = self._deal("Open", estimated_value_amount=5000.0)
        of_open = self._propose(still_open)
        self._confirm(of_open)
        deals = won | shared | foreign | lost_again | contested | forgiven
        deals.commission_ids.with_user(self.boss).action_confirm()
        won.commission_ids.with_user(self.boss)._adjust("clawback", -7.77, "Refund")
        lost_again.with_user(self.manager)._reopen("By mistake")
        self.env["kpi.commission.dispute"].create(
            {"commission_id": contested.commission_ids.id, "reason": "Mine"}
        )
        forgiven.commission_ids.with_user(self.boss).action_write_off()
        computed = self._won(60.0)  # not confirmed yet
        return of_open | self._propose(computed, commission_type="bonus")

    def _propose(self, deal, amount=12.34, **values):
        """A commission that an agent enters for an own deal."""
        commissions = self.env["kpi.commission"].with_user(self.agent)
        values = {
            "deal_id": deal.id,
            "commission_amount": amount,
            "note": "Agreed",
            **values,
        }
        return commissions.create(values).with_env(self.env)

    def test_sums_are_those_of_the_deals_and_the_commissions(self):
        uncounted = self._make_all_kinds()
        self._assert_ids()
        everything = self.env["kpi.deal"].with_context(active_test=False)
        deals = everything.search([("company_id", "=", self.company.id)])
        won = deals.filtered(lambda deal: deal.status == "closed_won")
        rows = self._rows(("is_year_before", "=", False))
        self.env.cr.execute(
            "SELECT sum(company_amount) FROM agent_deals WHERE id = ANY(%s)", [won.ids]
        )
        ((worth,),) = self.env.cr.fetchall()
        ((value, cost, _ratio),) = self.env["kpi.deal.roi"]._read_group(
            [("id", "in", rows.ids)], [], SUMS
        )
        self.assertEqual(value, float(worth))
        counted = deals.commission_ids - uncounted
        net = exact_sum(counted.mapped("net_amount"))
        self.assertGreater(net, 0)
        # Commissions are in euros, as the plan, whatever the deals are in.
        self.assertEqual(exact(cost), net)
        for agent, (_value, cost, _ratio) in self._grouped("agent_id").items():
            with self.subTest(agent.login):
                own = counted.filtered(lambda one, agent=agent: one.agent_id == agent)
                self.assertEqual(exact(cost), exact_sum(own.mapped("net_amount")))
        pending = counted.filtered(lambda one: one.status == "pending")
        self.assertEqual(
            exact_sum(rows.mapped("pending_cost")),
            exact_sum(pending.mapped("net_amount")),
        )

    def test_a_proposal_counts_once_it_is_confirmed(self):
        deal = self._won(1000.0)
        proposal = self._propose(deal, 99_999.0, commission_type="bonus")
        row = self._rows(("deal_id", "=", deal.id))
        self.assertEqual((row.commission_cost, row.pending_cost), (100.0, 100.0))
        dispute = self.env["kpi.commission.dispute"].create(
            {"commission_id": proposal.id, "reason": "Mine"}
        )
        self.env.invalidate_all()
        self.assertEqual(row.commission_cost, 100.0, "a dispute confirms nothing")
        dispute.with_user(self.manager)._decide("rejected", "Not agreed")
        self._confirm(proposal)
        self.env.invalidate_all()
        self.assertEqual((row.commission_cost, row.pending_cost), (100_099.0, 100.0))

    def test_deals_that_are_not_won_have_no_return(self):
        deal = self._deal("Open", estimated_value_amount=5000.0)
        proposal = self._propose(deal)
        self.assertFalse(self._rows(("deal_id", "=", deal.id)))
        self._confirm(proposal)
        self.assertFalse(self._rows(("deal_id", "=", deal.id)))

    def test_a_commission_in_another_currency_has_the_rate_it_was_booked_at(self):
        deal = self._won(1000.0, agent_id=self.boss.id)  # in no plan
        commission = self.env["kpi.commission"].create(
            {
                "deal_id": deal.id,
                "agent_id": self.agent.id,
                "currency_id": self.dollar.id,
                "commission_amount": 100.0,
            }
        )
        commission.with_user(self.boss).action_confirm()
        self._rate(self.dollar, "2026-04-20", 2.0)
        commission.with_user(self.boss)._adjust("clawback", -50.0, "Refund")
        own = ("deal_id", "=", deal.id), ("agent_id", "=", self.agent.id)
        (row,) = self._rows(*own)
        self.assertEqual(row.commission_cost, 40.0)  # (100 - 50) / 1.25
        commission.with_user(self.boss)._adjust("clawback", -50.0, "Refund")
        self.env.invalidate_all()
        self.assertEqual(row.commission_cost, 0.0)  # exactly nothing

    def test_shares_part_the_value_and_others_add_cost_only(self):
        deal = self._won(
            1000.0, split_ids=self._shares((self.agent, 60.0), (self.other, 40.0))
        )
        self.env["kpi.deal.split"].create(
            {
                "deal_id": deal.id,
                "agent_id": self.manager.id,
                "split_type": "overlay",
                "share_percent": 10.0,
            }
        )
        self.env["kpi.commission"].create(
            {
                "deal_id": deal.id,
                "agent_id": self.manager.id,
                "commission_type": "bonus",
                "commission_amount": 30.0,
            }
        ).with_user(self.boss).action_confirm()
        self.assertEqual(
            self._grouped("agent_id", ("deal_id", "=", deal.id)),
            {
                self.agent: (600.0, 60.0, 10.0),
                self.other: (400.0, 40.0, 10.0),
                self.manager: (0.0, 30.0, 0.0),
            },
        )

    def test_shares_are_those_of_the_day_it_was_won(self):
        deal = self._deal(estimated_value_amount=1000.0)
        until = {"date_to": "2026-02-02"}
        since = {"date_from": "2026-02-02"}
        deal.split_ids = [
            Command.create({"agent_id": agent.id, "share_percent": 100.0, **days})
            for agent, days in ((self.agent, until), (self.other, since))
        ]
        deal.write({"pipeline_stage": "closed_won", "actual_close_date": "2026-02-02"})
        (row,) = self._rows(("deal_id", "=", deal.id), ("value_won", ">", 0))
        self.assertEqual(row.agent_id, self.other)

    def test_returns_are_grouped_by_class_channel_and_month(self):
        self._won(1000.0, asset_type="office", lead_source="Web")
        self._won(500.0, "2026-03-31", asset_type="land", lead_source="Web")
        self._won(3000.0, agent_id=self.boss.id, asset_type="land")  # without a plan
        self.assertEqual(
            self._grouped("asset_type"),
            {"office": (1000.0, 100.0, 10.0), "land": (3500.0, 50.0, 70.0)},
        )
        self.assertEqual(
            self._grouped("lead_source"),
            {"Web": (1500.0, 150.0, 10.0), False: (3000.0, 0.0, False)},
        )
        self.assertEqual(
            self._grouped("date:month"),
            {
                date(2026, 2, 1): (4000.0, 100.0, 40.0),
                date(2026, 3, 1): (500.0, 50.0, 10.0),
            },
        )

    def test_without_cost_there_is_no_return(self):
        deal = self._won(3000.0, agent_id=self.boss.id)
        (row,) = self._rows(("deal_id", "=", deal.id))
        self.assertEqual((row.value_won, row.commission_cost), (3000.0, 0.0))
        self.assertIs(row.value_per_cost, False)
        exported = row.export_data(["value_won", "value_per_cost"])["datas"]
        self.assertEqual(exported, [[3000.0, ""]])

    def test_currencies_are_not_mixed_in_a_return(self):
        far = self.env["res.company"].create(
            {"name": "Far", "currency_id": self.dollar.id}
        )
        self.env.user.company_ids |= far
        self._won(1000.0)
        self._left_deal(far, estimated_value_amount=10.0).pipeline_stage = "closed_won"
        both = self.env["kpi.deal.roi"].with_context(
            allowed_company_ids=(self.company | far).ids
        )
        domain = [("company_id", "in", (self.company | far).ids)]
        ((ratio,),) = both._read_group(domain, [], ["value_per_cost:avg"])
        self.assertFalse(ratio)
        by_company = dict(
            both._read_group(domain, ["company_id"], ["value_per_cost:avg"])
        )
        self.assertEqual(by_company[self.company], 10.0)

    def test_a_period_is_compared_with_the_same_days_a_year_earlier(self):
        plan = self.env["kpi.commission.plan"].search(
            [("company_id", "=", self.company.id)]
        )
        plan.write({"date_from": "2025-01-01"})
        for value, day in (
            (1000.0, "2025-02-10"),
            (2000.0, "2025-04-20"),  # a year before today
            (4000.0, "2025-04-21"),  # not reached yet
            (1500.0, "2026-02-28"),
            (1000.0, "2026-04-01"),
        ):
            self._won(value, day, opened_at="2025-01-05 09:00:00")
        names = ["value_won:sum", "value_won_before:sum", "value_change:avg"]
        found = self._grouped(
            "date:month", ("date", ">=", "2026-01-01"), aggregates=names
        )
        self.assertEqual(
            found,
            {
                date(2026, 2, 1): (1500.0, 1000.0, 0.5),
                date(2026, 4, 1): (1000.0, 2000.0, -0.5),
            },
        )
        first = self._grouped(
            "date:month", ("date", "<", "2026-01-01"), aggregates=names
        )
        self.assertEqual(first[date(2025, 2, 1)], (1000.0, 0.0, False))

    def test_changes_leave_out_months_before_the_first_deal(self):
        for agent, value, day in (
            (self.agent, 3000.0, "2025-06-10"),
            (self.other, 1000.0, "2025-08-10"),
            (self.agent, 2000.0, "2025-12-10"),
            (self.other, 400.0, "2026-01-10"),
            (self.agent, 600.0, "2026-03-31"),
        ):
            opened_at = "2025-01-05 09:00:00"
            self._won(value, day, agent_id=agent.id, opened_at=opened_at)
        year = ("date", ">=", "2025-05-01"), ("date", "<", "2026-07-01")
        names = ["value_won:sum", "value_won_before:sum", "value_change:avg"]
        rows = self.env["kpi.deal.roi"]
        own = [("company_id", "=", self.company.id), *year]
        with freeze_time("2026-06-20"):
            self._won(1500.0, "2026-06-15")
            ((value, before, change),) = rows._read_group(own, [], names)
            self.assertEqual((value, before), (8500.0, 3000.0))
            self.assertEqual(change, -0.5, "June with June: 1,500 and 3,000")
            found = self._grouped("agent_id", *year, aggregates=names)
            self.assertEqual(found[self.agent], (7100.0, 3000.0, -0.5))
            self.assertEqual(found[self.other], (1400.0, 0.0, False))
            self.assertEqual(self._title("value_change"), "(since Jun 2026)")
            self.assertEqual(self._title("value_won"), "")
        with freeze_time("2028-06-20"):
            self.assertEqual(self._title("value_change"), "")

    def _title(self, name):
        """What the title of a measure says beside its name."""
        title = self.env["kpi.deal.roi"].fields_get([name], ["string"])[name]["string"]
        return title.partition(" (")[2] and "(" + title.partition(" (")[2]

    def test_what_has_no_rate_is_in_no_sum(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        deal = self._won(1000.0, currency_id=pound.id)
        (row,) = self._rows(("deal_id", "=", deal.id))
        self.assertEqual((row.value_won, row.is_unpriced), (0.0, True))
        self._rate(pound, "2026-01-01", 0.5)
        self.env["kpi.deal"]._price_late()
        self.env.invalidate_all()
        (row,) = self._rows(("deal_id", "=", deal.id))
        self.assertEqual((row.value_won, row.is_unpriced), (2000.0, False))

    def test_downloads_have_the_name_of_the_report(self):
        for suffix in ("", "_trend"):
            name = f"kpi_deal_pipeline.kpi_deal_roi_{{}}{suffix}"
            action = self.env.ref(name.format("action"))
            view = self.env.ref(name.format("view_pivot"))
            arch = self.env["kpi.deal.roi"].get_view(view.id)["arch"]
            with self.subTest(action.name):
                self.assertIn(f'string="{action.name}"', arch.partition(">")[0])

    def test_a_row_opens_its_deal(self):
        deal = self._won(1000.0)
        action = self._rows(("deal_id", "=", deal.id)).action_open_deal()
        self.assertEqual((action["res_model"], action["res_id"]), ("kpi.deal", deal.id))


@tagged("post_install", "-at_install")
class TestKpiDealRoiAccess(CommissionCase):
    """Whose returns each person reads: as the commissions."""

    freeze_time = freeze_time(TODAY)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plan("percentage", rate=0.1)
        cls.far = cls.env["res.company"].create(
            {"name": "Far", "currency_id": cls.euro.id}
        )
        shares = [
            Command.create({"agent_id": agent.id, "share_percent": 50.0})
            for agent in (cls.agent, cls.other)
        ]
        cls.led = cls._won(1000.0, split_ids=shares)
        cls.apart = cls._won(700.0, agent_id=cls.other.id, team_id=False)
        cls.distant = cls._left_deal(cls.far, estimated_value_amount=5.0)
        cls.distant.pipeline_stage = "closed_won"
        cls.stranger = cls._user("stranger", "admin")
        cls.stranger.write(
            {"company_ids": [Command.set(cls.far.ids)], "company_id": cls.far.id}
        )

    def _as(self, user, model="kpi.deal.roi"):
        context = {"allowed_company_ids": user.company_ids.ids}
        return self.env(user=user, context=context)[model]

    def test_each_sees_the_returns_whose_commissions_they_see(self):
        agent, other = self.agent, self.other
        table = {
            agent: {(self.led, agent)},
            other: {(self.led, other), (self.apart, other)},
            self.manager: {(self.led, agent), (self.led, other)},
            self.director: set(),
            self.boss: {(self.led, agent), (self.led, other), (self.apart, other)},
            self.stranger: {(self.distant, agent)},
        }
        for user, expected in table.items():
            with self.subTest(user.login):
                rows = self._as(user).search([])
                known = {(row.deal_id, row.agent_id) for row in rows.sudo()}
                self.assertEqual(known, expected)
                groups = self._as(user)._read_group([], [], SUMS)
                commissions = self._as(user, "kpi.commission").search([])
                self.assertEqual(
                    exact(groups[0][1]),
                    exact_sum(commissions.mapped("net_amount")),
                )

    def test_viewers_and_others_see_none(self):
        plain = self._user("plain", "viewer")
        for user in (self.viewer, plain):
            with self.assertRaises(AccessError):
                self._as(user).search([])

    def test_rows_of_others_are_not_read_by_id(self):
        row = self._as(self.other).search([("deal_id", "=", self.apart.id)])
        with self.assertRaises(AccessError):
            self._as(self.agent).browse(row.id).read(["value_won"])
        with self.assertRaises(AccessError):
            self._as(self.agent).browse(row.id).action_open_deal()

    def test_nobody_writes_returns(self):
        row = self._as(self.boss).search([], limit=1)
        with self.assertRaises(AccessError):
            row.write({"value_won": 1.0})
        with self.assertRaises(AccessError):
            row.unlink()
