import runpy

from odoo.fields import Command
from odoo.modules import get_module_path
from odoo.tests import freeze_time, tagged

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommissionWorth(CommissionCase):
    """What is stored of a commission's worth is what its ledger adds up to."""

    def _assert_stored(self, commissions, *expected):
        """Stored worths are those of the ledger, and as ``expected``, one for all."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, company_net_amount, unpriced_count"
            " FROM agent_commission_records WHERE company_id = %s ORDER BY id",
            [self.company.id],
        )
        stored = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        self.assertEqual(stored, self._add_up())
        found = [commission.company_net_amount for commission in commissions]
        self.assertEqual(found, list(expected))

    def _add_up(self):
        """Id → sum and number of unpriced entries, by the rows of the ledger."""
        self.env.cr.execute(
            """
            SELECT commission_id, kind, id, priced_id, amount, company_amount
              FROM agent_commission_events
             WHERE company_id = %s
          ORDER BY id
            """,
            [self.company.id],
        )
        rows = self.env.cr.fetchall()
        late = {row[3]: row[5] for row in rows if row[1] == "late_rate"}
        states, adjustments = {}, {}
        for commission, kind, event, _priced, amount, worth in rows:
            entry = (amount, late.get(event) if worth is None else worth)
            if kind == "state":
                states[commission] = entry
            elif kind == "adjustment":
                adjustments.setdefault(commission, []).append(entry)
        sums = {}
        for commission, state in states.items():
            entries = [state, *adjustments.get(commission, ())]
            sums[commission] = (
                sum(worth for _amount, worth in entries if worth is not None),
                sum(amount is not None and worth is None for amount, worth in entries),
            )
        return sums

    def test_each_movement_is_in_the_stored_worth(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(1000.0)
        commission = deal.commission_ids
        self._assert_stored(commission, 100)
        deal.estimated_value_amount = 1200.0
        self._assert_stored(commission, 120)
        self._confirm(commission)
        self._assert_stored(commission, 120)
        commission.with_user(self.boss)._adjust("bonus", 7.77, "Well done")
        self._assert_stored(commission, 127.77)
        self._bill(deal, 1200.0)
        self._bill(deal, 600.0, "refund")
        self._assert_stored(commission, 67.77)
        dispute = self.env["kpi.commission.dispute"].create(
            {"commission_id": commission.id, "reason": "More"}
        )
        self._assert_stored(commission, 67.77)
        dispute.with_user(self.boss)._decide("upheld", "Agreed", 12.23)
        self._assert_stored(commission, 80)
        commission.with_user(self.manager).action_invoice()
        commission.with_user(self.manager).action_pay()
        self._assert_stored(commission, 80)

    def test_what_is_taken_back_or_written_off_is_in_the_stored_worth(self):
        self._plan("percentage", rate=0.1)
        deal, forgiven = self._won(1000.0), self._won(500.0)
        self._confirm((deal | forgiven).commission_ids)
        deal.with_user(self.manager)._reopen("By mistake")
        forgiven.commission_ids.with_user(self.boss).action_write_off()
        self._assert_stored(deal.commission_ids, 0)
        self._assert_stored(forgiven.commission_ids, 50)

    def test_a_changed_plan_is_in_the_stored_worth(self):
        plan = self._plan("percentage", rate=0.1)
        deals = self._won(1000.0) | self._won(2000.0)
        self._confirm(deals[0].commission_ids)
        plan.with_user(self.boss).agent_ids = [Command.unlink(self.agent.id)]
        commissions = deals.commission_ids.sorted(lambda each: each.deal_id.id)
        self._assert_stored(commissions, 100, 200)
        job = self.env["kpi.job"]._enqueue_commission_plan(
            plan.sudo(), plan.changed_from, self.agent
        )
        plan.sudo().change_job_id = job
        plan.sudo()._apply_changes(job)
        self._assert_stored(commissions, 0, 0)

    def test_other_currencies_have_the_rate_of_the_ledger(self):
        self._rate(self.dollar, "2026-01-01", 2.0)
        self._plan("percentage", rate=0.1, currency_id=self.dollar.id)
        with freeze_time("2026-02-02 12:00:00"):
            deal = self._won(1000.0, currency_id=self.dollar.id)
            self._assert_stored(deal.commission_ids, 50)
            self._confirm(deal.commission_ids)
            self._bill(deal, 1000.0)
        self._rate(self.dollar, "2026-03-01", 1.0)
        with freeze_time("2026-03-02 12:00:00"):
            self._bill(deal, 400.0, "refund", "2026-03-02")
        self._assert_stored(deal.commission_ids, 30)

    def test_a_rate_that_comes_late_is_in_the_stored_worth(self):
        with freeze_time("2026-02-02 12:00:00"):
            deal = self._won(1000.0, agent_id=self.boss.id)
            commission = self.env["kpi.commission"].create(
                {
                    "deal_id": deal.id,
                    "agent_id": self.agent.id,
                    "currency_id": self.dollar.id,
                    "commission_amount": 100.0,
                }
            )
        self._assert_stored(commission, 0)
        self.assertEqual(commission.unpriced_count, 1)
        self._rate(self.dollar, "2026-02-01", 2.0)
        self.env["kpi.commission.event"]._price_late()
        self._assert_stored(commission, 50)
        self.assertEqual(commission.unpriced_count, 0)

    def test_former_commissions_get_their_worth(self):
        self._plan("percentage", rate=0.1)
        commissions = (self._won(1000.0) | self._won(500.0)).commission_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE agent_commission_records"
            " SET company_net_amount = NULL, unpriced_count = NULL"
        )
        self.env.invalidate_all()
        path = get_module_path("kpi_deal_pipeline") + "/migrations/19.0.1.1.0"
        script = runpy.run_path(f"{path}/post-net-amounts.py")
        script["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self._assert_stored(commissions.sorted("commission_amount"), 50, 100)
