from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..commission_case import CommissionCase

OPERATIONS = ("read", "write", "create", "unlink")
NONE = frozenset()
# Whose commissions each person reads, changes and introduces: “agent” and “other” share
# a deal that the manager leads, “apart” is of “other” alone, “far” of another company.
# Nobody removes any.
COMMISSIONS = {
    "agent": ({"agent"}, NONE, {"agent"}),
    "other": ({"other", "apart"}, NONE, {"apart"}),
    "viewer": (NONE, NONE, NONE),
    "manager": ({"agent", "other"}, {"agent", "other"}, {"agent", "other"}),
    "director": (NONE, NONE, NONE),
    "boss": ({"agent", "other", "apart"},) * 3,
    "stranger": ({"far"}, {"far"}, {"far"}),
}
# The deals whose billings each person reads; managers do all with those they lead.
BILLINGS = {
    "agent": ({"led"}, NONE),
    "other": ({"led", "apart"}, NONE),
    "viewer": (NONE, NONE),
    "manager": ({"led"}, {"led"}),
    "director": (NONE, NONE),
    "boss": ({"led", "apart"}, {"led", "apart"}),
    "stranger": ({"far"}, {"far"}),
}
# The plans that each person reads; those who change them are administrators.
PLANS = {
    "agent": ({"both"}, NONE),
    "other": ({"both"}, NONE),
    "viewer": (NONE, NONE),
    "manager": ({"both", "none"}, NONE),
    "director": ({"both", "none"}, NONE),
    "boss": ({"both", "none"}, {"both", "none"}),
    "stranger": (NONE, NONE),
}
# Of a manager's share, who reads it: the manager and administrators.
OVERRIDES = {
    **dict.fromkeys(PLANS, (NONE, NONE)),
    "director": ({"both"}, NONE),
    "boss": ({"both"}, {"both"}),
}
# Statements are read by their agents once they are issued.
STATEMENTS = {
    **dict.fromkeys(PLANS, (NONE, NONE)),
    "agent": ({"issued"}, NONE),
    "boss": ({"issued", "draft"}, {"issued", "draft"}),
}


@tagged("post_install", "-at_install")
class TestKpiCommissionAccess(CommissionCase):
    """Rights on the earnings of agents, against tables made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        far = cls.env["res.company"].create({"name": "Far", "currency_id": cls.euro.id})
        cls.stranger = cls._user("stranger", "admin")
        cls.stranger.write(
            {"company_ids": [Command.set(far.ids)], "company_id": far.id}
        )
        names = ("agent", "other", "viewer", "manager", "director", "boss", "stranger")
        cls.people = {name: getattr(cls, name) for name in names}
        cls.plan = cls._plan(
            "marginal",
            rate_ids=[Command.create({"product": "Rent", "rate": 0.05})],
            quota=1000.0,
            accelerator_ids=[Command.create({"above_ratio": 1.0, "factor": 1.5})],
            override_ids=[Command.create({"user_id": cls.director.id, "rate": 0.01})],
            accrual="invoiced",
        )
        cls.none = cls._plan(
            "percentage", False, agent_ids=[Command.set(cls.boss.ids)], rate=0.01
        )
        cls.deals = cls._make_deals(far)
        cls.commissions = cls._make_commissions()

    @classmethod
    def _make_deals(cls, far):
        shares = [
            Command.create({"agent_id": user.id, "share_percent": 50.0})
            for user in (cls.agent, cls.other)
        ]
        return {
            "led": cls._won(1000.0, split_ids=shares),
            "apart": cls._won(1000.0, agent_id=cls.other.id, team_id=False),
            "far": cls._left_deal(far),
        }

    @classmethod
    def _make_commissions(cls):
        """The commissions, with all that can hang on them."""
        led, apart, far = cls.deals.values()
        own = led.commission_ids.filtered(lambda each: each.rule == "plan")
        own.with_user(cls.manager).action_confirm()
        found = {
            "agent": own.filtered(lambda each: each.agent_id == cls.agent),
            "other": own.filtered(lambda each: each.agent_id == cls.other),
            "apart": apart.commission_ids.filtered(lambda each: each.rule == "plan"),
            # The agent's own, in a company where the agent is not.
            "far": cls.env["kpi.commission"].create(
                {"deal_id": far.id, "agent_id": cls.agent.id, "commission_amount": 5}
            ),
        }
        (found["apart"] | found["far"]).action_confirm()
        for deal in cls.deals.values():
            cls._bill(deal, 1000.0)
        cls.statements = {
            "issued": cls._statement("2026-01-01", "2026-04-01"),
            "draft": cls._statement("2026-04-01", "2026-07-01"),
        }
        cls.statements["issued"].action_issue()
        for commission in found.values():
            commission._adjust("bonus", 5.0, "Well done")
            cls.env["kpi.commission.dispute"].create(
                {"commission_id": commission.id, "reason": "More"}
            )
        return found

    @classmethod
    def _statement(cls, first, stop):
        return cls.env["kpi.commission.statement"].create(
            {
                "agent_id": cls.agent.id,
                "company_id": cls.company.id,
                "currency_id": cls.euro.id,
                "date_from": first,
                "date_to": stop,
            }
        )

    def _as(self, person, model):
        user = self.people[person]
        context = {"allowed_company_ids": user.company_ids.ids}
        return self.env(user=user, context=context)[model]

    def _assert_table(self, model, records, expected):
        """Each person may do what ``expected`` says, and no more.

        :param records: key → records; all people find by searching what they read
        :param expected: person → keys per operation, in the order of ``OPERATIONS``
        """
        everything = self.env[model].union(*records.values())
        self.assertEqual(bool(everything), True, model)
        for person, allowed in expected.items():
            own = self._as(person, model)
            for operation, keys in zip(OPERATIONS, allowed, strict=True):
                with self.subTest(model=model, person=person, operation=operation):
                    may = {
                        key
                        for key, some in records.items()
                        if some and own.browse(some.ids).has_access(operation)
                    }
                    self.assertEqual(may, {key for key in keys if records[key]})
            with self.subTest(model=model, person=person):
                seen = NONE
                if own.has_access("read"):
                    seen = own.search([("id", "in", everything.ids)])
                    seen.read()
                wanted = [records[key].ids for key in allowed[0]]
                self.assertEqual(set(seen and seen.ids), set(sum(wanted, [])))

    def test_commissions(self):
        expected = {who: (*row, NONE) for who, row in COMMISSIONS.items()}
        self._assert_table("kpi.commission", self.commissions, expected)

    def test_what_hangs_on_a_commission_is_read_with_it(self):
        for model in ("step", "accrual", "adjustment"):
            name = f"kpi.commission.{model}"
            records = {
                key: self.env[name].search([("commission_id", "=", commission.id)])
                for key, commission in self.commissions.items()
            }
            expected = {
                who: (read, NONE, NONE, NONE)
                for who, (read, *_row) in COMMISSIONS.items()
            }
            self.assertTrue(records["agent"])
            self._assert_table(name, records, expected)

    def test_who_sees_a_commission_disputes_it(self):
        records = {key: each.dispute_ids for key, each in self.commissions.items()}
        expected = {
            who: (read, read, read, NONE) for who, (read, *_row) in COMMISSIONS.items()
        }
        self._assert_table("kpi.commission.dispute", records, expected)

    def test_billings(self):
        records = {key: deal.billing_ids for key, deal in self.deals.items()}
        expected = {
            who: (read, rest, rest, rest) for who, (read, rest) in BILLINGS.items()
        }
        self._assert_table("kpi.deal.billing", records, expected)

    def test_plans_and_their_terms(self):
        plans = {"both": self.plan, "none": self.none}
        expected = {
            who: (read, rest, rest, rest) for who, (read, rest) in PLANS.items()
        }
        self._assert_table("kpi.commission.plan", plans, expected)
        for name in ("tier_ids", "rate_ids", "accelerator_ids"):
            records = {key: plan[name] for key, plan in plans.items()}
            self._assert_table(records["both"]._name, records, expected)

    def test_a_managers_share_is_the_managers_own_matter(self):
        expected = {
            who: (read, rest, rest, rest) for who, (read, rest) in OVERRIDES.items()
        }
        records = {"both": self.plan.override_ids}
        self._assert_table("kpi.commission.override", records, expected)

    def test_statements(self):
        expected = {
            who: (read, rest, rest, rest) for who, (read, rest) in STATEMENTS.items()
        }
        self._assert_table("kpi.commission.statement", self.statements, expected)
        lines = {key: each.line_ids for key, each in self.statements.items()}
        self.assertTrue(lines["issued"])
        expected = {who: (row[0], NONE, NONE, NONE) for who, row in expected.items()}
        self._assert_table("kpi.commission.statement.line", lines, expected)

    def test_nothing_is_put_into_the_ledger_of_others(self):
        other = self.deals["apart"]
        for person, values in (
            ("agent", {"deal_id": other.id}),
            ("agent", {"deal_id": self.deals["led"].id, "agent_id": self.other.id}),
            ("other", {"deal_id": self.deals["led"].id, "agent_id": self.other.id}),
            ("director", {"deal_id": other.id, "agent_id": self.director.id}),
        ):
            values = {"agent_id": self.agent.id, "commission_type": "bonus", **values}
            with self.subTest(person), self.assertRaises(AccessError):
                self._as(person, "kpi.commission").create(values)
        with self.assertRaises(AccessError):
            self._as("agent", "kpi.commission.dispute").create(
                {"commission_id": self.commissions["other"].id, "reason": "x"}
            )
        with self.assertRaises(AccessError):
            self._as("manager", "kpi.deal.billing").create(
                {"deal_id": other.id, "amount_untaxed": 5.0}
            )
