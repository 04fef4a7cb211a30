from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessDenied
from odoo.tests import Form, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemoStory(TransactionCase):
    """The records of the demo company hold together as if people had made them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.de = cls.env.ref("kpi_demo.company_de")
        cls.us = cls.env.ref("kpi_demo.company_us")
        cls.companies = cls.de | cls.us
        cls.installed_at = cls.de.create_date
        cls.own = [("company_id", "in", cls.companies.ids)]
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.companies.ids}
        )

    def search(self, model, domain=(), **kwargs):
        model = self.env[model].with_context(active_test=False)
        return model.search([*self.own, *domain], **kwargs)

    # Companies and people

    def test_two_companies_differ_in_currency_and_zone(self):
        self.assertEqual(self.companies.mapped("currency_id.name"), ["EUR", "USD"])
        zones = self.companies.resource_calendar_id.mapped("tz")
        self.assertEqual(zones, ["Europe/Berlin", "America/New_York"])

    def test_departments_have_three_levels_and_managers(self):
        departments = self.search("hr.department")
        for company in self.companies:
            own = departments.filtered(lambda each, c=company: each.company_id == c)
            levels = {len(each.parent_path.strip("/").split("/")) for each in own}
            self.assertEqual(levels, {1, 2, 3})
        with_people = departments.filtered("member_ids")
        headless = with_people.filtered(lambda each: not each.manager_id)
        self.assertEqual(
            sorted(headless.mapped("name")),
            [],
            "every department with people has a manager",
        )

    def test_fifty_people_work_in_the_companies(self):
        users = self.env["res.users"].search(
            [("company_ids", "in", self.companies.ids)]
        )
        staff = users.filtered(lambda user: user.login.startswith("demo."))
        self.assertGreaterEqual(len(staff), 40)
        self.assertEqual(
            {email.split("@")[1] for email in staff.mapped("email")}, {"example.com"}
        )
        self.assertEqual(set(staff.mapped("tz")), {"Europe/Berlin", "America/New_York"})

    def test_one_person_is_employed_in_both_companies(self):
        employees = self.search("hr.employee")
        twice = [
            user
            for user, files in employees.grouped("user_id").items()
            if len(files) > 1
        ]
        self.assertEqual([user.name for user in twice], ["Erik Lindqvist"])
        self.assertEqual(twice[0].company_ids, self.companies)

    def test_transfers_are_dated_and_leave_the_past_alone(self):
        moved = self.search("hr.employee").filtered(
            lambda employee: len(employee.version_ids.department_id) > 1
        )
        self.assertEqual(
            sorted(moved.mapped("name")), ["Carla Ruiz", "Chloe Nguyen", "Felix Krause"]
        )
        felix = moved.filtered(lambda employee: employee.name == "Felix Krause")
        before, after = felix.version_ids.sorted("date_version")
        self.assertEqual(before.department_id.name, "Inside Sales")
        self.assertEqual(after.department_id.name, "Field Sales")
        leads = self.search("crm.lead", [("user_id", "=", felix.user_id.id)])
        moved_on = fields.Datetime.to_datetime(after.date_version)
        early = leads.filtered(lambda lead: lead.create_date < moved_on)
        self.assertEqual(early.team_id.mapped("name"), ["Inside Sales EMEA"])
        self.assertEqual((leads - early).team_id.mapped("name"), ["Field Sales EMEA"])

    def test_personas_log_in_with_their_groups(self):
        cases = {
            "demo.employee": ("user", "manager"),
            "demo.manager": ("manager", "officer"),
            "demo.officer": ("officer", "admin"),
            "demo.agent": ("user", "manager"),
            "demo.deals": ("manager", "officer"),
        }
        for login, (group, not_group) in cases.items():
            user = self.env["res.users"].search([("login", "=", login)])
            with self.subTest(login=login):
                credential = {"type": "password", "login": login, "password": "demo"}
                answer = user.with_user(user)._check_credentials(
                    credential, {"interactive": False}
                )
                self.assertEqual(answer["uid"], user.id)
                prefix = "kpi_base.kpi_base_group_"
                self.assertTrue(user.has_group(prefix + group))
                self.assertFalse(user.has_group(prefix + not_group))
        other = self.env.ref("kpi_demo.user_lea_winter")
        with self.assertRaises(AccessDenied):
            credential = {"type": "password", "login": other.login, "password": "demo"}
            other.with_user(other)._check_credentials(
                credential, {"interactive": False}
            )

    def test_personas_land_on_their_overview(self):
        home = self.env.ref("kpi_tracking.kpi_home_action")
        personas = self.env["res.users"].search(
            [("login", "in", ["demo.employee", "demo.manager", "demo.officer"])]
        )
        self.assertEqual(personas.mapped("action_id.id"), home.ids)
        self.assertEqual(len(personas.filtered("action_id")), 3)

    def test_nobody_got_mail(self):
        partners = (
            self.env["res.users"].search([("login", "=like", "demo.%")]).partner_id
        )
        mails = self.env["mail.mail"].search([("recipient_ids", "in", partners.ids)])
        self.assertFalse(mails)

    # Opportunities

    def test_opportunities_end_after_they_came(self):
        leads = self.search("crm.lead")
        self.assertGreater(len(leads), 2500)
        for lead in leads:
            self.assertLess(lead.create_date, self.installed_at)
            if lead.won_status == "pending":
                self.assertFalse(lead.date_closed)
            else:
                self.assertLess(lead.create_date, lead.date_closed)
                self.assertLess(lead.date_closed, self.installed_at)
        self.assertEqual(set(leads.mapped("won_status")), {"won", "lost", "pending"})

    def test_lost_opportunities_are_archived_with_a_reason(self):
        lost = self.search("crm.lead", [("won_status", "=", "lost")])
        self.assertFalse(any(lost.mapped("active")))
        self.assertTrue(all(lead.lost_reason_id for lead in lost))
        self.assertEqual(len(lost.lost_reason_id), 5)

    # Orders

    def test_stored_order_amounts_are_what_odoo_computes(self):
        orders = self._spread("sale.order", 80)
        lines = orders.order_line
        self._assert_recomputed(
            lines,
            "price_subtotal",
            "price_tax",
            "price_total",
            "price_reduce_taxexcl",
            "qty_to_invoice",
            "untaxed_amount_to_invoice",
            "invoice_status",
            "currency_id",
            "order_partner_id",
            "salesman_id",
            "state",
        )
        self._assert_recomputed(
            orders,
            "amount_untaxed",
            "amount_tax",
            "amount_total",
            "currency_id",
            "currency_rate",
            "invoice_status",
        )

    def test_orders_have_names_of_their_own_and_lines(self):
        orders = self.search("sale.order")
        self.assertGreater(len(orders), 1300)
        self.assertEqual(len(set(orders.mapped("name"))), len(orders))
        self.assertTrue(all(order.order_line for order in orders))
        self.assertLess(max(orders.mapped("date_order")), self.installed_at)
        self.assertEqual(
            set(orders.mapped("state")), {"draft", "sent", "sale", "cancel"}
        )

    def test_one_currency_has_no_rate(self):
        orders = self.search("sale.order", [("state", "=", "sale")])
        codes = set(orders.mapped("currency_id.name"))
        self.assertEqual(
            codes, {"EUR", "CHF", "GBP", "PLN", "USD", "CAD", "MXN", "VES"}
        )
        rates = self.env["res.currency.rate"].search(
            [("currency_id.name", "in", list(codes))]
        )
        self.assertEqual(codes - set(rates.mapped("currency_id.name")), {"VES"})

    # Tasks

    def test_stored_working_hours_are_what_odoo_computes(self):
        tasks = self._spread("project.task", 80, [("project_id", "!=", False)])
        names = ("working_hours_open", "working_hours_close", "working_days_close")
        stored = [[task[name] for name in names] for task in tasks]
        tasks._compute_elapsed()
        for task, values in zip(tasks, stored, strict=True):
            for name, value in zip(names, values, strict=True):
                self.assertAlmostEqual(task[name], value, delta=0.011, msg=name)

    def test_tasks_are_done_open_and_shared(self):
        tasks = self.search("project.task", [("project_id", "!=", False)])
        self.assertGreater(len(tasks), 1500)
        done = tasks.filtered(lambda task: task.state == "1_done")
        self.assertTrue(all(task.create_date < task.date_end for task in done))
        self.assertLess(max(done.mapped("date_end")), self.installed_at)
        self.assertEqual(done.stage_id.mapped("name"), ["Done"])
        waiting = tasks.filtered(lambda task: not task.date_end)
        self.assertTrue(waiting)
        self.assertTrue(tasks.filtered(lambda task: len(task.user_ids) == 2))
        late = waiting.filtered(lambda task: task.date_deadline < self.installed_at)
        self.assertTrue(late, "some open tasks are past their deadline")

    # Screens

    def test_forms_open_and_save(self):
        samples = {
            "crm.lead": self._spread("crm.lead", 4),
            "hr.department": self._spread("hr.department", 2),
            "hr.employee": self._spread("hr.employee", 2),
            "project.project": self._spread("project.project", 2),
            "project.task": self._spread(
                "project.task", 3, [("project_id", "!=", False)]
            ),
            "sale.order": self._spread("sale.order", 4),
        }
        for model, records in samples.items():
            for record in records:
                with self.subTest(model=model, record=record.display_name):
                    with Form(record) as form:
                        self.assertEqual(form.id, record.id)

    def test_an_order_can_be_copied_and_confirmed(self):
        order = self.search("sale.order", [("state", "=", "sale")], limit=1)
        copy = order.copy()
        copy.action_confirm()
        self.assertEqual(copy.state, "sale")
        self.assertNotEqual(copy.name, order.name)
        self.assertAlmostEqual(copy.amount_untaxed, order.amount_untaxed)

    def test_each_chapter_covers_a_year_and_a_half(self):
        first_day = self.installed_at - timedelta(days=540)
        for model, name in (
            ("crm.lead", "date_closed"),
            ("sale.order", "date_order"),
            ("project.task", "date_end"),
        ):
            dates = [value for value in self.search(model).mapped(name) if value]
            self.assertLess(min(dates), first_day, model)
            self.assertGreater(max(dates), self.installed_at - timedelta(days=7), model)

    # Help

    def _spread(self, model, count, domain=()):
        """About ``count`` records from all over the story."""
        records = self.search(model, domain, order="id")
        return records[:: max(1, len(records) // count)]

    def _assert_recomputed(self, records, *names):
        """Stored values equal what Odoo's own compute methods give."""
        for name in names:
            field = records._fields[name]
            stored = [record[name] for record in records]
            self.env.add_to_compute(field, records)
            differing = [
                (record.display_name, before, record[name])
                for record, before in zip(records, stored, strict=True)
                if not self._is_same(field, before, record[name])
            ]
            self.assertEqual(differing, [], field)

    @staticmethod
    def _is_same(field, first, second):
        if field.type in ("float", "monetary"):
            return abs(first - second) < 0.005
        return first == second
