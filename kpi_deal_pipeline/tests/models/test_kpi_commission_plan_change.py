from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import run_cron

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommissionPlanChange(CommissionCase):
    """Plans that change after deals were won: nothing moves until it is applied."""

    def _dialog(self, plan):
        action = plan.with_user(self.boss).action_review_change()
        dialog = self.env[action["res_model"]].with_user(self.boss)
        return dialog.browse(action["res_id"])

    def _shown(self, dialog):
        """Agent → (commissions, amount before, amount after) of a dialog."""
        return {
            line.agent_id: (
                line.commission_count,
                line.before_amount,
                line.after_amount,
            )
            for line in dialog.line_ids
            if line.commission_count
        }

    def _apply(self, dialog, corrected=()):
        for line in dialog.line_ids:
            line.corrects_settled = line.agent_id in corrected
        dialog.action_apply()
        job = self.env["kpi.job"].search([("kind", "=", "commission_plan")], limit=1)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()
        job.invalidate_recordset()
        return job

    def _change(self, plan, expected, corrected=()):
        """Review and apply what a change does; ``expected``: see ``_shown``."""
        self.assertTrue(plan.changed_from)
        dialog = self._dialog(plan)
        self.assertEqual(self._shown(dialog), expected)
        self.assertEqual(
            plan.with_user(self.boss).changed_count, dialog.commission_count
        )
        job = self._apply(dialog, corrected)
        self.assertEqual((job.state, job.error), ("done", False))
        self.assertFalse(plan.changed_from)
        self._check_settled(plan)

    def _check_settled(self, plan):
        """Nothing is left to change, nor is anything booked again."""
        self.assertFalse(self._dialog(plan).commission_count)
        before = self.env["kpi.audit.log"].search_count([])
        plans = plan._find_settling(self.company)
        for each in plans:
            each._settle_deals(self.env["kpi.deal"].search([]))
        self.assertEqual(self.env["kpi.audit.log"].search_count([]), before)
        self.assertEqual(self._faults(self.env["kpi.deal"].search([])), [])

    def _wins(self, days=("2026-02-02", "2026-03-20"), value=1000.0, **values):
        deals = self.env["kpi.deal"]
        for day in days:
            deals |= self._won(value, day, **values)
        return deals

    # 1: the rate

    def test_a_new_rate_is_applied_to_pending_commissions(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.with_user(self.boss).rate = 0.08
        self.assertEqual(str(plan.changed_from), "2026-01-01")
        deals._settle_commissions()
        run_cron(self, "kpi_deal_pipeline.kpi_commission_plan_cron_settle")
        self.assertEqual(self._amounts(deals), [50, 50], "nobody has accepted it")
        new = self._won(1000.0, "2026-03-21")
        self.assertEqual(self._amounts([new]), [80], "what is won is paid by new terms")
        self._change(plan, {self.agent: (2, 100, 160)})
        self.assertEqual(self._amounts(deals), [80, 80])
        self.assertEqual(deals.commission_ids.step_ids.mapped("factor"), [0, 0.08] * 2)

    def test_changes_and_their_application_are_in_the_log_of_the_plan(self):
        plan = self._plan("percentage", rate=0.05)
        self._wins()
        self.env.cr.precommit.run()  # changes of a new record are not tracked
        tracking = plan.with_user(self.boss).with_context(tracking_disable=False)
        tracking.write(
            {"rate": 0.08, "date_from": "2025-12-01", "date_to": "2027-01-01"}
        )
        self.env.flush_all()
        self.env.cr.precommit.run()
        plan.invalidate_recordset(["message_ids"])
        tracked = plan.message_ids[0].sudo().tracking_value_ids
        self.assertEqual(
            set(tracked.field_id.mapped("name")), {"rate", "date_from", "date_to"}
        )
        self._apply(self._dialog(plan))
        plan.invalidate_recordset()
        applied = plan.message_ids[0]
        self.assertEqual(applied.author_id, self.boss.partner_id)
        self.assertIn("Commissions changed: 2", applied.body)
        self.assertRegex(applied.body, r"100\.00.* → .*160\.00")

    # 2: the end

    def test_a_plan_that_ends_earlier_leaves_no_later_wins_under_it(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.with_user(self.boss).date_to = "2026-03-01"
        self.assertEqual(str(plan.changed_from), "2026-03-01")
        self._change(plan, {self.agent: (1, 50, 0)})
        self.assertEqual(self._amounts(deals), [50, False])
        self.assertIn("No commission plan", deals[1].commission_ids.computation_error)
        plan.date_to = False
        self._change(plan, {self.agent: (1, 0, 50)})
        self.assertEqual(self._amounts(deals), [50, 50])

    def test_ending_a_plan_that_nobody_won_under_since_changes_nothing(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        self.assertFalse(plan.with_user(self.boss).action_end())
        self.assertFalse(plan.changed_from)
        self.assertEqual(self._amounts(deals), [50, 50])

    # 3: a new plan

    def test_a_new_plan_takes_over_from_its_first_day(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.date_to = "2026-03-01"
        new = self._plan(
            "percentage",
            is_used=False,
            rate=0.08,
            date_from="2026-03-01",
            commission_type="referral",
        )
        action = new.with_user(self.boss).action_activate()
        self.assertEqual(action["res_model"], "kpi.commission.change")
        self.assertEqual(self._amounts(deals), [50, 50])
        commission = deals[1].commission_ids
        self._change(plan, {self.agent: (1, 50, 80)})
        self.assertEqual(deals[1].commission_ids, commission)
        self.assertEqual(commission.plan_id, new)
        self.assertEqual(commission.commission_type, "referral")
        self.assertEqual(self._amounts(deals), [50, 80])

    def test_new_terms_from_a_day_continue_the_plan(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        self._confirm(deals[0].commission_ids)
        action = plan.with_user(self.boss).action_new_terms()
        dialogs = self.env[action["res_model"]].with_user(self.boss)
        dialog = dialogs.with_context(**action["context"]).create({})
        self.assertEqual(dialog.date_from, plan._period_of(fields.Date.today())[1])
        with self.assertRaisesRegex(ValidationError, "after the first day"):
            dialog.date_from = plan.date_from
        dialog.date_from = "2026-03-01"
        new = self.plans.browse(dialog.action_continue()["res_id"])
        self.assertEqual((new.state, new.name, new.rate), ("draft", plan.name, 0.05))
        self.assertFalse(plan.date_to, "it pays until the new one is active")
        new.with_user(self.boss).rate = 0.08
        new.with_user(self.boss).action_activate()
        self.assertEqual(plan.date_to, new.date_from)
        self._change(plan, {self.agent: (1, 50, 80)})
        self.assertEqual(self._amounts(deals), [50, 80])

    def test_a_new_plan_in_another_currency(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        self._rate(self.dollar, "2026-01-01", 2.0)
        plan.date_to = "2026-03-01"
        new = self._plan(
            "percentage",
            rate=0.05,
            date_from="2026-03-01",
            currency_id=self.dollar.id,
        )
        dialog = self._dialog(plan)
        shown = {
            line.currency_id: (line.before_amount, line.after_amount)
            for line in dialog.line_ids
        }
        self.assertEqual(shown, {self.euro: (50, 0), self.dollar: (0, 100)})
        self._apply(dialog)
        self.assertEqual(self._amounts(deals), [50, 100])
        self.assertEqual(deals[1].commission_ids.currency_id, self.dollar)
        self._check_settled(new)

    def test_refunds_are_not_moved_to_another_currency(self):
        plan = self._plan("percentage", rate=0.05)
        (deal,) = self._wins(["2026-03-20"])
        self._bill(deal, 1000.0)
        self._bill(deal, 500.0, "refund")
        self.assertEqual(self._net(deal), [25])
        self._rate(self.dollar, "2026-01-01", 2.0)
        plan.date_to = "2026-03-01"
        self._plan(
            "percentage",
            rate=0.05,
            date_from="2026-03-01",
            currency_id=self.dollar.id,
        )
        self._change(plan, {self.agent: (1, 25, 0)})
        self.assertEqual(self._net(deal), [0])
        self.assertEqual(deal.commission_ids.plan_id, plan)

    # 4: an agent is removed

    def test_an_agent_who_is_removed_earns_nothing_and_settles_nothing(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        others = self._wins(agent_id=self.other.id)
        plan.with_user(self.boss).agent_ids = [Command.unlink(self.agent.id)]
        with self.assertRaisesRegex(UserError, "was changed"):
            self._confirm(deals[0].commission_ids)
        self._change(plan, {self.agent: (2, 100, 0)})
        self.assertEqual(self._amounts(deals), [False, False])
        self.assertEqual(self._amounts(others), [50, 50])
        with self.assertRaisesRegex(UserError, "No commission plan"):
            self._confirm(deals[0].commission_ids)
        self._confirm(others.commission_ids)

    # 5: the first day

    def test_a_later_first_day_leaves_out_what_was_won_before(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.with_user(self.boss).date_from = "2026-03-01"
        self.assertEqual(str(plan.changed_from), "2026-01-01")
        self._change(plan, {self.agent: (1, 50, 0)})
        self.assertEqual(self._amounts(deals), [False, 50])

    def test_an_earlier_first_day_pays_what_was_won_before(self):
        plan = self._plan("percentage", rate=0.05, date_from="2026-03-01")
        deals = self._wins()
        self.assertFalse(deals[0].commission_ids)
        plan.with_user(self.boss).date_from = "2026-02-01"
        self._change(plan, {self.agent: (1, 0, 50)})
        self.assertEqual(self._amounts(deals), [50, 50])

    # 6: a tier

    def test_a_changed_tier_is_applied_to_whole_periods(self):
        plan = self._plan()
        deals = self._wins(value=80_000)
        # 20 k at 5%, 50 k at 8%, 10 k at 12%
        self.assertEqual(self._amounts(deals), [4000, 1000 + 4000 + 1200])
        plan.with_user(self.boss).tier_ids[0].rate = 0.06  # a term by itself
        before = sum(self._amounts(deals))
        self._change(plan, {self.agent: (2, before, before + 1000)})
        self.assertEqual(self._amounts(deals)[0], 4800)

    # 7: shares

    def test_a_changed_split_computes_the_deal_at_once(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(1000.0)
        self._split(deal, agent=60, other=40)
        by_agent = {
            each.agent_id: each.commission_amount for each in deal.commission_ids
        }
        self.assertEqual(by_agent, {self.agent: 60.0, self.other: 40.0})

    def test_agents_who_share_a_deal_are_not_computed_for_each_other(self):
        """One of them wins another deal of the period: the other's stays."""
        self._plan("percentage", rate=0.1)
        deal = self._won(1000.0)
        self._split(deal, agent=60, other=40)
        for number in range(2):
            self._won(500.0, agent_id=self.agent.id, title=f"Quay {number}")
            by_agent = {
                each.agent_id: each.commission_amount for each in deal.commission_ids
            }
            self.assertEqual(by_agent, {self.agent: 60.0, self.other: 40.0})

    def _split(self, deal, **shares):
        deal.split_ids = [
            Command.create({"agent_id": getattr(self, name).id, "share_percent": share})
            for name, share in shares.items()
        ]
        self.env.cr.precommit.run()

    def test_a_managers_share_changes(self):
        override = Command.create({"user_id": self.manager.id, "rate": 0.1})
        plan = self._plan("percentage", rate=0.05, override_ids=[override])
        deals = self._wins()
        plan.with_user(self.boss).override_ids.rate = 0.2
        self._change(plan, {self.manager: (2, 10, 20)})
        plan.with_user(self.boss).override_ids = [Command.clear()]
        self._change(plan, {self.manager: (2, 20, 0)})
        amounts = {
            each.agent_id: each.commission_amount for each in deals[0].commission_ids
        }
        self.assertEqual(amounts, {self.agent: 50, self.manager: False})

    # 8: the plan is archived

    def test_an_archived_plan_pays_nothing(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.with_user(self.boss).action_archive()
        self._change(plan, {self.agent: (2, 100, 0)})
        self.assertEqual(self._amounts(deals), [False, False])
        self.assertFalse(self._won(1000.0, "2026-03-22").commission_ids)
        plan.action_unarchive()
        self._change(plan, {self.agent: (3, 0, 150)})
        self.assertEqual(self._amounts(deals), [50, 50])

    # what is settled

    def _replaced(self, corrected=()):
        """Net of two deals, the first of them settled, after a new plan at 8%."""
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        self._confirm(deals[0].commission_ids)
        plan.with_user(self.boss).action_archive()
        new = self._plan("percentage", is_used=False, rate=0.08)
        new.action_activate()
        dialog = self._dialog(plan)
        line = dialog.line_ids
        self.assertEqual((line.settled_count, line.settled_amount), (1, 30))
        self._change(plan, {self.agent: (1, 50, 80)}, corrected)
        return deals, plan, new

    def test_settled_commissions_stand(self):
        deals, plan, _new = self._replaced()
        self.assertEqual(self._net(deals), [50, 80])
        self.assertFalse(deals[0].commission_ids.adjustment_ids)
        self._bill(deals[0], 1000.0)
        self._bill(deals[0], 500.0, "refund")
        self.assertEqual(self._net(deals), [25, 80], "refunds by its own terms")
        with self.assertRaisesRegex(UserError, "are settled"):
            plan.rate = 0.09

    def test_settled_commissions_are_corrected_where_somebody_asks_for_it(self):
        deals, plan, new = self._replaced(corrected=self.agent)
        settled = deals[0].commission_ids
        self.assertEqual(self._net(deals), [80, 80])
        self.assertEqual(settled.adjustment_ids.mapped("amount"), [30])
        self.assertEqual((settled.plan_id, settled.terms_id), (plan, new))
        self.assertEqual(settled.commission_amount, 50)
        self._bill(deals[0], 1000.0)
        self._bill(deals[0], 1000.0, "refund", "2026-02-04")
        self.assertEqual(self._net(deals), [0, 80])
        with self.assertRaisesRegex(UserError, "are settled"):
            new.rate = 0.09

    def test_a_settled_commission_that_no_plan_pays_is_taken_back(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        self._confirm(deals[0].commission_ids)
        plan.with_user(self.boss).agent_ids = [Command.unlink(self.agent.id)]
        self._change(plan, {self.agent: (1, 50, 0)}, corrected=self.agent)
        self.assertEqual(self._net(deals), [0, 0])
        self.assertEqual(
            deals[0].commission_ids.adjustment_ids.adjustment_type, "clawback"
        )

    def test_a_disputed_commission_follows_once_the_dispute_ends(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        dispute = (
            self.env["kpi.commission.dispute"]
            .with_user(self.agent)
            .create({"commission_id": deals[0].commission_ids.id, "reason": "More"})
        )
        plan.with_user(self.boss).agent_ids = [Command.unlink(self.agent.id)]
        dialog = self._dialog(plan)
        self.assertEqual(dialog.disputed_count, 1)
        shown = {
            item.commission_id: (item.status, item.before_amount, item.after_amount)
            for item in dialog.item_ids
        }
        first, second = deals[0].commission_ids, deals[1].commission_ids
        expected = {first: ("disputed", 50, 50), second: ("pending", 50, 0)}
        self.assertEqual(shown, expected)
        self._change(plan, {self.agent: (1, 50, 0)})
        self.assertEqual(self._amounts(deals), [50, False])
        dispute.with_user(self.manager)._decide("rejected", "As agreed")
        self.assertEqual(self._amounts(deals), [False, False])

    def test_disputes_from_earlier_in_the_changed_period_are_listed(self):
        plan = self._plan("retroactive")
        deals = self._wins(["2026-01-20", "2026-03-20"], 80_000.0)
        self.assertEqual(self._amounts(deals), [9600, 9600])
        disputes = self.env["kpi.commission.dispute"].with_user(self.agent)
        dispute = disputes.create(
            {"commission_id": deals[0].commission_ids.id, "reason": "More"}
        )
        plan.with_user(self.boss).date_to = "2026-02-15"
        self.assertEqual(str(plan.changed_from), "2026-02-15")
        dialog = self._dialog(plan)
        self.assertEqual(dialog.disputed_count, 1)
        self.assertIn(deals[0].commission_ids, dialog.item_ids.commission_id)
        self._apply(dialog)
        self.assertEqual(self._amounts(deals), [9600, False])
        dispute.with_user(self.manager)._decide("rejected", "As agreed")
        self.assertEqual(self._amounts(deals), [4000, False])

    def test_disputes_of_earlier_periods_are_not_listed(self):
        plan = self._plan("percentage", rate=0.05, period="month")
        deals = self._wins(["2026-01-20", "2026-02-02", "2026-03-20"])
        disputes = self.env["kpi.commission.dispute"].with_user(self.agent)
        for commission in deals[:2].commission_ids:
            disputes.create({"commission_id": commission.id, "reason": "More"})
        plan.with_user(self.boss).date_to = "2026-02-15"
        dialog = self._dialog(plan)
        self.assertEqual(dialog.disputed_count, 1)
        listed = dialog.item_ids.commission_id
        self.assertIn(deals[1].commission_ids, listed)
        self.assertNotIn(deals[0].commission_ids, listed)

    def test_a_lost_deal_loses_its_commission_while_a_change_waits(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.rate = 0.08
        deals[0].pipeline_stage = "negotiation"
        self.assertEqual(self._amounts(deals), [False, 50])

    # many at once

    def _count(self, act):
        """Statements of an act, with nothing in memory but what all acts share."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _count_change(self, plan, rate):
        """Statements of the preview of a change, and of its application."""
        plan.rate = rate
        plan = plan.sudo()
        dialogs, jobs = self.env["kpi.commission.change"], self.env["kpi.job"]
        since = plan.changed_from
        preview = self._count(lambda: dialogs._open(plan))
        job = plan.change_job_id = jobs._enqueue_commission_plan(
            plan, since, self.env["res.users"]
        )
        return preview, self._count(lambda: plan._apply_changes(job))

    def test_a_change_of_many_takes_as_many_statements_as_one_of_few(self):
        plan = self._plan("percentage", rate=0.05, period="month", is_used=False)
        values = {
            "title": "Quay 7",
            "agent_id": self.agent.id,
            "company_id": self.company.id,
            "currency_id": self.euro.id,
            "opened_at": "2026-01-05 09:00:00",
            "estimated_value_amount": 1000.0,
            "pipeline_stage": "closed_won",
        }
        days = ["2026-02-02", "2026-03-20"]
        deals = self.env["kpi.deal"]
        deals.create([{**values, "actual_close_date": days[n % 2]} for n in range(40)])
        plan.action_activate()
        self._count_change(plan, 0.06)  # what Odoo keeps for all calls is known then
        few = self._count_change(plan, 0.07)
        deals.create([{**values, "actual_close_date": days[n % 2]} for n in range(160)])
        self.env.flush_all()
        self.assertEqual(len(plan.commission_ids), 200)
        self.assertEqual(self._count_change(plan, 0.08), few)
        self.assertEqual(set(plan.commission_ids.mapped("commission_amount")), {80.0})

    # who applies it, and when

    def test_a_change_that_is_undone_waits_no_longer(self):
        plan = self._plan("percentage", rate=0.05)
        self._wins()
        plan.rate = 0.08
        self.assertTrue(plan.changed_from)
        plan.rate = 0.05
        self.assertFalse(plan.changed_from)

    def test_what_was_not_shown_is_not_applied(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.rate = 0.08
        dialog = self._dialog(plan)
        plan.rate = 0.09
        with self.assertRaisesRegex(UserError, "have changed"):
            dialog.action_apply()
        dialog = self._dialog(plan)
        dialog.action_apply()
        self.assertTrue(plan.is_change_running)
        plan.rate = 0.07
        self.assertFalse(plan.is_change_running)
        job = self.env["kpi.job"].search([("kind", "=", "commission_plan")], limit=1)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()
        job.invalidate_recordset()
        self.assertEqual(job.state, "failed")
        self.assertIn("changed again", job.error)
        self.assertEqual(self._amounts(deals), [50, 50])

    def test_the_change_is_logged_in_the_name_of_who_applies_it(self):
        plan = self._plan("percentage", rate=0.05)
        deals = self._wins()
        plan.rate = 0.08
        self._change(plan, {self.agent: (2, 100, 160)})
        log = self.env["kpi.audit.log"].search(
            [("model", "=", "kpi.deal"), ("res_id", "=", deals[0].id)],
            order="seq desc",
            limit=1,
        )
        self.assertEqual(log.event_type, "deal_commission_computed")
        self.assertEqual(log.user_id, self.boss)

    def test_only_administrators_of_deals_apply_a_change(self):
        plan = self._plan("percentage", rate=0.05)
        self._wins()
        plan.rate = 0.08
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                plan.with_user(user).action_review_change()
            with self.assertRaises(AccessError):
                plan.with_user(user).changed_from = False
