from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import KpiCase

MANUAL = {"computation": "manual", "model_name": False, "date_field": False}


@tagged("post_install", "-at_install")
class TestKpiTrackingInBulk(KpiCase):
    """Reports inserted by SQL are what the ORM would have created."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        cls.deals_kpi = cls._definition("Deals", owner_id=cls.ann.id)
        cls.manual = cls._definition("Pulse", **MANUAL)

    def test_a_new_kpi_is_tracked_for_its_company_and_opened_with_values(self):
        deals = self._definition("New deals")
        self.assertEqual(deals.report_count, 0)
        opened = deals.action_track_company()
        self.assertEqual(deals.report_ids.scope_type, "company")
        self.assertEqual(deals.report_ids.company_id, self.company)
        self.assertEqual(opened["params"]["next"]["res_id"], deals.report_ids.id)
        job = self.env["kpi.job"].browse(opened["params"]["job_id"])
        self.assertEqual(job.definition_ids, deals)
        deals.invalidate_recordset(["report_count"])
        self.assertEqual(deals.report_count, 1)

    def test_a_new_kpi_has_no_name_before_it_is_chosen(self):
        self.assertFalse(self.env["kpi.report"].new().name)
        form = Form(self.env["kpi.report"])
        form.definition_id = self.manual
        with form.target_ids.new() as target:
            target.value = 20
        report = form.save()
        self.assertIn("Pulse", report.name)
        self.assertEqual(report.target_ids.value, 20)

    def test_who_defines_a_kpi_while_tracking_it_is_responsible(self):
        kpis = self.env["kpi.definition"].with_context(kpi_for_me=True)
        self.assertEqual(kpis.create({"name": "Mine"}).owner_id, self.env.user)
        self.assertFalse(self._definition("Theirs").owner_id)

    def test_departments_are_offered_where_records_lead_to_them(self):
        nobody = self._definition("Nobody", user_field=False)
        ratio = self._definition(
            "Ratio",
            computation="formula",
            formula=f"{self.deals_kpi.code} / {nobody.code}",
        )
        for kpi, is_offered in (
            (self.deals_kpi, True),
            (self.manual, True),
            (nobody, False),
            (ratio, False),
        ):
            with self.subTest(kpi.name):
                self.assertEqual(kpi.can_track_departments, is_offered)

    def test_who_may_not_define_kpis_may_not_track_them(self):
        with self.assertRaises(AccessError):
            self.deals_kpi.with_user(self.ann).action_track_company()

    def _columns(self, report):
        """All stored columns but what tells two rows apart."""
        apart = {"id", "definition_id", "create_date", "write_date"}
        names = [
            name
            for name, field in report._fields.items()
            if field.store and field.column_type and name not in apart
        ]
        return report.read(names)[0] | {"id": None}

    def test_a_row_is_what_create_would_have_made(self):
        for scope_type, record in (
            ("company", self.company),
            ("department", self.east),
            ("user", self.ann),
        ):
            twin = self.deals_kpi.copy({"name": self.deals_kpi.name})
            by_orm = self.env["kpi.report"].create(
                {
                    "definition_id": twin.id,
                    "scope_type": scope_type,
                    "company_id": self.company.id,
                    f"{scope_type}_id": record.id,
                }
            )
            in_bulk = self.deals_kpi._track_for(scope_type, record, self.company.id)
            with self.subTest(scope_type=scope_type):
                self.assertEqual(self._columns(in_bulk), self._columns(by_orm))

    def test_the_company_follows_scope_then_definition_then_user(self):
        south = self._create_company("South")
        abroad = self._create_department("Abroad", company=south)
        shared = self._definition("Shared", company_id=False)
        self.assertEqual(shared._track_for("department", abroad).company_id, south)
        self.assertEqual(
            self.manual._track_for("user", self.ann).company_id, self.company
        )
        self.assertEqual(
            shared._track_for("company", south | self.company).company_id,
            south | self.company,
        )

    def test_what_is_tracked_already_is_left_alone(self):
        first = self._track(self.manual, self.east)
        both = self.manual._track_for("department", self.east | self.west)
        self.assertIn(first, both)
        self.assertEqual(len(both), 2)
        self.assertFalse(
            self.manual._track_in_bulk("department", self.east | self.west)
        )

    def test_tracking_anew_brings_the_archived_back(self):
        report = self._track(self.manual, self.east)
        report.active = False
        self.assertEqual(self.manual._track_for("department", self.east), report)
        self.assertTrue(report.active)

    def test_scopes_that_no_record_leads_to_are_refused(self):
        nobody = self._definition("Nobody", user_field=False)
        with self.assertRaisesRegex(UserError, "Person"):
            nobody._track_for("user", self.ann)

    def test_a_definition_of_another_company_is_refused(self):
        south = self._create_company("South")
        abroad = self._create_department("Abroad", company=south)
        with self.assertRaisesRegex(UserError, "cannot be tracked for"):
            self.manual._track_for("department", abroad)

    def test_only_officers_track(self):
        user = self._create_user("plain", groups="kpi_base.kpi_base_group_user")
        with self.assertRaises(AccessError):
            self.manual.with_user(user)._track_for("company", self.company)

    def test_officers_track_in_their_own_companies_only(self):
        officer = self._create_user("off", groups="kpi_base.kpi_base_group_officer")
        shared = self._definition("Shared", company_id=False, **MANUAL)
        south = self._create_company("South")
        with self.assertRaises(AccessError):
            shared.with_user(officer)._track_for(
                "company", self.company, company_id=south.id
            )

    def test_ten_thousand_reports_take_a_handful_of_statements(self):
        departments = self.env["hr.department"].create(
            [{"name": f"D{n}", "company_id": self.company.id} for n in range(500)]
        )
        definitions = self.manual.browse()
        for number in range(20):
            definitions |= self._definition(f"Bulk {number}", **MANUAL)
        definitions.mapped("component_ids")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(110):  # 10 + 1 per 100 rows
            created = definitions._track_in_bulk(
                "department", departments, self.company.id
            )
        self.assertEqual(len(created), 10_000)


@tagged("post_install", "-at_install")
class TestKpiTrackingRule(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        cls.manual = cls._definition("Pulse", **MANUAL)

    def _rule(self, domain="[]", **values):
        rule = self.env["kpi.tracking.rule"].create(
            {
                "name": "Rule",
                "company_id": self.company.id,
                "definition_ids": self.manual.ids,
                "scope_type": "department",
                "domain": domain,
                **values,
            }
        )
        rule._apply()
        return rule

    def _tracked(self):
        return self.manual.report_ids.department_id

    def test_what_matches_is_tracked(self):
        self._rule("[('name', 'in', ['East', 'West'])]")
        self.assertEqual(self._tracked(), self.east | self.west)

    def test_departments_below_are_included_where_asked(self):
        self._rule("[('name', '=', 'Sales')]", include_children=True)
        self.assertEqual(self._tracked(), self.sales | self.east | self.west)

    def test_newcomers_are_tracked_with_the_next_run(self):
        rule = self._rule("[('parent_id.name', '=', 'Sales')]")
        north = self._create_department("North", self.sales)
        rule._apply()
        self.assertIn(north, self._tracked())
        self.assertEqual(rule.report_count, 3)

    def test_who_matches_no_more_is_archived_with_the_history(self):
        rule = self._rule("[('name', '=', 'East')]")
        report = rule.report_ids
        report._enter_value(date(2026, 1, 1), 5.0)
        self.east.active = False
        rule._apply()
        self.assertFalse(report.active)
        self.assertTrue(report.is_retired)
        self.assertTrue(self._fact(report, date(2026, 1, 1)))

    def test_who_matches_again_is_brought_back(self):
        rule = self._rule("[('name', '=', 'East')]")
        report = rule.report_ids
        self.east.active = False
        rule._apply()
        self.east.active = True
        rule._apply()
        self.assertTrue(report.active)
        self.assertFalse(report.is_retired)
        self.assertEqual(rule.report_ids, report)

    def test_persons_who_leave_are_archived(self):
        rule = self._rule(
            f"[('id', 'in', {(self.ann | self.bob).ids})]", scope_type="user"
        )
        self.bob.active = False
        rule._apply()
        self.assertEqual(self.manual.report_ids.user_id, self.ann)

    def test_what_a_person_archived_stays_archived(self):
        rule = self._rule("[('name', '=', 'East')]")
        report = rule.report_ids
        report.active = False
        rule._apply()
        self.assertFalse(report.active)

    def test_what_a_person_tracks_is_never_archived(self):
        own = self._track(self.manual, self.east)
        rule = self._rule("[('name', '=', 'East')]")
        rule.domain = "[('name', '=', 'West')]"
        rule._apply()
        self.assertTrue(own.active)
        self.assertEqual(self._tracked(), self.east | self.west)

    def test_what_another_rule_covers_stays(self):
        first = self._rule("[('name', '=', 'East')]")
        report = first.report_ids
        self._rule("[('name', 'in', ['East', 'West'])]")
        first.domain = "[('name', '=', 'Sales')]"
        first._apply()
        self.assertTrue(report.active)

    def test_a_rule_works_with_the_rights_of_who_wrote_it(self):
        officer = self._create_user("off", groups="kpi_base.kpi_base_group_officer")
        rule = self._rule("[('name', '=', 'East')]")
        rule.with_user(officer).with_context(
            allowed_company_ids=self.company.ids
        ).domain = "[('name', '=', 'West')]"
        self.assertEqual(rule.user_id, officer)
        officer.group_ids = self.env.ref("base.group_user")
        self.env["kpi.tracking.rule"].search([("id", "!=", rule.id)]).active = False
        cron = self.env.ref("kpi_tracking.kpi_tracking_rule_cron")
        with (
            self.assertLogs("odoo.addons.kpi_tracking", "WARNING"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(rule.last_error)

    def test_a_filter_that_is_none_is_refused(self):
        for domain in ("[('no_such_field', '=', 1)]", "[(", "__import__('os')"):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(UserError, "is invalid for Department"),
            ):
                self._rule(domain)

    def test_a_rule_without_kpis_is_refused(self):
        with self.assertRaisesRegex(UserError, "choose the KPIs"):
            self._rule(definition_ids=[])

    def test_statements_do_not_grow_with_the_reports(self):
        departments = self.env["hr.department"].create(
            [{"name": f"D{n}", "company_id": self.company.id} for n in range(300)]
        )
        rule = self._rule("[('name', '=', 'East')]")
        rule.domain = f"[('id', 'in', {departments.ids})]"
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            rule._apply()
        self.assertEqual(rule.report_count, 300)


@tagged("post_install", "-at_install")
class TestKpiFamily(KpiCase):
    """What a KPI is part of and made of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        cls.inside = cls._create_department("Inside", cls.east)
        cls.manual = cls._definition("Pulse", **MANUAL)
        cls.total = cls._track(cls.manual, cls.company)

    def test_a_department_is_part_of_the_nearest_tracked_one_above(self):
        sales, inside = (
            self._track(self.manual, self.sales),
            self._track(self.manual, self.inside),
        )
        self.assertEqual(inside.part_of_ids, sales)
        self.assertEqual(sales.part_of_ids, self.total)
        self.assertEqual(sales.made_of_ids, inside)
        self.assertEqual(self.total.made_of_ids, sales)
        east = self._track(self.manual, self.east)
        self.env.invalidate_all()
        self.assertEqual(inside.part_of_ids, east)

    def test_a_person_is_part_of_department_and_teams_of_today(self):
        self.env["kpi.team"].create(
            {
                "name": "Squad",
                "company_id": self.company.id,
                "member_ids": [(0, 0, {"user_id": self.ann.id})],
            }
        )
        team = self.env["kpi.team"].search([("name", "=", "Squad")])
        self.env["kpi.membership"]._refresh()
        own = self._track(self.manual, self.ann)
        self.assertEqual(own.part_of_ids, self.total)
        east, squad = (
            self._track(self.manual, self.east),
            self._track(self.manual, team),
        )
        self.env.invalidate_all()
        self.assertEqual(own.part_of_ids, east | squad)
        self.assertIn(own, east.made_of_ids)

    def test_parts_of_a_formula_are_those_of_the_same_scope(self):
        formula = self._definition(
            "Double", **{**MANUAL, "computation": "formula"}, formula="2 * pulse"
        )
        whole = self._track(formula, self.company)
        self._track(formula, self.east)
        self.assertIn(whole, self.total.part_of_ids)
        self.assertEqual(whole.made_of_ids & self.total, self.total)

    def test_only_what_the_reader_may_see_is_shown(self):
        own = self._track(self.manual, self.ann)
        reader = "kpi_base.kpi_base_group_user"
        self.ann.group_ids += self.env.ref(reader)
        self.assertEqual(own.part_of_ids, self.total)
        as_ann = own.with_user(self.ann).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertTrue(as_ann.has_access("read"))
        self.assertFalse(as_ann.part_of_ids)

    def test_statements_do_not_grow_with_the_reports(self):
        few = self._track(self.manual, self.sales)
        many = few | self._track(self.manual, self.east, self.west, self.inside)
        for reports in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(8):
                reports.mapped("part_of_ids")
