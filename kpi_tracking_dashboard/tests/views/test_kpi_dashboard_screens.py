from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from .test_kpi_dashboard_screen import KpiDashboardScreenCase


@tagged("post_install", "-at_install")
class TestKpiDashboardScreens(ScreenVisits, KpiDashboardScreenCase):
    """Lists and forms around dashboards open without an error of the browser."""

    addon = "kpi_tracking_dashboard"

    def test_every_screen_opens(self):
        screens = (  # action, view, what is drawn there
            ("kpi_dashboard_action", "kanban", ".o_kanban_record"),
            ("kpi_dashboard_action", "list", ".o_list_view .o_data_row"),
            ("kpi_dashboard_action", "form", ".o_form_view"),
            ("kpi_dashboard_card_action", "list", ".o_list_view .o_data_row"),
            ("kpi_dashboard_card_action", "form", ".o_form_view"),
            ("kpi_dashboard_share_action", "list", ".o_list_view"),
            ("kpi_dashboard_schedule_action", "list", ".o_list_view"),
            ("kpi_dashboard_schedule_action", "kanban", ".o_kanban_view"),
            ("kpi_dashboard_schedule_action", "form", ".o_form_view"),
            ("kpi_gallery_dashboard_action", "kanban", ".o_kanban_record"),
        )
        start = f"/odoo/kpi-dashboard/{self.board.id}"
        self._visit(screens, "olga_board", start, ".o_kpi_tile_body")
