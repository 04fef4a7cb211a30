from ast import literal_eval

from lxml import etree

from odoo import fields
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.roles import USER

from ..commission_case import CommissionCase
from ..deal_case import GROUP

KINDS = ("deal_statement", "deal_overdue", "deal_team_overdue")


@tagged("post_install", "-at_install")
class TestKpiDealHome(CommissionCase):
    """What waits for agents and their managers, on the overview."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plan("percentage", rate=0.1)

    def _needs(self, user):
        """Kind → item of deals that waits for the user."""
        home = self.env["kpi.home"].with_user(user)
        items = {item["kind"]: item for item in home.get_needs()}
        return {kind: items[kind] for kind in KINDS if kind in items}

    def _counts(self, user):
        return {kind: item["count"] for kind, item in self._needs(user).items()}

    def _dispute(self, deal, user):
        return (
            self.env["kpi.commission.dispute"]
            .with_user(user)
            .create({"commission_id": deal.commission_ids.id, "reason": "More"})
        )

    def _listed(self, item, user):
        """Records of the list that an item opens, by the filters that it sets."""
        action = self.env.ref(item["action"]["xml_id"])
        context = {
            **literal_eval(action.context or "{}"),
            **item["action"]["context"],
        }
        model = self.env[action.res_model].with_user(user)
        arch = etree.fromstring(
            model.get_view(action.search_view_id.id, "search")["arch"]
        )
        domain = Domain.TRUE
        for name, value in context.items():
            if name.startswith("search_default_") and value:
                (found,) = arch.xpath(
                    f"//filter[@name='{name.removeprefix('search_default_')}']"
                )
                domain &= Domain(safe_eval(found.get("domain"), {"uid": user.id}))
        return model.search(domain)

    def test_agents_acknowledge_their_statements(self):
        self._earned(900.0)
        statement = self._statement()
        self.assertEqual(self._counts(self.agent), {})  # a draft
        statement.action_issue()
        self.assertEqual(self._counts(self.agent), {"deal_statement": 1})
        self.assertEqual(self._counts(self.other), {})
        item = self._needs(self.agent)["deal_statement"]
        self.assertEqual(item["text"], "Commission statements: 1")
        self.assertEqual(self._listed(item, self.agent), statement)
        statement.with_user(self.agent).action_acknowledge()
        self.assertEqual(self._counts(self.agent), {})

    def test_agents_close_deals_or_expect_them_later(self):
        today = fields.Date.context_today(self.env["kpi.deal"])
        days = [fields.Date.add(today, days=days) for days in (-1, 0)]
        late, _due = (self._deal(expected_close_date=day) for day in days)
        self._won(100.0, expected_close_date=days[0])
        item = self._needs(self.agent)["deal_overdue"]
        self.assertEqual(item["count"], 1)
        self.assertEqual(self._listed(item, self.agent), late)
        self.assertNotIn("deal_overdue", self._counts(self.manager))
        self.assertNotIn("deal_team_overdue", self._counts(self.agent))

    def test_managers_see_the_deals_that_their_team_should_close(self):
        day = fields.Date.add(fields.Date.context_today(self.env["kpi.deal"]), days=-1)
        late = self._deal(expected_close_date=day)
        mine = self._deal(agent_id=self.manager.id, expected_close_date=day)
        self._deal(team_id=False, expected_close_date=day)
        self.manager.group_ids |= self.env.ref(f"{GROUP}agent")
        needs = self._needs(self.manager)
        self.assertEqual(
            needs["deal_team_overdue"]["text"],
            "Your team's deals past expected close: 1",
        )
        listed = self._listed(needs["deal_team_overdue"], self.manager)
        self.assertEqual(listed, late)
        self.assertEqual(
            needs["deal_overdue"]["text"], "Your deals past expected close: 1"
        )
        self.assertEqual(self._listed(needs["deal_overdue"], self.manager), mine)
        action = self.env.ref(needs["deal_overdue"]["action"]["xml_id"])
        self.assertTrue(action.view_mode.startswith("list,"))

    def _decisions(self, user, records):
        """Items of decisions on such records that wait for a user."""
        home = self.env["kpi.home"].with_user(user)
        return [
            item
            for item in home.get_needs()
            if (item["kind"], item["model"]) == ("approval", records._name)
        ]

    def test_managers_confirm_commissions_of_others(self):
        deal = self._won(900.0)
        self._won(900.0, agent_id=self.manager.id)
        commission = deal.commission_ids
        (item,) = self._decisions(self.manager, commission)
        self.assertEqual(item["res_id"], commission.id)
        self.assertEqual(item["text"], f"Commission: {deal.title}")
        self.assertRegex(item["amount"], r"^\D*90\D*$")
        self.assertEqual(item["button"]["text"], "Approve")
        self.assertFalse(self._decisions(self.agent, commission))
        self.assertFalse(self._decisions(self.director, commission))  # another team's
        rows = self.env[item["button"]["model"]].with_user(self.manager)
        rows.browse(item["button"]["id"]).action_approve()
        self.assertEqual(commission.status, "confirmed")
        self.assertFalse(self._decisions(self.manager, commission))

    def test_who_has_no_part_in_a_dispute_decides_it(self):
        deal, again = self._earned(900.0), self._earned(300.0)
        mine = self._dispute(deal, self.agent)
        self._dispute(again, self.boss)
        self.assertFalse(self._decisions(self.agent, mine))
        self.assertFalse(self._decisions(self.manager, mine))  # confirmed both
        (item,) = self._decisions(self.boss, mine)  # has opened the other one
        self.assertEqual(item["res_id"], mine.id)
        self.assertEqual(item["text"], f"Dispute: {deal.title}")
        self.assertEqual(item["person"]["id"], self.agent.id)
        self.assertEqual(item["button"]["text"], "Decide")
        self.assertTrue(mine.with_user(self.boss).may_decide)
        mine.with_user(self.boss)._decide("rejected", "No")
        self.assertFalse(self._decisions(self.boss, mine))

    def _statements(self, user):
        """Number of SQL statements of what waits for a user."""
        home = self.env["kpi.home"].with_user(user).with_context(lang=user.lang)
        home.get_needs()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        home.get_needs()
        return self.env.cr.sql_log_count - before

    def test_few_statements_whatever_waits(self):
        """Two; who may decide is found besides, in as many for one as for a hundred."""
        for user, most in ((self.agent, 2), (self.manager, 32), (self.boss, 32)):
            user.sudo().group_ids |= self.env.ref(USER)
            groups = user.all_group_ids.filtered(
                lambda group: "kpi_deal_pipeline" in group.get_external_id()[group.id]
            )
            few = self._statements(user)
            for _each in range(5):
                self._dispute(self._earned(900.0), self.agent)
                self._won(300.0)
            self.assertEqual(self._statements(user), few)
            user.sudo().group_ids -= groups
            self.assertLessEqual(few - self._statements(user), most, user.login)
            user.sudo().group_ids |= groups
