from odoo import fields, models
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user, tagged

from ...rights import remember_rights
from ..common import add_model

VISIT = "kpi.test.visit"


@tagged("post_install", "-at_install")
class TestKpiRecordMixins(TransactionCase):
    """A model that knows nothing but its person: who leads and reads it, and since."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Visit(models.Model):
            """Somebody goes somewhere."""

            _module, _name, _description = None, VISIT, "Visit"
            _inherit = ["kpi.led.mixin", "kpi.readable.mixin", "kpi.dated.mixin"]
            _led_person = "visitor_id"
            _readable_by = ("visitor_id",)

            name = fields.Char()
            visitor_id = fields.Many2one("res.users")
            company_id = fields.Many2one("res.company")

        add_model(cls, Visit)
        cls.leader = new_test_user(cls.env, "visit-leader")
        cls.visitor = new_test_user(cls.env, "visit-visitor")
        employees = cls.env["hr.employee"]
        leader = employees.create({"name": "L", "user_id": cls.leader.id})
        cls.department = cls.env["hr.department"].create(
            {"name": "Field", "manager_id": leader.id}
        )
        employees.create(
            {
                "name": "V",
                "user_id": cls.visitor.id,
                "department_id": cls.department.id,
            }
        )
        cls.company = cls.env.company
        far = cls.env["res.company"].create({"name": "Far"})
        cls.here, cls.there, cls.other = cls.env[VISIT].create(
            [
                {"visitor_id": cls.visitor.id, "company_id": cls.company.id},
                {"visitor_id": cls.visitor.id, "company_id": far.id},
                {"visitor_id": cls.leader.id, "company_id": cls.company.id},
            ]
        )
        cls.all = cls.here | cls.there | cls.other

    def _open_to(self, rule):
        model = self.env["ir.model"]._get(VISIT)
        self.env["ir.model.access"].create(
            {
                "name": "visits",
                "model_id": model.id,
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        self.env["ir.rule"].create(
            {
                "name": "visits",
                "model_id": model.id,
                "domain_force": rule,
                "perm_write": False,
            }
        )

    def test_who_manages_the_department_leads_what_its_people_do_there(self):
        visits = self.env[VISIT].with_user(self.leader).sudo()
        led = visits.search([("is_led_by_me", "=", True)])
        self.assertEqual(led, self.here)
        self.assertEqual(visits.search([("is_led_by_me", "=", False)]), self.all - led)
        computed = self.all.with_user(self.leader).sudo()
        self.assertEqual(computed.filtered("is_led_by_me"), self.here)
        self.assertFalse(self.all.with_user(self.visitor).filtered("is_led_by_me"))

    def test_nobody_is_of_a_team_where_the_model_knows_none(self):
        visits = self.env[VISIT].with_user(self.visitor).sudo()
        self.assertFalse(visits.search([("is_of_my_team", "=", True)]))
        self.assertFalse(self.all.with_user(self.visitor).filtered("is_of_my_team"))

    def test_what_is_readable_follows_the_rules(self):
        visits = self.env[VISIT].with_user(self.visitor).sudo()
        readable = [("is_readable_by_me", "=", True)]
        self.assertFalse(visits.search(readable), "nobody may read visits yet")
        self._open_to("[('visitor_id', '=', user.id)]")
        self.assertEqual(visits.search(readable), self.here | self.there)
        self.all.invalidate_recordset()
        computed = self.all.with_user(self.visitor).sudo()
        self.assertEqual(computed.filtered("is_readable_by_me"), self.here | self.there)

    def test_what_is_remembered_is_looked_up_once_for_each_person(self):
        visits = self.env[VISIT].with_user(self.leader).sudo()
        others = self.env[VISIT].with_user(self.visitor).sudo()
        led = [("is_led_by_me", "=", True)]

        def count():
            before = self.cr.sql_log_count
            found = visits.search(led)
            return self.cr.sql_log_count - before, found

        visits.search(led)  # what Odoo reads once
        alone, _found = count()
        with remember_rights(self.env), remember_rights(self.env):
            self.assertEqual(count(), (alone, self.here))
            self.assertEqual(count(), (1, self.here), "only the search itself")
            self.assertFalse(others.search(led), "of somebody else nothing is known")
        self.department.manager_id = False
        self.assertFalse(count()[1], "afterwards it is looked up again")

    def test_a_call_that_reads_looks_up_once(self):
        self._open_to("[(1, '=', 1)]")
        visits = self.env[VISIT].with_user(self.leader)
        led, others = ("is_led_by_me", "=", True), ("is_led_by_me", "=", False)
        domain = ["|", led, "&", others, ("name", "!=", "Nowhere")]
        asked = []
        look_up = type(visits)._get_led_domain
        self.patch(
            type(visits),
            "_get_led_domain",
            lambda self: asked.append(1) or look_up(self),
        )
        self.assertEqual(visits.search_count(domain), len(self.all))
        self.assertEqual(len(asked), 2)
        self.assertEqual(call_kw(visits, "search_count", [domain], {}), len(self.all))
        self.assertEqual(len(asked), 3)
        self.assertEqual(visits.search_count(domain), len(self.all))
        self.assertEqual(len(asked), 5, "afterwards it is looked up again")

    def test_dates_go_by_the_names_that_programs_know(self):
        self.assertEqual(self.here.created_at, self.here.create_date)
        self.env.cr.execute(
            "UPDATE kpi_test_visit SET write_date = '2026-01-02 03:04:05'"
        )
        self.all.invalidate_recordset()
        self.assertEqual(str(self.here.updated_at), "2026-01-02 03:04:05")

    def test_technical_fields_are_not_offered_for_groups_filters_and_files(self):
        offers = ("exportable", "groupable", "searchable")
        described = self.env[VISIT].fields_get(attributes=offers)
        technical = described["is_readable_by_me"]
        self.assertEqual([technical[offer] for offer in offers], [False] * 3)
        self.assertEqual([described["name"][offer] for offer in offers], [True] * 3)
        names = self.env[VISIT].fields_get(["is_readable_by_me"], ["string"])
        self.assertEqual(list(names["is_readable_by_me"]), ["string"])
