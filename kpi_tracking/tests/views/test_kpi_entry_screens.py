from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .screen_visits import ScreenVisits

OFFICER = "kpi_base.kpi_base_group_officer"


class KpiEntryScreensCase(HttpCase):
    """Two KPIs whose values of the last month are overdue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search([]).active = False
        cls.user = new_test_user(cls.env, login="kpi_officer", groups=OFFICER)
        cls.month = fields.Date.today().replace(day=1) - relativedelta(months=1)
        cls.moods, cls.pulse = cls._owed("Moods"), cls._owed("Pulse")

    @classmethod
    def _owed(cls, name):
        definition = cls.env["kpi.definition"].create(
            {
                "name": name,
                "decimals": 1,
                "entry_due_days": 0,
                "owner_id": cls.user.id,
            }
        )
        report = definition._track_for("company", cls.env.company)
        report.entry_date_from = cls.month
        return report

    def _value(self, report, months=0):
        start = self.month + relativedelta(months=months)
        fact = report.measurement_ids.filtered(lambda row: row.period_start == start)
        return fact.value


@tagged("post_install", "-at_install")
class TestKpiEntryScreens(ScreenVisits, KpiEntryScreensCase):
    def test_values_are_typed_and_pasted_into_the_grid(self):
        self.start_tour(
            "/odoo/kpi-entry-grid", "kpi_tracking.entry_grid", login="kpi_officer"
        )
        self.assertEqual(self._value(self.moods), 7.5)
        self.assertEqual(self._value(self.moods, 1), 8)
        self.assertEqual(self._value(self.pulse), 13)
        self.assertEqual(self._value(self.pulse, 1), 9)
        revision = self.pulse.measurement_ids.revision_ids
        self.assertEqual(revision.reason, "Counted again")

    def test_a_kpi_of_ones_own_has_a_target_and_a_year_of_values(self):
        self.start_tour("/odoo/kpis", "kpi_tracking.new_kpi", login="kpi_officer")
        name = [("definition_id.name", "=", "Customer grumbles")]
        made = self.env["kpi.report"].search(name)
        self.assertEqual(made.target_ids.value, 20)
        self.assertEqual(len(made.measurement_ids), 12)
        self.assertFalse(any(made.submission_ids.mapped("is_late")))

    def test_a_value_far_outside_the_usual_is_asked_about(self):
        for months, value in enumerate((80, 82, 81, 83, 84), 1):
            day = self.month - relativedelta(months=6 - months)
            self.moods._enter_value(day, value)
        self.start_tour(
            "/odoo/kpi-entry-grid",
            "kpi_tracking.entry_grid_unusual",
            login="kpi_officer",
        )
        self.assertEqual(self._value(self.moods), 830)

    def test_every_screen_opens(self):
        self.moods._enter_value(self.month, 4)
        screens = (
            ("kpi_entry_due_action", "list", ".o_data_row"),
            ("kpi_entry_due_action", "kanban", ".o_kanban_record"),
            ("kpi_entry_due_action", "calendar", ".o_calendar_view"),
            ("kpi_entry_due_action_analysis", "pivot", ".o_pivot"),
            ("kpi_entry_due_action_analysis", "graph", ".o_graph_renderer"),
            ("kpi_submission_action", "list", ".o_data_row"),
            ("kpi_submission_action", "kanban", ".o_kanban_record"),
            ("kpi_submission_action", "activity", ".o_activity_view"),
        )
        start = f"/odoo/kpi-entries/{self.moods.submission_ids.id}"
        self._visit(screens, "kpi_officer", start, ".o_form_view .o-mail-Chatter")


@tagged("post_install", "-at_install")
class TestKpiEntryScreensPhone(KpiEntryScreensCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_values_are_entered_on_a_phone(self):
        self.start_tour(
            "/odoo/kpi-entry-grid", "kpi_tracking.entry_grid_phone", login="kpi_officer"
        )
        self.assertEqual(self._value(self.moods), 8)
        self.assertEqual(self.moods.submission_ids.note, "Survey")

    def test_nothing_scrolls_sideways(self):
        fits = """
            const page = document.documentElement;
            if (page.scrollWidth > page.clientWidth) {
                throw new Error(`scrolls sideways: ${page.scrollWidth}`);
            }
            console.log("test successful");
        """
        for path, css in (
            ("/odoo/kpi-entry-grid", ".o_kpi_entry_card"),
            ("/odoo/my-kpi-entries", ".o_kanban_record"),
        ):
            with self.subTest(path=path):
                self.browser_js(
                    path,
                    fits,
                    ready=f"!!document.querySelector({css!r})",
                    login="kpi_officer",
                )
