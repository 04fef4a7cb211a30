from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

GROUPS = ("user", "manager", "officer", "admin")
ACTIONS = {  # action → who reaches it
    "kpi_report_action": GROUPS,
    "kpi_measurement_action": GROUPS,
    "kpi_measurement_action_trend": GROUPS,
    "kpi_measurement_breakdown_action": GROUPS,
    "kpi_measurement_revision_action": GROUPS,
    "kpi_target_action": ("manager", "officer", "admin"),
    "kpi_definition_action": ("officer", "admin"),
    "kpi_base.kpi_team_action": ("officer", "admin"),
    "kpi_definition_category_action": ("officer", "admin"),
    "kpi_tag_action": ("officer", "admin"),
    "kpi_gauge_widget_action": ("officer", "admin"),
    "kpi_calendar_action": ("officer", "admin"),
    "kpi_base.kpi_job_action": ("officer", "admin"),
    "kpi_job_action_drift": ("officer", "admin"),
    "kpi_source_action": ("officer", "admin"),
}


class TestKpiViews(TransactionCase):
    """Who reaches which screen, and that each can be loaded by them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env,
                login=f"view_{name}",
                groups=f"kpi_base.kpi_base_group_{name}",
            )
            for name in GROUPS
        }

    def test_views_load_for_those_who_reach_them(self):
        for xmlid, names in ACTIONS.items():
            action = self.env.ref(xmlid if "." in xmlid else f"kpi_tracking.{xmlid}")
            kinds = [(False, kind) for kind in action.view_mode.split(",")]
            for name in names:
                with self.subTest(action=xmlid, user=name):
                    model = self.env[action.res_model].with_user(self.users[name])
                    views = model.get_views([*kinds, (False, "search")])["views"]
                    self.assertEqual(len(views), len(kinds) + 1)
                    self.assertTrue(action.help, "an empty screen has a sentence")

    def test_menus_follow_the_groups(self):
        root = self.env.ref("kpi_base.kpi_base_menu")
        config = self.env.ref("kpi_base.kpi_base_menu_config")
        targets = self.env.ref("kpi_tracking.kpi_target_menu")
        settings = self.env.ref("kpi_base.kpi_base_settings_menu")
        expected = {  # seen: the app, targets, configuration
            "user": (True, False, False),
            "manager": (True, True, False),
            "officer": (True, True, True),
            "admin": (True, True, True),
        }
        for name, seen in expected.items():
            with self.subTest(user=name):
                user = self.users[name]
                visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                found = tuple(menu.id in visible for menu in (root, targets, config))
                self.assertEqual(found, seen)
                self.assertNotIn(settings.id, visible)  # of system administrators

    def test_buttons_for_officers_are_not_sent_to_others(self):
        for name, is_there in (("user", False), ("officer", True)):
            model = self.env["kpi.report"].with_user(self.users[name])
            arch = model.get_views([(False, "form")])["views"]["form"]["arch"]
            self.assertEqual("Recalculate" in arch, is_there, name)
            self.assertEqual("action_open_definition" in arch, is_there, name)

    def test_definitions_offer_others_nothing_that_is_for_officers(self):
        offered = {"list": {"Track For…", "Recalculate"}}
        offered["form"] = offered["list"] | {"Jobs", "Track for Company"}
        kinds = [(False, kind) for kind in offered]
        for name, is_there in (("user", False), ("manager", False), ("officer", True)):
            model = self.env["kpi.definition"].with_user(self.users[name])
            for kind, view in model.get_views(kinds)["views"].items():
                found = {label for label in offered[kind] if label in view["arch"]}
                self.assertEqual(found, offered[kind] if is_there else set(), name)

    def test_a_tracked_kpi_is_not_duplicated(self):
        views = self.env["kpi.report"].get_views([(False, "list"), (False, "form")])
        for kind, view in views["views"].items():
            self.assertIn('duplicate="false"', view["arch"], kind)


class TestKpiDefinitionForm(TransactionCase):
    """An officer, who do not have access ``ir.model``, defines a KPI on its form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env,
            login="form_officer",
            groups="kpi_base.kpi_base_group_officer",
        )

    def _form(self, record=None):
        return Form(record or self.env["kpi.definition"].with_user(self.officer))

    def test_records_are_chosen_by_name(self):
        models = self.env["kpi.definition"].with_user(self.officer)
        found = {m["model"]: m["display_name"] for m in models.get_measurable_models()}
        self.assertEqual(found["res.partner"], "Contact")
        internal = [name for name in found if name.startswith(("ir.", "kpi."))]
        # Domain addons open their own, such as requests, by this attribute.
        refused = [
            name
            for name in internal
            if not getattr(self.env[name], "_kpi_measurable", False)
        ]
        self.assertEqual(refused, [])

    def test_what_nobody_works_with_is_technical(self):
        models = self.env["kpi.definition"].with_user(self.officer)
        found = {m["model"]: m["technical"] for m in models.get_measurable_models()}
        for name, is_technical in (
            ("hr.employee.public", False),  # a menu opens it
            ("res.partner", False),  # it has a chatter
            ("res.lang", True),
        ):
            with self.subTest(name):
                self.assertEqual(found[name], is_technical)

    def test_lines_of_what_menus_open_are_not_technical(self):
        self.env["ir.ui.menu"].create(
            {
                "name": "Working times",
                "action": f"ir.actions.act_window,{self._action('resource.calendar')}",
            }
        )
        models = self.env["kpi.definition"].with_user(self.officer)
        found = {m["model"]: m["technical"] for m in models.get_measurable_models()}
        self.assertFalse(found["resource.calendar"])
        self.assertFalse(found["resource.calendar.attendance"])
        self.assertTrue(found["res.lang"])

    def _action(self, model):
        action = {"name": model, "res_model": model}
        return self.env["ir.actions.act_window"].create(action).id

    def test_a_kpi_on_records_is_saved(self):
        form = self._form()
        form.name = "New contacts"
        form.computation = "records"
        form.model_name = "res.partner"
        self.assertEqual(form.date_field, "create_date")
        self.assertEqual(form.user_field, "user_id")
        definition = form.save()
        self.assertEqual(definition.model_label, "Contact")
        self.assertEqual(definition.code, "new_contacts")
        self.assertEqual(definition.computation, "records")

    def test_what_does_not_fit_other_records_is_cleared(self):
        form = self._form()
        form.name = "New contacts"
        form.computation = "records"
        form.model_name = "res.partner"
        form.domain = "[('is_company', '=', True)]"
        form.measure = "sum"
        form.measure_field = "color"
        form.model_name = "hr.department"
        self.assertEqual(form.domain, "[]")  # a department is no company
        self.assertEqual(form.measure_field, "color")  # both have one
        self.assertEqual(form.date_field, "create_date")

    def test_records_that_do_not_answer_say_why(self):
        definition = self.env["kpi.definition"].with_user(self.officer)
        for name, words in (
            ("res.partner", False),
            ("gone.model", "is not installed"),
            ("hr.employee", "do not have access"),
        ):
            with self.subTest(model=name):
                notice = definition.new({"model_name": name}).records_notice
                self.assertIn(words or "", notice)
                self.assertEqual(bool(words), bool(notice))

    def test_who_makes_a_definition_is_responsible_for_it(self):
        action = self.env.ref("kpi_tracking.kpi_definition_action")
        context = safe_eval(action.context, {"uid": self.officer.id})
        definitions = self.env["kpi.definition"].with_user(self.officer)
        with Form(definitions.with_context(**context)) as form:
            form.name = "Mood"
            form.computation = "manual"
        self.assertEqual(form.record.owner_id, self.officer)

    def test_defaults_stay(self):
        values = {"model_name": "res.partner", "date_field": "write_date"}
        definition = self.env["kpi.definition"].with_user(self.officer)
        form = Form(
            definition.with_context(
                **{f"default_{name}": value for name, value in values.items()},
                default_computation="records",
                default_domain="[('is_company', '=', True)]",
            )
        )
        self.assertEqual(form.date_field, "write_date")
        self.assertEqual(form.domain, "[('is_company', '=', True)]")

    def test_the_error_of_a_formula_comes_with_its_column(self):
        self.env["kpi.calendar"]._company_default(self.env.company)
        form = self._form()
        form.name = "Twice"
        form.computation = "formula"
        form.formula = "2 * (1 + 3"
        self.assertIn("Column 5", form.formula_error)  # the open bracket
        form.formula = "2 * (1 + 3)"
        self.assertFalse(form.formula_error)
        self.assertEqual({point["value"] for point in form.formula_preview}, {8.0})


@tagged("post_install", "-at_install")
class TestKpiPaths(TransactionCase):
    def test_the_first_screen_has_an_address(self):
        action = self.env.ref("kpi_tracking.kpi_report_action")
        self.assertEqual(action.path, "kpis")
        self.assertEqual(action.view_mode.split(",")[:2], ["list", "kanban"])
