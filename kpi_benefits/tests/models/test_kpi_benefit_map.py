from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .benefit_case import BenefitCase


class TestKpiBenefitMap(BenefitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.links = cls.env["kpi.benefit.link"]
        cls.nodes = cls.env["kpi.benefit.node"]

    def _node(self, kind="change", **values):
        owner = {} if kind == "objective" else {"initiative_id": self._make().id}
        return self.nodes.create(
            {
                "name": kind.title(),
                "kind": kind,
                "company_id": self.company.id,
                **owner,
                **values,
            }
        )

    def _link(self, source, target, user=None):
        values = {}
        for side, record in (("source", source), ("target", target)):
            is_node = record._name == self.nodes._name
            values[f"{side}_{'node' if is_node else 'benefit'}_id"] = record.id
        return (self._as(user, self.links) if user else self.links).create(values)

    def test_a_circle_is_refused_with_its_path(self):
        one, two, three = (self._benefit(name=name) for name in ("A", "B", "C"))
        self._link(one, two)
        link = self._link(two, three)
        with self.assertRaisesRegex(ValidationError, "C → A → B → C"):
            self._link(three, one)
        with self.assertRaisesRegex(ValidationError, "A → A"), self.cr.savepoint():
            self._link(one, one)
        with self.assertRaisesRegex(ValidationError, "B → A → B"), self.cr.savepoint():
            link.target_benefit_id = one

    def test_a_circle_through_what_one_does_not_see_names_it_not(self):
        own = self._benefit(self._make(department_id=False), name="Own")
        hidden = self._benefit(
            self._make(owner_id=self.sue.id, department_id=False, sponsor_id=False),
            name="Secret",
        )
        other = self._benefit(own.initiative_id, name="Other")
        self._link(own, hidden)
        self._link(hidden, other)
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            self._link(other, own, self.olga)
        self.assertIn("a hidden item", str(caught.exception))
        self.assertNotIn("Secret", str(caught.exception))

    def test_links_lead_from_enablers_to_objectives(self):
        benefit = self._benefit()
        enabler, change, objective = map(self._node, ("enabler", "change", "objective"))
        for source, target in (
            (enabler, change),
            (change, benefit),
            (benefit, objective),
        ):
            self._link(source, target)
        for source, target in ((objective, benefit), (change, objective)):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._link(source, target)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            change.write({"kind": "objective", "initiative_id": False})

    def test_nobody_makes_an_objective_of_a_change(self):
        change = self._as(self.olga, self._node("change"))
        with self.assertRaises(AccessError), self.cr.savepoint():
            change.write({"kind": "objective", "initiative_id": False})
        objective = self._as(self.pia, self._node("objective"))
        far = self._make_far().company_id
        with self.assertRaises(AccessError), self.cr.savepoint():
            objective.company_id = far
        with self.assertRaises(ValidationError), self.cr.savepoint():
            change.sudo().company_id = far

    def test_a_link_has_two_ends_and_is_there_once(self):
        one, two = self._benefit(), self._benefit()
        self._link(one, two)
        for values in (
            {"source_benefit_id": one.id, "target_benefit_id": two.id},
            {"source_benefit_id": one.id},
            {"target_benefit_id": one.id},
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.links.create(values)

    def test_links_stay_in_a_company(self):
        benefit, far = self._benefit(), self._benefit(self._make_far())
        with self.assertRaisesRegex(ValidationError, "company"), self.cr.savepoint():
            self._link(far, benefit)
        objective = self._node("objective")
        self._link(benefit, objective)
        with self.assertRaisesRegex(ValidationError, "company"), self.cr.savepoint():
            benefit.initiative_id = far.initiative_id
        with self.assertRaisesRegex(ValidationError, "company"), self.cr.savepoint():
            objective.company_id = far.company_id
        initiative = benefit.initiative_id
        with self.assertRaisesRegex(ValidationError, "company"), self.cr.savepoint():
            initiative.write(
                {
                    "company_id": far.company_id.id,
                    "owner_id": far.initiative_id.owner_id.id,
                    "sponsor_id": False,
                    "department_id": False,
                }
            )

    def test_who_may_link(self):
        benefit = self._benefit(owner_id=self.zoe.id)
        other = self._benefit(benefit.initiative_id)
        objective = self._node("objective")
        # the owner of a benefit says which objective it brings nearer
        link = self._link(benefit, objective, self.zoe)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._link(other, benefit, self.zoe)  # she does not see the other
        self._link(other, benefit, self.olga)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._link(other, objective, self.sue)  # sponsors read
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.zoe, link).source_benefit_id = other
        for user, is_seen in ((self.zoe, False), (self.olga, True), (self.sue, True)):
            needed = self._as(user, self.links).search(
                [("source_benefit_id", "=", other.id)]
            )
            self.assertEqual(bool(needed), is_seen, user.name)

    def test_officers_set_objectives(self):
        values = {"name": "Growth", "kind": "objective", "company_id": self.company.id}
        objective = self._as(self.pia, self.nodes).create(values)
        self.assertEqual(self._as(self.zoe, objective).name, "Growth")
        for user in (self.olga, self.max):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(user, self.nodes).create(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.olga, objective).name = "Mine"

    def test_changes_belong_to_an_initiative(self):
        own = self._node("change")
        self._as(self.olga, own).name = "Other forms"
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.zoe, own).read(["name"])
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.nodes.create({"name": "x", "kind": "change"})

    def test_the_map_shows_what_leads_to_what(self):
        benefit = self._benefit(name="Less work")
        initiative = benefit.initiative_id
        other = self._benefit(initiative, name="More orders")
        enabler = self._node("enabler", initiative_id=initiative.id, name="Tablets")
        change = self._node("change", initiative_id=initiative.id, name="No paper")
        objective = self._node("objective", name="Margin")
        for source, target in (
            (enabler, change),
            (change, benefit),
            (benefit, objective),
        ):
            self._link(source, target)
        maps = self._as(self.olga, self.env["kpi.benefit.map"])
        drawn = maps.get_map(initiative.id)
        names = {one["key"]: one["name"] for one in drawn["nodes"]}
        self.assertEqual(
            {(names[one["source"]], names[one["target"]]) for one in drawn["links"]},
            {
                ("Tablets", "No paper"),
                ("No paper", "Less work"),
                ("Less work", "Margin"),
                # no change leads to it: the initiative does
                (initiative.display_name, "More orders"),
            },
        )
        layers = {one["name"]: one["place"][0] for one in drawn["nodes"]}
        self.assertEqual(
            (layers["Tablets"], layers["No paper"], layers["Less work"]), (0, 1, 2)
        )
        self.assertEqual(layers["Margin"], 3)
        self.assertEqual(drawn["hidden"], 0)
        self.assertIn(
            {"id": initiative.id, "name": initiative.display_name, "count": 2},
            maps.get_choices(),
        )
        self.assertTrue(other)

    def test_the_map_shows_what_the_reader_sees(self):
        benefit = self._benefit(owner_id=self.zoe.id)
        initiative = benefit.initiative_id
        self._benefit(initiative, name="Hidden")
        self._node("change", initiative_id=initiative.id, name="Hidden change")
        maps = self._as(self.zoe, self.env["kpi.benefit.map"])
        drawn = maps.get_map(initiative.id)
        self.assertEqual(
            {(one["name"], one["can_open"]) for one in drawn["nodes"]},
            {("Less work", True), (initiative.display_name, False)},
        )
        self._benefit(self._make_far(), name="Far")
        everything = self._as(self.pia, self.env["kpi.benefit.map"]).get_map()
        self.assertNotIn("Far", {one["name"] for one in everything["nodes"]})

    def test_an_empty_map(self):
        maps = self._as(self.zoe, self.env["kpi.benefit.map"])
        self.assertEqual(maps.get_choices(), [])
        drawn = maps.get_map()
        self.assertEqual((drawn["nodes"], drawn["links"]), ([], []))
        for wrong in ("x", True, 1.5, [1]):
            with self.assertRaises(UserError):
                maps.get_map(wrong)
