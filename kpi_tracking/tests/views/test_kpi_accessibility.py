"""What axe-core finds on our screens: nothing."""

from odoo.tests import tagged

from .axe_case import AxeMixin
from .screen_visits import ScreenVisits
from .test_kpi_screens import KpiScreensCase


@tagged("post_install", "-at_install")
class TestKpiAccessibility(AxeMixin, ScreenVisits, KpiScreensCase):
    def test_overview(self):
        drawn = "!!document.querySelector('.o_kpi_home_counts')"
        self._check("/odoo/kpi-home", ".o_kpi_home", drawn, "kpi_officer")

    def test_kpis_in_dark(self):
        self._darken()
        target = {"report_id": self.moods.id, "date_from": "2020-01-01", "value": 15.0}
        self.env["kpi.target"].create(target)
        screens = (
            ("kpi_report_action", "list", ".o_kpi_report_list .o_data_row svg"),
            ("kpi_report_action", "kanban", ".o_kpi_card svg"),
            self._form(self.moods, ".o_kpi_history canvas"),
        )
        self._visit(screens, "kpi_officer", "/odoo/kpi-home", ".o_kpi_home_counts")

    def test_what_menus_open_in_dark(self):
        self._darken()
        found = (
            self.env["ir.ui.menu"].search([("action", "!=", False)]).get_external_id()
        )
        menus = self.env["ir.ui.menu"].browse(
            menu_id
            for menu_id, name in found.items()
            if name.startswith(("kpi_base.", "kpi_tracking."))
        )
        screens = {}
        for action in (menu.action for menu in menus):
            if action._name in ("ir.actions.act_window", "ir.actions.client"):
                view = getattr(action, "view_mode", "").split(",")[0]
                name = action.get_external_id()[action.id]
                screens[name] = (name, view, ".o_content, .o_action")
        self.assertGreaterEqual(len(screens), 30)
        self._visit(
            screens.values(), "admin", "/odoo/kpi-home", ".o_action_manager > *"
        )

    def test_first_steps(self):
        css = ".o_kpi_first_steps"
        ready = f"!!document.querySelector('{css} li')"
        self._check("/odoo/kpis", css, ready, "kpi_officer")
