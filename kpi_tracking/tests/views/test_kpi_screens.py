from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .screen_visits import ScreenVisits

OFFICER = "kpi_base.kpi_base_group_officer"
USER = "kpi_base.kpi_base_group_user"


class KpiScreensCase(HttpCase):
    """A KPI with a history, one without a value, and who looks at them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search([]).active = False
        cls.officer = new_test_user(cls.env, login="kpi_officer", groups=OFFICER)
        cls.pulse = cls._manual("Pulse", decimals=2, unit="score")
        cls.env["kpi.target"].create(
            {"report_id": cls.pulse.id, "date_from": "2020-01-01", "value": 7.5}
        )
        cls.moods = cls._manual("Moods", unit="number")
        month = fields.Date.today().replace(day=1)
        for months in range(3):
            day = month - relativedelta(months=1 + months)
            cls.moods._enter_value(day, 10 + months)

    @classmethod
    def _manual(cls, name, **values):
        definition = cls.env["kpi.definition"].create(
            {
                "name": name,
                "computation": "manual",
                "owner_id": cls.officer.id,
                **values,
            }
        )
        return definition._track_for("company", cls.env.company)


@tagged("post_install", "-at_install")
class TestKpiScreens(ScreenVisits, KpiScreensCase):
    """Screens as somebody opens them; any error of the browser fails the test."""

    def test_a_value_is_entered_on_the_form(self):
        self.start_tour("/odoo/kpis", "kpi_tracking.value_entry", login="kpi_officer")
        self.assertEqual(self.pulse.current_value, 8.25)
        self.assertIn("Survey of the spring", self.pulse.message_ids[:1].body)

    def test_a_first_target_takes_two_clicks(self):
        self.start_tour(
            f"/odoo/kpi.report/{self.moods.id}",
            "kpi_tracking.set_target",
            login="kpi_officer",
        )
        target = self.moods.target_ids
        self.assertEqual(target.value, 12.0)  # 5% more than 11, in whole numbers
        self.assertEqual(target.date_from, fields.Date.today().replace(day=1))
        self.assertFalse(target.judges_earlier)

    def test_a_star_on_the_overview_puts_a_kpi_first(self):
        self.start_tour("/odoo/kpi-home", "kpi_tracking.home", login="kpi_officer")
        self.assertFalse(self.pulse.sudo().starred_user_ids)

    def test_the_target_of_next_year_is_set_where_none_follows(self):
        self.start_tour(
            "/odoo/kpi-targets", "kpi_tracking.next_target", login="kpi_officer"
        )
        later = self.pulse.target_ids.sorted("date_from")[-1]
        self.assertEqual((len(self.pulse.target_ids), later.value), (2, 8))
        self.assertGreater(later.date_from, fields.Date.today())
        self.assertEqual((later.date_from.month, later.date_from.day), (1, 1))

    def test_several_kpis_are_put_into_a_category_at_once(self):
        category = self.env["kpi.definition.category"].create({"name": "Wellbeing"})
        self.start_tour(
            "/odoo/kpi-definitions", "kpi_tracking.several_at_once", login="kpi_officer"
        )
        kpis = (self.pulse | self.moods).definition_id
        self.assertEqual(kpis.category_id, category)

    def test_what_a_view_shows_becomes_a_kpi(self):
        self.start_tour(
            "/odoo/action-base.action_partner_form",
            "kpi_tracking.track_this",
            login="kpi_officer",
        )
        kpi = self.env["kpi.definition"].search([("name", "=", "Partners in use")])
        self.assertEqual((kpi.model_name, kpi.measure), ("res.partner", "count"))
        self.assertEqual(kpi.report_ids.company_id, self.env.company)

    def test_a_new_kpi_is_three_questions(self):
        self.start_tour(
            "/odoo/kpi-definitions", "kpi_tracking.new_definition", login="kpi_officer"
        )
        kpi = self.env["kpi.definition"].search([("name", "=", "Contacts made")])
        self.assertEqual((kpi.computation, kpi.model_name), ("records", "res.partner"))
        self.assertEqual(kpi.report_ids.scope_type, "company")
        self.assertEqual(kpi.owner_id, self.officer)

    def test_a_definition_whose_app_is_gone_is_mended(self):
        definition = self.env["kpi.definition"].create(
            {
                "name": "Won leads",
                "computation": "records",
                "model_name": "res.partner",
                "date_field": "create_date",
                "domain": "[('is_company', '=', True)]",
                "breakdown_ids": [Command.create({"field_path": "country_id"})],
            }
        )
        # As uninstalling leaves it: the rows stay, the model goes.
        definition._write({"model_name": "gone.model"})
        self.start_tour(
            f"/odoo/kpi-definitions/{definition.id}",
            "kpi_tracking.definition_without_app",
            login="kpi_officer",
        )
        self.assertEqual(definition.model_name, "res.partner")

    def _start(self):
        """Address of a KPI's form, and what is drawn there last."""
        return f"/odoo/kpis/{self.moods.id}", ".o_kpi_history canvas"

    def test_every_screen_opens(self):
        screens = (  # action, view, what is drawn there
            ("kpi_report_action", "list", ".o_kpi_report_list .o_data_row svg"),
            ("kpi_report_action", "kanban", ".o_kpi_card svg"),
            ("kpi_report_action", "graph", ".o_graph_renderer"),
            ("kpi_report_action", "pivot", ".o_pivot"),
            ("kpi_report_action", "activity", ".o_activity_view"),
            ("kpi_definition_action", "list", ".o_list_view .o_data_row"),
            ("kpi_definition_action", "kanban", ".o_kanban_record"),
            ("kpi_definition_action", "form", ".o_kpi_definition_form"),
            ("kpi_measurement_action", "list", ".o_list_view .o_data_row"),
            ("kpi_measurement_action_trend", "graph", ".o_graph_renderer"),
            ("kpi_measurement_action", "pivot", ".o_pivot"),
            ("kpi_measurement_breakdown_action", "list", ".o_list_view"),
            ("kpi_measurement_revision_action", "list", ".o_list_view"),
            ("kpi_measurement_revision_action", "kanban", ".o_kanban_record"),
            ("kpi_target_action", "list", ".o_list_view .o_data_row"),
            ("kpi_target_action", "kanban", ".o_kanban_record"),
            ("kpi_target_action", "form", ".o_form_view"),
            ("kpi_target_copy_wizard_action", "form", ".modal .o_form_view"),
            ("kpi_target_value_action", "list", ".o_list_view"),
            ("kpi_target_value_action", "kanban", ".o_kanban_view"),
            ("kpi_base.kpi_team_action", "list", ".o_list_view"),
            ("kpi_base.kpi_team_action", "form", ".o_form_view"),
            ("kpi_calendar_action", "list", ".o_list_view .o_data_row"),
            ("kpi_calendar_action", "form", ".o_form_view"),
            ("kpi_definition_category_action", "list", ".o_list_view"),
            ("kpi_tag_action", "list", ".o_list_view"),
            ("kpi_gauge_widget_action", "list", ".o_list_view .o_data_row"),
            ("kpi_gauge_widget_action", "form", ".o_form_view .o_kpi_gauge svg"),
            ("kpi_base.kpi_job_action", "list", ".o_list_view"),
            ("kpi_period_report_action_saved", "list", ".o_list_view"),
            ("kpi_period_report_action_saved", "form", ".o_form_view"),
            ("kpi_period_report_schedule_action", "list", ".o_list_view"),
            ("kpi_job_action_drift", "graph", ".o_graph_renderer"),
            ("kpi_source_action", "list", ".o_list_view"),
            ("kpi_gallery_set_action", "kanban", ".o_kpi_gallery .o_kanban_record"),
            ("kpi_gallery_kpi_action", "kanban", ".o_kpi_gallery .o_kanban_record"),
            ("kpi_gallery_kpi_action", "list", ".o_list_view .o_group_header"),
            ("kpi_tracking_rule_action", "list", ".o_list_view"),
            ("kpi_tracking_rule_action", "form", ".o_form_view"),
            ("kpi_pack_import_action", "form", ".modal .o_form_view"),
            ("kpi_recompute_wizard_action", "form", ".modal .o_form_view"),
            self._form(
                self.pulse.target_ids,
                ".o_kpi_target_setting_note",
                self.env.ref("kpi_tracking.kpi_target_view_form_setting"),
            ),
        )
        self._visit(screens, "kpi_officer", *self._start())

    def test_every_screen_of_administrators_opens(self):
        screens = (
            ("kpi_base.kpi_delivery_action", "list", ".o_list_view"),
            ("kpi_base.kpi_api_key_action", "list", ".o_list_view"),
            ("kpi_base.kpi_api_log_action", "list", ".o_list_view"),
        )
        self._visit(screens, "admin", *self._start())


@tagged("post_install", "-at_install")
class TestKpiForm(KpiScreensCase):
    """On the widest screen the form has all of the page, and the chatter is below."""

    browser_size = "1920x1080"

    def test_the_chatter_is_below_the_tabs_one_click_away(self):
        self.moods.message_post(body="Why?", message_type="comment")
        self.browser_js(
            f"/odoo/kpis/{self.moods.id}",
            """
            const box = (css) => document.querySelector(css).getBoundingClientRect();
            const [sheet, chatter] = [".o_form_sheet", ".o-mail-Form-chatter"].map(box);
            if (chatter.top < sheet.bottom - 1) throw new Error("not below");
            if (sheet.width < 1800 || chatter.width < 1800) {
                throw new Error(`not wide: ${sheet.width}, ${chatter.width}`);
            }
            const link = document.querySelector(".o_kpi_chatter_link");
            if (!/^Messages 1 · Log \\d+$/.test(link.textContent.trim())) {
                throw new Error(link.textContent);
            }
            link.click();
            const bar = box(".o-mail-Form-chatter .o-mail-Chatter-topbar");
            if (bar.top < 0 || bar.bottom > innerHeight) {
                throw new Error(`at ${bar.top}`);
            }
            if (!document.activeElement.closest(".o-mail-Form-chatter")) {
                throw new Error("without focus");
            }
            console.log("test successful");
            """,
            ready="['.o_kpi_chatter_link', '.o-mail-Chatter-topbar button',"
            " '.o_kpi_history canvas'].every((css) => document.querySelector(css))",
            login="kpi_officer",
        )


@tagged("post_install", "-at_install")
class TestKpiFormNarrow(KpiScreensCase):
    """On the smallest phone the figures are below each other."""

    browser_size = "320x640"
    touch_enabled = True

    def test_the_form_fits(self):
        self.browser_js(
            f"/odoo/kpis/{self.moods.id}",
            """
            const page = document.documentElement;
            const figures = [...document.querySelectorAll(".o_kpi_band_figure")];
            const boxes = figures.map((it) => it.getBoundingClientRect());
            const isOutside = ({ left, right }) => right > 320 || left < -24;
            const outside = boxes.filter(isOutside);
            if (page.scrollWidth > 320 || !boxes.length || outside.length) {
                throw new Error(`${page.scrollWidth} wide, ${boxes.length} figures`);
            }
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_kpi_history canvas') &&"
            " !!document.querySelector('.o_kpi_band')",
            login="kpi_officer",
        )


@tagged("post_install", "-at_install")
class TestKpiScreensPhone(KpiScreensCase):
    """On a phone the list of KPIs is cards, and nothing scrolls sideways."""

    browser_size = "390x844"
    touch_enabled = True

    def test_cards_and_form_fit(self):
        fits = """
            const page = document.documentElement;
            if (page.scrollWidth > page.clientWidth) {
                throw new Error(`scrolls sideways: ${page.scrollWidth}`);
            }
            console.log("test successful");
        """
        paths = {
            "/odoo/kpis": ".o_kpi_card svg",
            f"/odoo/kpis/{self.moods.id}": ".o_kpi_history canvas",
            "/odoo/kpi-definitions/new": ".o_kpi_new_question",
        }
        for path, css in paths.items():
            with self.subTest(path=path):
                self.browser_js(
                    path,
                    fits,
                    ready=f"!!document.querySelector({css!r})",
                    login="kpi_officer",
                )

    def test_no_calendar_lies_over_a_dialog_that_opens(self):
        is_free = """
            setTimeout(() => {
                if (document.querySelector(".o_datetime_picker")) {
                    throw new Error("a calendar is open");
                }
                console.log("test successful");
            }, 1500);
        """
        enter = "[name=action_enter_value]"
        for path, css, code in (
            (
                f"/odoo/kpis/{self.moods.id}",
                f".o_form_view {enter}",
                f"document.querySelector('.o_form_view {enter}').click();{is_free}",
            ),
            (
                "/odoo/action-kpi_tracking.kpi_recompute_wizard_action",
                ".modal .o_form_view",
                is_free,
            ),
            ("/odoo/kpi-targets/new", ".o_form_view [name=date_from]", is_free),
        ):
            with self.subTest(path=path):
                self.browser_js(
                    path,
                    code,
                    ready=f"!!document.querySelector({css!r})",
                    login="kpi_officer",
                )


@tagged("post_install", "-at_install")
class TestKpiFirstStepsPhone(HttpCase):
    """The first steps on the smallest phone, where there is no KPI yet."""

    browser_size = "375x667"
    touch_enabled = True

    def _create_fresh_officer(self):
        """An officer of a company without KPIs, who may read its employees."""
        company = self.env["res.company"].create({"name": "Fresh"})
        return new_test_user(
            self.env,
            login="kpi_fresh_officer",
            groups=f"{OFFICER},hr.group_hr_user",
            company_id=company.id,
            company_ids=company.ids,
        )

    def test_a_new_company_has_its_first_kpis_by_one_click(self):
        officer = self._create_fresh_officer()
        self.env["hr.employee"].create(
            {"name": "First", "company_id": officer.company_id.id}
        )
        self.start_tour(
            "/odoo/kpi-home", "kpi_tracking.start", login="kpi_fresh_officer"
        )
        made = [("company_id", "=", officer.company_id.id)]
        self.assertTrue(self.env["kpi.report"].search_count(made))

    def test_the_first_question_fits_the_smallest_phone(self):
        self._create_fresh_officer()
        self.browser_js(
            "/odoo/kpi-home",
            """
            const page = document.documentElement;
            if (page.scrollWidth > page.clientWidth) {
                throw new Error(`scrolls sideways: ${page.scrollWidth}`);
            }
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_kpi_start_card')",
            login="kpi_fresh_officer",
        )

    def test_the_help_of_the_empty_view_covers_no_step(self):
        self._create_fresh_officer()
        self.browser_js(
            "/odoo/kpis",
            """
            const steps = document.querySelector(".o_kpi_first_steps");
            const end = steps.getBoundingClientRect().bottom;
            const help = document.querySelector(".o_nocontent_help").getClientRects();
            if ([...help].some((box) => box.top < end)) {
                throw new Error("the help lies over the steps");
            }
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_kpi_first_steps') &&"
            " !!document.querySelector('.o_nocontent_help')",
            login="kpi_fresh_officer",
        )
