from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import MODEL, KpiCase


@tagged("post_install", "-at_install")
class TestKpiDefinitionRefusals(KpiCase):
    """What cannot be measured is refused when it is saved, saying what and where."""

    def _refused(self, message, **values):
        with (
            self.subTest(**values),
            self.assertRaisesRegex(UserError, message),
            self.cr.savepoint(),
        ):
            self._definition(**values)

    def test_a_name_that_differs_from_another_only_in_case(self):
        kpi = self._definition("Open Pipeline")
        shared = self._definition("Win Rate", company_id=False)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        taken = "differs from the name of another KPI only in case"
        for name in ("OPEN PIPELINE", "open pipeline", "WIN RATE"):
            self._refused(taken, name=name, code="other")
        self._refused(taken, name="win rate", code="other", company_id=elsewhere.id)
        other = self._definition("Pipeline", company_id=elsewhere.id)
        other.name = "OPEN pipeline"  # no company sees both
        with self.assertRaisesRegex(UserError, taken), self.cr.savepoint():
            shared.name = "OPEN PIPELINE"
        archived = kpi.copy({"name": "Older", "active": False})
        archived.name = "open pipeline"
        with self.assertRaisesRegex(UserError, taken), self.cr.savepoint():
            archived.active = True

    def test_names_that_are_there_twice_are_listed(self):
        kpi, other = self._definition("Open Pipe"), self._definition("Pipeline")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_definition SET name = jsonb_build_object('en_US', 'OPEN pipe')"
            " WHERE id = %s",
            [other.id],
        )
        listed = self.env["kpi.definition"].search([("has_same_name", "=", True)])
        self.assertLessEqual(kpi | other, listed)
        needs = self.env["kpi.home"]._counted_items("officer", ())
        self.assertIn("name", [need["kind"] for need in needs])
        kpi.name = "Pipeline Then"
        listed = self.env["kpi.definition"].search([("has_same_name", "=", True)])
        self.assertFalse((kpi | other) & listed)

    def test_models_that_are_not_there(self):
        for model in ("x_gone", "sale.order.gone"):
            self._refused("Deals, Records: .*is not installed", model_name=model)
        for model in ("", False):
            self._refused(
                "Deals, Records: choose the records to count", model_name=model
            )

    def test_a_model_may_be_given_by_its_id(self):
        definition = self._definition(model_name=False, model_id=self.deal_model.id)
        self.assertEqual(definition.model_name, MODEL)
        manual = self._definition("By hand", computation="manual", model_name=False)
        manual.write({"computation": "records", "model_id": self.deal_model.id})
        self.assertEqual(manual.model_name, MODEL)

    def test_models_that_hold_no_business_documents(self):
        names = [
            "ir.model",
            "ir.attachment",
            "ir.config_parameter",
            "res.users.apikeys",
            "kpi.measurement",
            "kpi.report",
            "base.language.install",
            "mail.thread",
            "auth_totp.device",
            "payment.token",
            "res.partner.bank",
        ]
        for model in names:
            if model in self.env:
                self._refused(
                    "Records: .*cannot be measured",
                    model_name=model,
                    date_field="create_date",
                    company_field=False,
                    user_field=False,
                )

    def test_a_model_says_itself_whether_it_is_measured(self):
        measurable = self.env["kpi.definition"]._is_measurable
        for name, says, expected in (
            ("kpi.submission", None, False),  # ours, unless it says so
            ("kpi.submission", True, True),
            ("res.partner", None, True),
            ("res.partner", False, False),
            ("ir.model", True, False),  # technical, whatever it says
            ("res.users.apikeys", True, False),
        ):
            with (
                self.subTest(name=name, says=says),
                patch.object(self.registry[name], "_kpi_measurable", says),
            ):
                self.assertEqual(measurable(name), expected)

    def test_fields_that_are_not_there_or_of_another_kind(self):
        measured = {"measure": "sum"}
        for message, values in (
            ("Deals, Field: “x_gone” in “x_gone”", {"measure_field": "x_gone"}),
            ("Deals, Field: “x_name” is of type char", {"measure_field": "x_name"}),
            ("Deals, Field: choose a field of Deal", {"measure_field": False}),
            (
                "Field: “gone” in “x_partner_id.gone” is not a stored field of Contact",
                {"measure_field": "x_partner_id.gone"},
            ),
            (
                "“x_tag_ids” in “x_tag_ids.color” does not link to a single record",
                {"measure_field": "x_tag_ids.color"},
            ),
            (
                "Deals, Field: “x_tag_ids” contains several records",
                {"measure": "distinct", "measure_field": "x_tag_ids"},
            ),
            (
                "“barcode” of Contact is company-specific",
                {
                    "measure": "distinct",
                    "measure_field": "x_partner_id.barcode",
                    "company_id": False,
                },
            ),
            ("Deals, Date: “x_hours” is of type float", {"date_field": "x_hours"}),
            ("Deals, Date: choose a field of Deal", {"date_field": False}),
            (
                "Deals, Field: “contact_address”",
                {
                    "measure": "distinct",
                    "measure_field": "x_partner_id.contact_address",
                },
            ),
            (
                "Deals, Field: “image_1920”",
                {"measure": "distinct", "measure_field": "x_partner_id.image_1920"},
            ),
            (
                "Deals, From: “x_hours” is of type float",
                {
                    "operand": "duration",
                    "duration_from_field": "x_hours",
                    "duration_to_field": "x_at",
                },
            ),
            (
                "Deals, Weighted By: “x_name”",
                {
                    "measure": "weighted_average",
                    "measure_field": "x_hours",
                    "weight_field": "x_name",
                },
            ),
            ("of type “User”", {"measure": "count", "user_field": "x_name"}),
            (
                "of type “Company”",
                {"measure": "count", "company_field": "x_user_id"},
            ),
            (
                "of type “Department”",
                {"measure": "count", "department_field": "x_team_id"},
            ),
        ):
            self._refused(message, **{**measured, **values})

    def test_filters_that_are_no_filters(self):
        for domain in (
            "[('x_user_id', '=', uid)]",
            "[('x_date', '>', context_today())]",
            "__import__('os').system('true')",
            "[('x_hours', '>')]",
            "[('x_hours', 'is', 3)]",
            "[",
            "[1, 2]",
            "(" * 300,
            f"[('x_name', '=', '{'x' * 20_000}')]",
        ):
            self._refused("Deals, Filter: ", domain=domain)
            self._refused(
                "Deals, Numerator: ", numerator_domain=domain, measure="share"
            )

    def test_a_share_of_everything(self):
        for domain in ("[]", "", False):
            self._refused(
                "Deals, Numerator: add a condition",
                measure="share",
                numerator_domain=domain,
            )
        self._definition("Count", measure="count", numerator_domain="[]")

    def test_scopes_that_no_field_leads_to(self):
        alone = self._definition(user_field=False, team_field=False)
        department = self.env["hr.department"].create({"name": "Sales"})
        team = self.env["kpi.team"].create({"name": "Hunters"})
        for scope, field in (
            (self.env.user, "Deals, Person: choose"),
            (team, "Deals, Team or Person: choose"),
            (department, "Deals, Department or Person: choose"),
        ):
            with self.assertRaisesRegex(ValidationError, field), self.cr.savepoint():
                self._track(alone, scope)
        self._track(alone, self.company)
        alone.team_field = "x_team_id"
        self._track(alone, team)

    def test_filters_on_fields_that_are_not_there_or_not_stored(self):
        for field in ("x_gone", "x_partner_id.gone", "x_partner_id.contact_address"):
            self._refused(
                f"Deals, Filter: .*in “{field}”", domain=str([(field, "=", 1)])
            )
            nested = [("x_partner_id", "any", [(field.split(".")[-1], "=", 1)])]
            self._refused("Deals, Filter: ", domain=str(nested))

    def test_filters_that_depend_on_who_looks(self):
        partner = "x_partner_id"
        for field in (
            "message_is_follower",
            "message_partner_ids",
            "message_needaction",
            "activity_user_id",
            "my_activity_date_deadline",
        ):
            self._refused(
                "depends on the current user",
                domain=str([(f"{partner}.{field}", "=", 1)]),
            )
            nested = [(partner, "any", [(field, "=", 1)])]
            self._refused("depends on the current user", domain=str(nested))
            deeper = [("x_user_id", "any", [("partner_id", "any", [(field, "=", 1)])])]
            self._refused("depends on the current user", domain=str(deeper))

    def test_filters_on_secrets(self):
        for field in ("password", "new_password", "totp_secret", "api_key_ids.key"):
            if field.split(".")[0] in self.env["res.users"]._fields:
                self._refused(
                    "Deals, Filter: ",
                    domain=str([(f"x_user_id.{field}", "=like", "a%")]),
                )
                nested = [("x_user_id", "any", [(field, "=like", "a%")])]
                self._refused("Deals, Filter: ", domain=str(nested))

    def test_paths_to_what_cannot_be_measured_itself(self):
        attachment = {"name": "x_file_id", "ttype": "many2one", "state": "manual"}
        attachment["relation"] = "ir.attachment"
        self.deal_model.field_id = [Command.create(attachment)]
        leads = "“x_file_id” of Deal links to Attachment, which"
        for path in ("x_file_id", "x_file_id.index_content"):
            message = f"Deals, Filter: {leads}"
            self._refused(message, domain=str([(path, "ilike", "wage")]))
            split = [Command.create({"field_path": path})]
            self._refused(f"Breakdown: {leads}", breakdown_ids=split)
            message = f"Deals, Field: {leads}"
            self._refused(message, measure="distinct", measure_field=path)
        nested = [("x_file_id", "any", [("name", "=like", "a%")])]
        self._refused(f"Deals, Numerator: {leads}", numerator_domain=str(nested))
        country = [("x_partner_id.country_id.code", "=", "BE")]
        self._definition(domain=str(country), team_field="x_team_id")

    def test_values_that_do_not_fit_their_field_are_named(self):
        fits = ("x_hours", ">", 1)
        for condition in (
            ("x_date", ">", "2023-13-45"),
            ("x_date", ">", "1"),
            ("x_stage_id", "any", 3),
        ):
            words = " ".join(map(str, condition))
            message = f"Deals, Filter: “{words}” is not a valid condition for Deal\\.$"
            self._refused(message, domain=str([fits, condition]))

    def test_secrets(self):
        for path in ("x_partner_id.bank_ids", "x_user_id.api_key_ids"):
            self._refused(
                "Filter: .*is confidential", domain=str([(path, "!=", False)])
            )
        token = {"name": "x_access_token", "ttype": "char", "state": "manual"}
        self.deal_model.field_id = [Command.create(token)]
        secret = "“x_access_token” of Deal is confidential"
        self._refused(
            f"Field: {secret}", measure="distinct", measure_field="x_access_token"
        )
        self._refused(
            f"Breakdown: {secret}",
            breakdown_ids=[Command.create({"field_path": "x_access_token"})],
        )

    def test_a_unit_without_what_it_is_shown_in(self):
        for unit, name, label in (
            ("currency", "currency_id", "Currency: required for the unit “Currency”"),
            (
                "custom",
                "unit_symbol",
                "Unit Symbol: required for the unit “Custom Unit”",
            ),
            ("duration", "duration_unit", "Duration Unit: required for the unit"),
        ):
            self._refused(f"Deals, {label}", unit=unit, **{name: False})

    def test_a_longest_period_that_is_shorter_than_the_frequency(self):
        self._refused(
            "Deals, Longest Period: “Month” is shorter than the frequency “Yearly”",
            frequency="year",
            coarsest_grain="month",
        )

    def test_days_outside_of_the_years_from_1900_to_9998(self):
        for day in (date(1899, 12, 31), date(9999, 1, 1)):
            self._refused("Use a year from 1900 to 9998", history_start=day)
        for day in (date(1899, 12, 31), date(1, 1, 1)):
            with self.assertRaisesRegex(ValidationError, "before 1900"):
                self.calendar._period("month", day)
        with self.assertRaisesRegex(ValidationError, "9999"):
            self.calendar._period("year", date(9999, 12, 31))

    def test_a_percentile_beyond_100_and_other_numbers_out_of_range(self):
        for values in ({"percentile": 101}, {"decimals": 7}, {"weight": -1}):
            with (
                self.subTest(**values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(Exception) as caught,
                self.cr.savepoint(),
            ):
                self._definition(**values)
            self.assertEqual(type(caught.exception).__name__, "CheckViolation")


@tagged("post_install", "-at_install")
class TestKpiDefinitionRights(KpiCase):
    """Nobody reads through a KPI what they may not read themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        officer = "base.group_user,kpi_base.kpi_base_group_officer"
        cls.officer = cls._create_user("officer", groups=officer)
        cls.hr_officer = cls._create_user(
            "hr_officer", groups=f"{officer},hr.group_hr_user"
        )
        cls.hr_manager = cls._create_user(
            "hr_manager", groups=f"{officer},hr.group_hr_manager"
        )

    def _wages(self, **values):
        return {
            "name": "Wages",
            "code": "wages",
            "company_id": self.company.id,
            "calendar_id": self.calendar.id,
            "computation": "records",
            "model_name": "hr.version",
            "date_field": "date_version",
            "measure": "count",
            "company_field": "company_id",
            "user_field": "employee_id.user_id",
            **values,
        }

    def _create_as(self, user, **values):
        definitions = self.env["kpi.definition"].with_user(user)
        definitions = definitions.with_context(allowed_company_ids=self.company.ids)
        return definitions.create(self._wages(**values))

    def test_an_officer_who_may_not_read_the_model(self):
        with self.assertRaisesRegex(UserError, "hr.version|Version"):
            self._create_as(self.officer)

    def test_an_officer_who_may_read_the_model_but_not_the_wage(self):
        self._create_as(self.hr_officer, code="heads")
        for values in (
            {"measure": "sum", "measure_field": "wage"},
            {
                "measure": "sum",
                "operand": "product",
                "measure_field": "hours_per_week",
                "factor_field": "wage",
            },
            {
                "measure": "weighted_average",
                "measure_field": "hours_per_week",
                "weight_field": "wage",
            },
            {"domain": "[('wage', '>', 5000)]"},
            {"measure": "share", "numerator_domain": "[('wage', '>', 5000)]"},
            {"domain": "[('employee_id.wage', '>', 5000)]"},
            {"domain": "[('employee_id.version_id.wage', '>', 5000)]"},
            {"domain": "[('employee_id', 'any', [('wage', '>', 5000)])]"},
            {"domain": "[('employee_id.version_ids', 'any', [('wage', '>', 5)])]"},
            {"model_name": "hr.employee", "domain": "[('wage', '>', 5000)]"},
        ):
            with (
                self.subTest(**values),
                self.assertRaisesRegex(UserError, "wage|Wage"),
                self.cr.savepoint(),
            ):
                self._create_as(self.hr_officer, **values)

    def test_who_may_read_wages_may_measure_them(self):
        definition = self._create_as(
            self.hr_manager, measure="sum", measure_field="wage"
        )
        self.assertEqual(definition.measure_field, "wage")

    def test_an_officer_cannot_copy_or_turn_a_kpi_on_wages(self):
        wages = self._create_as(self.hr_manager, measure="sum", measure_field="wage")
        mine = wages.with_user(self.hr_officer)
        self.assertEqual(mine.measure_field, "wage")
        with self.assertRaisesRegex(UserError, "wage"), self.cr.savepoint():
            mine.copy()
        with self.assertRaisesRegex(UserError, "wage"), self.cr.savepoint():
            mine.domain = "[('contract_type_id', '!=', False)]"
        plain = self._create_as(self.hr_officer, code="heads")
        with self.assertRaisesRegex(UserError, "wage"), self.cr.savepoint():
            plain.write({"measure": "max", "measure_field": "wage"})

    def test_a_breakdown_by_wage_is_refused_too(self):
        plain = self._create_as(self.hr_officer, code="heads")
        breakdowns = plain.breakdown_ids
        with self.assertRaisesRegex(UserError, "wage"):
            breakdowns.create({"definition_id": plain.id, "field_path": "wage"})

    def test_types_of_activities_are_a_short_list_of_names(self):
        definition = self._definition()
        todo = "mail.mail_activity_data_todo"
        activity = definition.activity_schedule(todo)
        for types in (todo, [todo] * 101, [1]):
            with self.subTest(types=str(types)[:40]):
                with self.assertRaisesRegex(
                    UserError, "“act_type_xmlids” has an invalid value"
                ):
                    call_kw(definition, "activity_unlink", [definition.ids, types], {})
        call_kw(definition, "activity_reschedule", [definition.ids, [todo]], {})
        args = [definition.ids, [todo]]
        call_kw(definition, "activity_unlink", args, {"only_automated": False})
        self.assertFalse(activity.exists())

    def test_users_and_managers_define_nothing(self):
        for group in ("user", "manager"):
            user = self._create_user(
                f"kpi_{group}", groups=f"kpi_base.kpi_base_group_{group}"
            )
            with self.assertRaises(UserError):
                self._create_as(user, model_name="res.partner", date_field="date")
