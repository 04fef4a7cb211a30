from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import some_of

from .access_case import KpiAccessCase
from .access_oracle import SEEN


@tagged("post_install", "-at_install")
class TestKpiAccessChanges(KpiAccessCase):
    """What somebody sees follows at once, although Odoo caches the rules' domains.

    ``seen`` starts like a new request: the records' cache is empty, the caches of the
    process, those of rules and groups, are as they were left.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = ("user", "manager", "leader", "parent", "officer_ab", "user_b")

    def setUp(self):
        super().setUp()
        for persona in self.people:  # the rules' domains are cached from here on
            self.assertEqual(self.seen(persona), SEEN[persona])

    def _assert_seen(self, **expected):
        """What people see now; as before where nothing else is expected.

        In the default run a third of those for whom nothing changes is asked.
        """
        others = [persona for persona in self.people if persona not in expected]
        if expected:
            others = some_of(others, self._testMethodName)
        for persona in [*expected, *others]:
            with self.subTest(persona=persona):
                keys = expected.get(persona, SEEN[persona])
                self.assertEqual(self.seen(persona), keys)
                self.assertEqual(self._seen_facts(persona), keys)

    def _seen_facts(self, persona):
        facts = self.as_user(persona, "kpi.measurement")
        seen = facts.search([("report_id", "in", [r.id for r in self.report.values()])])
        return {key for key, each in self.report.items() if each in seen.report_id}

    def test_manager_is_replaced(self):
        self.north.manager_id = self.employee["leader"]
        self._assert_seen(manager=set(), leader={"alpha", "north", "uma"})

    def test_manager_is_removed(self):
        self.sales.manager_id = False
        self._assert_seen(parent=set())

    def test_manager_leaves_without_successor(self):
        self.employee["manager"].active = False
        self._assert_seen(manager=set())

    def test_manager_is_no_user_any_more(self):
        self.employee["manager"].user_id = False
        self._assert_seen(manager=set())

    def test_department_moves_below_another(self):
        self.ops.parent_id = self.sales
        self._assert_seen(parent=SEEN["parent"] | {"ops", "shared"})

    def test_department_moves_away(self):
        self.north.parent_id = self.ops
        self._assert_seen(parent={"sales", "south", "sam"})

    def test_archived_department_stays_with_its_manager(self):
        self.north.active = False
        self._assert_seen()

    def test_department_below_an_archived_one(self):
        self.sales.active = False
        self._assert_seen()

    def test_employee_changes_department(self):
        self.employee["sam"].department_id = self.north
        self._assert_seen(manager={"north", "uma", "sam"})

    def test_employee_leaves_the_department(self):
        self.employee["user"].department_id = self.ops
        self._assert_seen(manager={"north"}, parent=SEEN["parent"] - {"uma"})

    def test_employee_leaves_the_company(self):
        self.employee["user"].active = False
        self._assert_seen(manager={"north"}, parent=SEEN["parent"] - {"uma"})

    def test_employee_changes_department_later(self):
        tomorrow = fields.Date.today() + timedelta(days=1)
        self.employee["sam"].create_version(
            {"date_version": tomorrow, "department_id": self.north.id}
        )
        self._assert_seen()

    def test_employee_was_in_the_department_once(self):
        old = self.employee["sam"].version_id
        old.date_version = fields.Date.today() - timedelta(days=30)
        self.employee["sam"].create_version(
            {"date_version": fields.Date.today(), "department_id": self.ops.id}
        )
        self._assert_seen(parent=SEEN["parent"] - {"sam"})
        own = self.as_user("parent", "kpi.report").with_context(version_id=old.id)
        sam = own.browse(self.report["sam"].id)
        self.assertFalse(sam.has_access("read"), "the call's context chose the version")
        self.assertFalse(own.search([("id", "=", sam.id)]))

    def test_second_company_of_an_employee(self):
        """A manager with two companies leads people where they are employed."""
        self.users["manager"].company_ids |= self.b
        self._assert_seen()
        self.env["hr.employee"].create(
            {
                "name": "Uma",
                "user_id": self.users["user"].id,
                "company_id": self.b.id,
                "department_id": self.retail.id,
            }
        )
        self.retail.manager_id = self.employee["manager"]
        self._assert_seen(manager={"north", "uma", "b_shared", "b_user", "b_uma"})

    def test_team_leader_changes(self):
        self.alpha.leader_id = self.users["manager"]
        self._assert_seen(leader=set(), manager={"north", "uma", "alpha"})

    def test_share_is_removed(self):
        self.report["shared"].shared_user_ids = [Command.clear()]
        self._assert_seen(user={"uma", "owned"})

    def test_share_is_added(self):
        self.report["sam"].shared_user_ids = [Command.link(self.users["user"].id)]
        self._assert_seen(user=SEEN["user"] | {"sam"})

    def test_responsible_changes(self):
        self.report["owned"].owner_id = self.users["sam"]
        self._assert_seen(user={"uma", "shared"})

    def test_person_measured_changes_by_officer(self):
        bare = self.report["sam"].copy(
            {
                "definition_id": self.untracked[self.a].id,
                "user_id": self.users["sam"].id,
            }
        )
        self.assertFalse(bare.with_user(self.users["manager"]).has_access("read"))
        officer = self.as_user("officer_a", "kpi.report").browse(bare.id)
        officer.user_id = self.users["user"]
        self.assertTrue(bare.with_user(self.users["manager"]).has_access("read"))

    def test_companies_of_the_user_change(self):
        self.users["user"].company_ids |= self.b
        self.users["officer_ab"].company_ids -= self.b
        self._assert_seen(
            user=SEEN["user"] | {"b_shared", "b_uma"}, officer_ab=SEEN["officer_a"]
        )

    def test_company_of_the_report_changes(self):
        bare = self.report["company"].copy(
            {"definition_id": self.untracked[self.env["res.company"]].id}
        )
        officer = self.users["officer_a"]
        self.assertTrue(bare.with_user(officer).has_access("read"))
        bare.company_id = self.b
        self.assertFalse(bare.with_user(officer).has_access("read"))

    def test_groups_change(self):
        groups = "kpi_base.kpi_base_group_%s"
        self.users["manager"].group_ids -= self.env.ref(groups % "manager")
        self.users["manager"].group_ids |= self.env.ref(groups % "user")
        self.users["user"].group_ids |= self.env.ref(groups % "officer")
        self._assert_seen(manager=set(), user=SEEN["officer_a"])

    def test_companies_chosen_on_the_screen(self):
        reports = self.as_user("officer_ab", "kpi.report")
        for company, expected in ((self.a, "officer_a"), (self.b, None)):
            chosen = reports.with_context(allowed_company_ids=company.ids)
            keys = SEEN[expected] if expected else SEEN["admin"] - SEEN["officer_a"]
            found = chosen.search([("id", "in", [r.id for r in self.report.values()])])
            self.assertEqual(
                {key for key, each in self.report.items() if each in found}, keys
            )
            facts = chosen.env["kpi.measurement"].search(
                [("report_id", "in", [r.id for r in self.report.values()])]
            )
            self.assertEqual(facts.report_id, found)

    def test_company_that_is_not_the_users(self):
        own = self.as_user("officer_a", "kpi.report")
        with self.assertRaises(AccessError):
            own.with_context(allowed_company_ids=self.b.ids).search([])

    def test_archived_records_are_not_let_in_by_the_call(self):
        self.employee["user"].active = False
        own = self.as_user("manager", "kpi.report").with_context(active_test=False)
        self.assertFalse(own.search([("id", "=", self.report["uma"].id)]))

    def test_within_one_transaction(self):
        """No request in between: the computed fields know what they depend on."""
        reports = self.env["kpi.report"]
        uma = reports.browse(self.report["uma"].id)
        as_manager = uma.with_user(self.users["manager"])
        as_parent = uma.with_user(self.users["parent"])
        as_sam = uma.with_user(self.users["sam"])
        fact = self.records["kpi.measurement"]["uma"]
        changes = (
            (
                as_manager,
                "department",
                self.employee["user"],
                "department_id",
                self.ops,
            ),
            (as_parent, "tree", self.north, "parent_id", self.ops),
            (as_manager, "manager", self.north, "manager_id", self.employee["sam"]),
            (as_manager, "employee", self.employee["manager"], "active", False),
        )
        for own, label, record, name, value in changes:
            with self.subTest(change=label):
                before = record[name]
                self.assertTrue(own.has_access("read"))
                self.assertTrue(fact.with_user(own.env.user).has_access("read"))
                record[name] = value
                self.assertFalse(own.has_access("read"))
                self.assertFalse(fact.with_user(own.env.user).has_access("read"))
                record[name] = before
                self.assertTrue(own.has_access("read"))
        self.assertFalse(as_sam.has_access("read"))
        uma.shared_user_ids = self.users["sam"]
        self.assertTrue(as_sam.has_access("read"))
        self.assertTrue(fact.with_user(self.users["sam"]).has_access("read"))
