from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.audit import parse_entry_values
from odoo.addons.kpi_base.tests.common import ClockMixin

from ... import roles
from ..commission_case import CommissionCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-25 10:00:00")
class TestKpiCommissionDecider(ClockMixin, CommissionCase):
    """Approval workflows say who decides about commissions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_departments()
        people = cls.agent | cls.other | cls.manager | cls.head
        cls._plan("percentage", rate=0.1, agent_ids=[Command.set(people.ids)])
        cls.workflow = cls.env.ref("kpi_deal_pipeline.kpi_approval_workflow_commission")
        cls.disputed = cls.env.ref("kpi_deal_pipeline.kpi_approval_workflow_dispute")

    @classmethod
    def _make_departments(cls):
        """The director heads the department above that of the agent."""
        cls.head = cls._user("head", "manager")
        employees = cls.env["hr.employee"]
        heads = [
            employees.create(
                {"name": user.name, "user_id": user.id, "company_id": cls.company.id}
            )
            for user in (cls.director, cls.head)
        ]
        above = cls.env["hr.department"].create(
            {"name": "Sales", "manager_id": heads[0].id}
        )
        cls.department = above.create(
            {"name": "North", "manager_id": heads[1].id, "parent_id": above.id}
        )
        employees.create(
            {
                "name": "Agent",
                "user_id": cls.agent.id,
                "company_id": cls.company.id,
                "department_id": cls.department.id,
            }
        )

    def _ask_leaders_only(self):
        """The head of the agent's department is away; the boss decides for them."""
        for workflow in self.workflow | self.disputed:
            approvers = workflow.level_ids.approver_ids
            approvers.filtered(lambda one: one.whom == "group").unlink()
        self.team.user_id = self.director
        self.env["kpi.approval.delegation"].create(
            {
                "user_id": self.head.id,
                "delegate_id": self.boss.id,
                "date_from": date(2026, 3, 20),
                "date_to": date(2026, 3, 30),
            }
        )

    def _commission(self, **values):
        return self._won(1000.0, **values).commission_ids

    def _assert_as_before(self, commission):
        """Those decide who could change the commission before workflows said who."""
        people = self.env["res.users"].search([("company_ids", "in", self.company.ids)])
        expected = {
            user.id
            for user in people
            if user != commission.agent_id
            and user.has_group(roles.MANAGER)
            and commission.with_user(user).has_access("write")
        }
        self.assertEqual(set(commission._find_deciders()[commission]), expected)
        for user in people:
            own = commission.with_user(user)
            own.invalidate_recordset(["may_decide"])
            if own.has_access("read"):
                self.assertEqual(own.may_decide, user.id in expected, user.login)
        return expected

    def test_by_default_managers_of_the_deal_decide_and_administrators(self):
        team = self.team | self.team.create({"name": "Led", "company_id": False})
        found = [
            self._assert_as_before(self._commission(agent_id=agent.id, team_id=own.id))
            for agent in (self.agent, self.other)
            for own in (*team, team.browse())
        ]
        leaders, heads = {self.manager.id}, {self.head.id, self.director.id}
        boss = {self.boss.id}
        self.assertEqual(
            [people & (leaders | heads | boss) for people in found],
            [
                *(leaders | heads | boss, heads | boss, heads | boss),
                *(leaders | boss, boss, boss),
            ],
        )
        # An agent with the right role leads the deal, and does not settle it.
        own = self._commission(agent_id=self.manager.id)
        self._assert_as_before(own)
        with self.assertRaisesRegex(AccessError, "not on their own"):
            own.with_user(self.manager).action_confirm()

    def _entered_by(self, user):
        """A pending commission of the agent that somebody else entered."""
        values = {
            "agent_id": self.agent.id,
            "commission_amount": 50.0,
            "commission_type": "bonus",
            "deal_id": self._deal().id,
            "note": "Agreed",
        }
        return self.env["kpi.commission"].with_user(user).create(values)

    def test_nobody_confirms_what_they_entered(self):
        commission = self._entered_by(self.manager)
        self.assertFalse(commission.may_decide)
        self.assertFalse(self._items(self.manager, commission))
        with self.assertRaisesRegex(AccessError, "that they entered"):
            commission.action_confirm()
        self.assertTrue(self._items(self.head, commission))
        commission.with_user(self.head).action_confirm()
        self.assertEqual(commission.confirmed_by, self.head)
        # Settled by somebody else, it is decided about as any other.
        commission.invalidate_recordset(["may_decide"])
        commission.action_pay()
        self.assertEqual(commission.status, "paid")

    def test_administrators_confirm_what_they_entered_for_others(self):
        commission = self._entered_by(self.boss)
        self.assertTrue(commission.may_decide)
        commission.action_confirm()
        self.assertEqual(commission.confirmed_by, self.boss)
        computed = self._commission()
        computed.with_user(self.manager).action_confirm()

    def test_a_delegate_settles_and_both_are_logged(self):
        self._ask_leaders_only()
        commission = self._commission()
        deciders = commission._find_deciders()[commission]
        self.assertEqual(deciders, {self.director.id: None, self.boss.id: self.head.id})
        with self.assertRaises(AccessError):
            commission.with_user(self.head).action_confirm()
        own = commission.with_user(self.boss)
        self.assertTrue(own.may_decide)
        own.action_confirm()
        own._adjust("bonus", 5.0, "Well done")
        entries = self.env["kpi.audit.log"].search(
            [("model", "=", "kpi.deal"), ("res_id", "=", commission.deal_id.id)]
        )
        logged = {
            entry.event_type: (entry.user_id, parse_entry_values(entry.text))
            for entry in entries
        }
        for event in ("deal_commission_confirmed", "deal_commission_adjusted"):
            user, values = logged[event]
            self.assertEqual(user, self.boss)
            self.assertEqual(values["in_place_of"], self.head.id)
        self.assertEqual(self._faults(commission.deal_id), [])
        lines = [
            line
            for entry in commission.deal_id.with_user(self.boss).get_timeline()
            for line in entry.get("lines", ())
        ]
        self.assertEqual(lines.count(f"On behalf of {self.head.name}"), 2)

    def test_a_delegate_decides_a_dispute_never_a_party(self):
        self._ask_leaders_only()
        commission = self._commission()
        commission.with_user(self.director).action_confirm()
        disputes = self.env["kpi.commission.dispute"]
        dispute = disputes.with_user(self.agent).create(
            {"commission_id": commission.id, "reason": "More"}
        )
        deciders = dispute._find_deciders()[dispute]
        self.assertEqual(deciders, {self.boss.id: self.head.id})
        for party in (self.agent, self.director, self.head):
            with self.assertRaises(AccessError):
                dispute.with_user(party)._decide("rejected", "No")
        dispute.with_user(self.boss)._decide("upheld", "Right", 7.0)
        self.assertEqual(dispute.decided_by, self.boss)
        entry = self.env["kpi.audit.log"].search(
            [
                ("res_id", "=", commission.deal_id.id),
                ("event_type", "=", "deal_commission_dispute_resolved"),
            ]
        )
        values = parse_entry_values(entry.text)
        self.assertEqual(values["in_place_of"], self.head.id)
        self.assertEqual(self._faults(commission.deal_id), [])

    def test_an_agent_who_leads_has_nobody_decide_for_them(self):
        self._ask_leaders_only()
        own = self._commission(agent_id=self.head.id, team_id=self.team.id)
        deciders = own._find_deciders()[own]
        self.assertEqual(deciders, {self.director.id: None})
        with self.assertRaises(AccessError):
            own.with_user(self.boss).action_confirm()

    def test_a_workflow_of_a_company_names_one_person(self):
        self.workflow.copy(
            {
                "name": "Harbour",
                "company_id": self.company.id,
                "owner_id": self.director.id,
                "sequence": 1,
                "level_ids": [
                    Command.create(
                        {
                            "approver_ids": [
                                Command.create(
                                    {"whom": "user", "user_id": self.director.id}
                                )
                            ]
                        }
                    )
                ],
            }
        )
        commission = self._commission()
        with self.assertRaises(AccessError):
            commission.with_user(self.manager).action_confirm()
        commission.with_user(self.director).action_confirm()
        self.assertEqual(commission.confirmed_by, self.director)

    def test_many_are_decided_about_in_as_many_statements_as_one(self):
        few = self._commission()
        many = few.union(*(self._commission() for _each in range(20)))
        counts = []
        for commissions in (few, few, many):  # the first fills caches
            own = commissions.with_user(self.manager)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(own.mapped("may_decide")), {True})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 40)

    def _items(self, user, *commissions):
        """What waits for a user of these, in the list of all approvals."""
        items = self.env["kpi.approval.item"].with_user(user).search([])
        return items.filtered(lambda one: one._get_documents()[0] in commissions)

    def test_what_waits_stands_in_the_list_of_approvals(self):
        commission = self._commission()
        (item,) = self._items(self.manager, commission)
        self.assertEqual(item.kind, "kpi.commission")
        self.assertEqual(item.document_name, commission.display_name)
        self.assertEqual(item.submitter_id, self.agent)
        self.assertEqual(item.amount, 100.0)
        facts = {fact["label"]: fact["text"] for fact in item.details}
        self.assertRegex(facts["Commission"], r"^\D*100\D*$")
        self.assertIn("settles the amount", facts["If approved"])
        for user in (self.agent, self.other):
            self.assertFalse(self._items(user, commission), user.login)
        item.action_approve()
        self.assertEqual(commission.confirmed_by, self.manager)
        self.assertFalse(self._items(self.manager, commission))

    def test_a_commission_that_is_rejected_is_written_off(self):
        commission = self._commission()
        items = self._items(self.manager, commission)
        self.assertTrue(items._decide("return", "Reason")[items])
        self.assertEqual(items._decide("reject", "Not ours"), {})
        self.assertEqual(commission.status, "written_off")
        with self.assertRaises(UserError):  # listed where somebody else looks
            commission.with_user(self.manager)._decide_listed("approve")

    def test_a_delegate_finds_it_in_place_of_who_is_away(self):
        self._ask_leaders_only()
        commission = self._commission()
        (item,) = self._items(self.boss, commission)
        self.assertEqual((item.for_user_id, item.reason), (self.head, "delegated"))
        self.assertFalse(self._items(self.head, commission))

    def test_disputes_ask_what_changes_and_are_rejected_in_place(self):
        commission = self._commission()
        commission.with_user(self.director).action_confirm()
        dispute = (
            self.env["kpi.commission.dispute"]
            .with_user(self.agent)
            .create(
                {
                    "commission_id": commission.id,
                    "reason": "More",
                    "deadline": date(2026, 3, 31),
                }
            )
        )
        self.assertFalse(self._items(self.director, dispute))  # confirmed it
        (item,) = self._items(self.boss, dispute)
        self.assertEqual(item.submitter_id, self.agent)
        self.assertEqual(item.decide_by.date(), date(2026, 3, 31))
        self.assertIn("Reason: More", item.facts)
        self.assertNotIn("Decide By: ", item.facts)  # the list has a column for it
        self.assertIn("Decide By", [fact["label"] for fact in item.details])
        dialog = item.action_approve()
        self.assertEqual(dialog["res_model"], "kpi.commission.decision")
        self.assertEqual(dialog["context"], {"default_dispute_id": dispute.id})
        self.assertIn("Open it instead", item._decide("approve")[item])
        self.assertEqual(item._decide("reject", "It is right"), {})
        self.assertEqual(dispute.state, "rejected")

    def test_badges_of_managers_count_anew(self):
        self.env.cr.precommit.run()
        self._commission()
        group = "res.groups", self.env.ref(roles.MANAGER).id
        told = self.env.cr.precommit.data["kpi_base.approvals_changed"]
        self.assertIn(group, told)
