from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .benefit_case import BenefitCase


@tagged("post_install", "-at_install")
class TestKpiInitiativeProgram(BenefitCase):
    """Initiatives below a programme."""

    def test_circles_are_refused(self):
        top = self._make(name="Top")
        middle = self._make(name="Middle", parent_id=top.id)
        low = self._make(name="Low", parent_id=middle.id)
        for above in (top, middle, low):
            with self.subTest(above.name), self.assertRaises(UserError):
                with self.cr.savepoint():
                    top.parent_id = above

    def test_a_circle_is_named_as_far_as_it_is_visible(self):
        top = self._make(name="Top")
        middle = self._make(name="Middle", parent_id=top.id)
        low = self._make(name="Low", parent_id=middle.id)
        path = "Top → Low → Middle → Top"
        with self.assertRaisesRegex(UserError, path), self.cr.savepoint():
            top.parent_id = low
        self.assertEqual(self._as(self.max, middle)._name_if_visible(), "Middle")
        hidden = self._as(self.zoe, middle)._name_if_visible()
        self.assertEqual(hidden, "a hidden initiative")

    def test_gates_of_the_programme_are_the_model(self):
        top = self._make(
            gate_ids=[
                Command.create(
                    {
                        "sequence": place,
                        "name": name,
                        "approving_body": "Board",
                        "planned_date": "2026-01-01",
                    }
                )
                for place, name in enumerate(("Need", "Case", "Tender"))
            ]
        )
        below = self._make(parent_id=top.id)
        self.assertEqual(below.gate_ids.mapped("name"), ["Need", "Case", "Tender"])
        self.assertEqual(set(below.gate_ids.mapped("approving_body")), {"Board"})
        self.assertFalse(any(below.gate_ids.mapped("planned_date")))
        bare = self._make(parent_id=top.id, gate_ids=[])
        self.assertFalse(bare.gate_ids)
        self.assertEqual(top.child_count, 2)

    def test_costs_add_up_over_the_tree(self):
        top = self._make(cost_ids=[Command.create({"planned": 1})])
        middle = self._make(
            parent_id=top.id, cost_ids=[Command.create({"planned": 10, "forecast": 0})]
        )
        self._make(parent_id=middle.id, cost_ids=[Command.create({"planned": 100})])
        beside = self._make(name="Beside")
        self.env.flush_all()
        found = (top + middle + beside).mapped("program_planned_cost")
        self.assertEqual(found, [111, 110, False])
        self.assertEqual(top.program_forecast_cost, 0)
        self.assertIs(beside.program_forecast_cost, False)

    def test_a_programme_says_that_not_all_of_its_cost_is_visible(self):
        cost = {"cost_ids": [Command.create({"planned": 10})]}
        top = self._make(**cost)
        self._make(parent_id=top.id, **cost)
        top.message_subscribe(self.zoe.partner_id.ids)
        for user, amount, is_partial in ((self.olga, 20, False), (self.zoe, 10, True)):
            own = self._as(user, top)
            with self.subTest(user.name):
                self.assertEqual(own.program_planned_cost, amount)
                self.assertEqual(own.is_program_cost_partial, is_partial)

    def test_owners_of_a_programme_see_all_below_it(self):
        top = self._make(owner_id=self.zoe.id, sponsor_id=False, department_id=False)
        middle = self._make(parent_id=top.id)
        low = self._make(parent_id=middle.id)
        own = self._as(self.zoe, self.env["kpi.initiative"])
        tree = top | middle | low
        self.assertEqual(own.search([("id", "in", tree.ids)]), tree)
        self.assertTrue(self._as(self.zoe, low).has_access("read"))
        self.assertFalse(self._as(self.zoe, low).has_access("write"))
        top.owner_id = self.olga
        self.env.invalidate_all()
        self.assertFalse(own.search([("id", "in", tree.ids)]))

    def test_a_proposal_is_deleted_with_what_is_below_it(self):
        top = self._make()
        low = self._make(parent_id=self._make(parent_id=top.id).id)
        top.unlink()
        self.assertFalse(low.exists())

    def test_nothing_is_deleted_where_one_below_was_approved(self):
        top = self._make()
        low = self._make(parent_id=top.id, active=False)
        self._as(self.pia, low).action_approve()
        with self.assertRaisesRegex(UserError, "Archive it"), self.cr.savepoint():
            top.unlink()
        self.assertTrue(top.exists())

    def test_an_initiative_stays_in_its_company(self):
        far = self._make_far()
        with self.assertRaises(UserError):
            self._make(parent_id=far.id)

    def test_nobody_links_what_they_may_not_see(self):
        top = self._make(gate_ids=[Command.create({"name": "Secret"})])
        project = self.env["project.project"].create(
            {
                "name": "Private",
                "company_id": self.company.id,
                "privacy_visibility": "followers",
            }
        )
        self.zoe.group_ids += self.env.ref("project.group_project_user")
        own = self._as(self.zoe, self.env["kpi.initiative"])
        mine = own.create({"name": "Mine"})
        for values in ({"parent_id": top.id}, {"project_id": project.id}):
            with self.subTest(values), self.assertRaises(AccessError):
                own.create({"name": "Below", **values})
            with self.subTest(values), self.assertRaises(AccessError):
                mine.write(values)
            defaults = {f"default_{name}": value for name, value in values.items()}
            with self.subTest(defaults), self.assertRaises(AccessError):
                own.with_context(**defaults).create({"name": "Below"})

    def test_the_button_shows_what_is_below(self):
        top = self._make()
        low = self._make(parent_id=top.id)
        action = top.action_open_children()
        found = self.env["kpi.initiative"].search(action["domain"])
        self.assertEqual(found, low)
