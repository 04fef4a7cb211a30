from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import html2plaintext

from ..deal_case import DealCase


class TestKpiDealCrm(DealCase):
    """An opportunity and its deal stay in step, whichever of them is changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.has_deals = True
        cls.team.crm_team_member_ids = [Command.create({"user_id": cls.agent.id})]
        cls.stages = {
            key: cls.env["crm.stage"].create(
                {
                    "name": key,
                    "sequence": place,
                    "team_ids": [Command.set(cls.team.ids)],
                    "is_won": key == "won",
                }
            )
            for place, key in enumerate(("new", "talk", "offer", "won"))
        }
        lines = (
            ("new", "lead_captured"),
            ("talk", "qualification"),
            ("offer", "proposal"),
            ("won", "closed_won"),
        )
        cls.env["kpi.deal.crm.stage"].create(
            [
                {
                    "team_id": cls.team.id,
                    "stage_id": cls.stages[key].id,
                    "pipeline_stage": stage,
                }
                for key, stage in lines
            ]
        )

    def _lead(self, name="Quay 7", **values):
        return self.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "team_id": self.team.id,
                "company_id": self.company.id,
                "user_id": False,
                "stage_id": self.stages["new"].id,
                "expected_revenue": 1000.0,
                "probability": 40.0,
                **values,
            }
        )

    def _deal_of(self, lead):
        self._end_transaction()
        return lead.with_context(active_test=False).deal_ids

    def _end_transaction(self):
        self.cr.flush()

    def test_an_opportunity_of_the_team_gets_one_deal(self):
        lead = self._lead(partner_id=self.customer.id, date_deadline="2027-01-31")
        deal = self._deal_of(lead)
        self.assertEqual(
            (deal.title, deal.partner_id, deal.estimated_value_amount, deal.agent_id),
            ("Quay 7", self.customer, 1000.0, self.manager),  # who leads the team
        )
        self.assertEqual(str(deal.expected_close_date), "2027-01-31")
        self.assertAlmostEqual(deal.confidence, 0.4)
        lead.write({"name": "Quay 8"})
        self.assertEqual(len(self._deal_of(lead)), 1)
        self.assertEqual(len(deal.stage_event_ids), 1)

    def test_an_amount_without_rate_is_no_amount_in_crm_until_there_is_one(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        deal.write({"currency_id": self.dollar.id, "estimated_value_amount": 500.0})
        self.assertTrue(deal.is_unpriced)
        self.assertEqual(lead.expected_revenue, 1000.0)
        lead.name = "Quay 9"
        self._end_transaction()
        self.assertEqual((deal.title, deal.estimated_value_amount), ("Quay 9", 500.0))
        self._rate(self.dollar, "2026-01-01", 2.0)
        self.env["kpi.deal"]._price_late()
        self.assertEqual((deal.company_amount, lead.expected_revenue), (250.0, 250.0))
        deal.currency_id = self.env.ref("base.XAF")
        lead.expected_revenue = 70.0
        self._end_transaction()
        self.assertEqual((deal.company_amount, deal.is_unpriced), (70.0, False))
        self.assertEqual(deal.currency_id, self.company.currency_id)

    def test_leads_and_other_teams_have_no_deals(self):
        self.assertFalse(self._deal_of(self._lead(type="lead")))
        other = self.env["crm.team"].create(
            {"name": "Web", "company_id": self.company.id}
        )
        self.assertFalse(self._deal_of(self._lead(team_id=other.id)))

    def test_a_team_begins_with_the_opportunities_it_has(self):
        team = self.env["crm.team"].create(
            {"name": "Web", "company_id": self.company.id}
        )
        leads = self._lead(team_id=team.id) | self._lead("Two", team_id=team.id)
        team.has_deals = True
        self.assertEqual(len(self._deal_of(leads)), 2)
        team.has_deals = True
        self.assertEqual(len(self._deal_of(leads)), 2)

    def test_a_lead_that_becomes_an_opportunity_gets_its_deal(self):
        lead = self._lead(type="lead")
        lead.convert_opportunity(self.customer)
        self.assertEqual(len(self._deal_of(lead)), 1)

    def test_the_deal_follows_the_opportunity(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        lead.write({"stage_id": self.stages["offer"].id, "expected_revenue": 1500.0})
        self._end_transaction()
        self.assertEqual(deal.pipeline_stage, "proposal")
        self.assertEqual(deal.estimated_value_amount, 1500.0)
        lead.user_id = self.agent
        self._end_transaction()
        self.assertEqual(deal.agent_id, self.agent)
        lead.action_set_won()
        self._end_transaction()
        self.assertEqual((deal.pipeline_stage, deal.status), ("closed_won",) * 2)
        self.assertEqual(
            deal.stage_event_ids.sorted("id").mapped("to_stage"),
            ["lead_captured", "proposal", "closed_won"],
        )

    def test_a_lost_opportunity_loses_the_deal_and_comes_back_with_it(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        lead.action_set_lost(lost_reason_id=self.reason.id)
        self._end_transaction()
        self.assertEqual(
            (deal.status, deal.lost_reason_id), ("closed_lost", self.reason)
        )
        lead.action_restore()
        self._end_transaction()
        self.assertEqual((deal.status, deal.pipeline_stage), ("open", "lead_captured"))
        self.assertEqual(
            deal.stage_event_ids.sorted("id").mapped("note"),
            [False, False, "The opportunity was reopened in CRM."],
        )
        lead.action_set_lost()
        self._end_transaction()
        self.assertEqual(deal.lost_reason_id.name, "Unknown")

    def test_an_archived_opportunity_cancels_the_deal(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        lead.active = False
        self._end_transaction()
        self.assertEqual(deal.status, "cancelled")

    def test_a_deal_that_comes_back_with_its_opportunity_says_why(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        lead.active = False
        self._end_transaction()
        lead.action_restore()
        self._end_transaction()
        self.assertEqual((deal.status, deal.pipeline_stage), ("open", "lead_captured"))
        self.assertEqual(
            html2plaintext(deal.message_ids[:1].body),
            "Reopened: The opportunity was reopened in CRM.",
        )
        lead.action_set_won()
        self._end_transaction()
        lead.stage_id = self.stages["talk"]
        self._end_transaction()
        self.assertEqual((deal.status, deal.pipeline_stage), ("open", "qualification"))
        self.assertEqual(
            deal.stage_event_ids.sorted("id")[-1].note,
            "The opportunity was reopened in CRM.",
        )

    def test_a_lost_opportunity_that_is_won_after_all_is_not_reopened(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        lead.action_set_lost(lost_reason_id=self.reason.id)
        self._end_transaction()
        lead.write({"active": True, "stage_id": self.stages["won"].id})
        self._end_transaction()
        self.assertEqual(deal.status, "closed_won")
        self.assertEqual(deal.stage_event_ids.sorted("id")[-1].note, "Changed in CRM")

    def test_the_opportunity_follows_the_deal(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        deal.write(
            {
                "title": "Quay 9",
                "agent_id": self.agent.id,
                "estimated_value_amount": 700.0,
                "expected_close_date": "2027-02-28",
                "pipeline_stage": "qualification",
            }
        )
        self.assertEqual((lead.name, lead.user_id), ("Quay 9", self.agent))
        self.assertEqual(lead.expected_revenue, 700.0)
        self.assertEqual(str(lead.date_deadline), "2027-02-28")
        self.assertEqual(lead.stage_id, self.stages["talk"])
        self.assertEqual(len(deal.stage_event_ids), 2)
        deal.write({"pipeline_stage": "closed_lost", "lost_reason_id": self.reason.id})
        self.assertEqual((lead.won_status, lead.lost_reason_id), ("lost", self.reason))
        deal.action_reopen()
        self.assertTrue(lead.active)
        self.assertEqual(lead.stage_id, self.stages["talk"])
        deal.pipeline_stage = "closed_won"
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(deal.status, "closed_won")

    def test_a_stage_without_counterpart_leaves_the_opportunity_where_it_is(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        deal.pipeline_stage = "due_diligence"
        self.assertEqual(lead.stage_id, self.stages["new"])
        self.assertEqual(deal.pipeline_stage, "due_diligence")

    def test_an_amount_in_another_currency_is_told_in_that_of_the_company(self):
        self._rate(self.dollar, "2020-01-01", 1.25)
        lead = self._lead()
        deal = self._deal_of(lead)
        deal.write({"estimated_value_amount": 100.0, "currency_id": self.dollar.id})
        self.assertEqual(lead.expected_revenue, 80.0)
        lead.name = "Quay 10"
        self._end_transaction()
        self.assertEqual(deal.currency_id, self.dollar)

    def test_merging_keeps_one_deal_and_cancels_the_others(self):
        leads = self._lead(probability=80.0) | self._lead("Two") | self._lead("Three")
        deals = self._deal_of(leads)
        self.assertEqual(len(deals), 3)
        merged = leads.merge_opportunity()
        kept = self._deal_of(merged)
        self.assertEqual(len(kept), 1)
        self.assertEqual(kept.status, "open")
        self.assertEqual(set((deals - kept).mapped("status")), {"cancelled"})
        self.assertFalse((deals - kept).lead_id)

    def test_a_salesperson_without_rights_on_deals_keeps_them_in_step(self):
        person = new_test_user(
            self.env,
            "deal-crm",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        lead = self._lead()
        deal = self._deal_of(lead)
        own = lead.with_user(person)
        own.stage_id = self.stages["offer"]
        self._end_transaction()
        self.assertEqual(deal.pipeline_stage, "proposal")
        own.action_set_lost(lost_reason_id=self.reason.id)
        self._end_transaction()
        self.assertEqual(deal.status, "closed_lost")
        with self.assertRaises(AccessError):
            own.action_restore()  # would open the deal again
            self._end_transaction()

    def test_a_change_of_the_deal_keeps_what_was_changed_in_crm_before(self):
        lead = self._lead()
        deal = self._deal_of(lead)
        lead.write({"name": "Quay 11", "stage_id": self.stages["talk"].id})
        deal.expected_close_date = "2027-03-31"
        self._end_transaction()
        self.assertEqual((lead.name, deal.title), ("Quay 11", "Quay 11"))
        self.assertEqual(deal.pipeline_stage, "qualification")

    def test_deals_that_are_looked_for_are_those_of_now(self):
        lead = self._lead()
        found = self.env["kpi.deal"].search([("lead_id", "=", lead.id)])
        self.assertEqual(found.title, "Quay 7")

    def test_many_changes_of_opportunities_cost_as_much_as_one(self):
        for name, team in (("with", self.team), ("without", self.team.browse())):
            counts = [self._count_statements(size, team) for size in (2, 20)]
            with self.subTest(f"{name} deals"):
                self.assertLessEqual(counts[1], counts[0] + 2)

    def _count_statements(self, size, team):
        """Statements when so many opportunities were changed one by one."""
        leads = self.env["crm.lead"].concat(
            *(self._lead(f"{size} {place}", team_id=team.id) for place in range(size))
        )
        deals = self._deal_of(leads)
        for lead in leads:
            lead.write({"user_id": self.agent.id, "team_id": team.id})
        self.env.flush_all()
        before = self.cr.sql_log_count
        self._end_transaction()
        self.assertEqual(deals.agent_id, self.agent if team else self.agent.browse())
        return self.cr.sql_log_count - before
