from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.tat_case import TatCase

START = ("/odoo/tat-queue", ".o_list_view .o_data_row")
SCREENS = (  # action, view, what is drawn there
    ("kpi_tat_level_action_queue", "list", ".o_list_view .o_data_row"),
    ("kpi_tat_level_action_queue", "kanban", ".o_kanban_record"),
    ("kpi_tat_request_action", "list", ".o_list_view .o_data_row"),
    ("kpi_tat_request_action", "kanban", ".o_kanban_record"),
    ("kpi_tat_alert_action", "list", ".o_list_view .o_data_row"),
)


@tagged("post_install", "-at_install")
class TestKpiTatScreens(ScreenVisits, TatCase, HttpCase):
    """Screens of requests and clocks open, and axe-core finds nothing."""

    addon = "kpi_workflow_tat"

    def test_lists_and_forms(self):
        request = self._submit()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        row = self._get_row(request, self.ann)
        forms = (
            self._form(request, "button[name=action_open_approve]"),
            self._form(row, ".o_form_view [name=tat_hours_elapsed]"),
        )
        self._visit((*SCREENS, *forms), self.ann.login, *START)
