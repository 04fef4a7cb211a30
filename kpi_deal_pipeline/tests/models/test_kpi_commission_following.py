from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
class TestKpiCommissionFollowing(CommissionCase):
    """Deals that change after they are won: their commissions follow by themselves."""

    def _split(self, deal, **shares):
        """Share a deal anew, as somebody does who saves its page."""
        deal.split_ids.unlink()
        self.env["kpi.deal.split"].create(
            [
                {
                    "deal_id": deal.id,
                    "agent_id": getattr(self, name).id,
                    "share_percent": share,
                }
                for name, share in shares.items()
            ]
        )
        self.env.cr.precommit.run()

    def test_pending_commissions_follow_value_and_shares(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(1000.0)
        deal.estimated_value_amount = 2000.0  # as its opportunity says
        self.assertEqual(self._amounts([deal]), [200.0])
        self._split(deal, agent=60, other=40)
        amounts = {
            each.agent_id: each.commission_amount for each in deal.commission_ids
        }
        self.assertEqual(amounts, {self.agent: 120.0, self.other: 80.0})
        self._split(deal, agent=100)
        amounts = {
            each.agent_id: each.commission_amount for each in deal.commission_ids
        }
        self.assertEqual(amounts, {self.agent: 200.0, self.other: False})
        self.env.cr.execute(
            "SELECT sum(commission_amount) FROM agent_commission_records"
            " WHERE deal_id = %s",
            (deal.id,),
        )
        self.assertEqual(self.env.cr.fetchone(), (200,))
        self.assertEqual(self._faults(deal), [])

    def test_the_form_shows_the_commissions_of_saved_shares(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(1000.0)
        saved = deal.web_save(
            {
                "split_ids": [
                    Command.create({"agent_id": agent.id, "share_percent": share})
                    for agent, share in ((self.agent, 70), (self.other, 30))
                ]
            },
            {"commission_ids": {"fields": {"commission_amount": {}}}},
        )
        amounts = [each["commission_amount"] for each in saved[0]["commission_ids"]]
        self.assertEqual(sorted(amounts), [30.0, 70.0])

    def test_a_share_that_ends_takes_back_what_was_settled(self):
        self._plan("percentage", rate=0.1)
        deal = self._won(1000.0)
        self._split(deal, agent=60, other=40)
        self._confirm(deal.commission_ids)
        self._split(deal, agent=100)
        net = {each.agent_id: each.net_amount for each in deal.commission_ids}
        self.assertEqual(net, {self.agent: 100.0, self.other: 0.0})
        lost = deal.commission_ids.filtered(lambda each: each.agent_id == self.other)
        self.assertIn("no longer has a share", lost.adjustment_ids.note)

    def test_nobody_enters_what_a_plan_computes(self):
        self._plan("percentage", rate=0.1)
        commission = self._won(1000.0).commission_ids.with_user(self.manager)
        told = commission.with_context(kpi_commission_settling=True)
        for each in (commission, told):
            with self.assertRaisesRegex(UserError, "The plan computes"):
                each.commission_amount = 99_999.0
