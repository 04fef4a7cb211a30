from lxml import etree

from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.tat_case import TatCase

LIST, PIVOT, GRAPH = ".o_list_view .o_data_row", ".o_pivot", ".o_graph_renderer"
CARD = ".o_kanban_record"
GROUP = ".o_list_view .o_group_header"
REPORTS = (
    "alert_summary",
    "approver_performance",
    "compliance",
    "daily_metrics",
    "department_summary",
    "engagement",
    "request_volume",
    "workflow_aging",
)
SCREENS = (
    *((f"kpi_tat_{report}_action", "list", LIST) for report in REPORTS),
    *((f"kpi_tat_{report}_action", "pivot", PIVOT) for report in REPORTS),
    *((f"kpi_tat_{report}_action", "graph", GRAPH) for report in REPORTS),
    *((f"kpi_tat_{report}_action", "kanban", CARD) for report in REPORTS),
    # the lists of these two are grouped
    *(
        (f"kpi_tat_{report}", view_type, css)
        for report in ("compliance_action_delay", "lifecycle_action")
        for view_type, css in (
            ("list", GROUP),
            ("pivot", PIVOT),
            ("graph", GRAPH),
            ("kanban", CARD),
        )
    ),
    ("kpi_tat_pending_action", "form", ".modal [name=answer] table"),
    ("kpi_tat_staffing_action", "form", ".modal .o_form_view"),
    ("kpi_tat_report_schedule_action", "list", ".o_list_view"),
    ("kpi_tat_approval_times_action", "", ".o_kpi_times_section canvas"),
)


@tagged("post_install", "-at_install")
class TestKpiTatReportScreens(ScreenVisits, TatCase, HttpCase):
    """The page and its lists, pivots and graphs open, and axe-core finds nothing."""

    addon = "kpi_workflow_tat"

    def test_cards_of_breaches_say_what_the_list_says(self):
        view = self.env["kpi.tat.compliance"].get_view(view_type="kanban")
        names = {
            node.get("name") for node in etree.fromstring(view["arch"]).iter("field")
        }
        self.assertLessEqual(
            {"hours_until_now", "tat_hours_allocated", "outcome", "reason"}, names
        )

    def test_reports(self):
        self._submit()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
            late = self._submit()
        with self._at("2026-03-25 13:00:00"):
            late.with_user(self.ann).action_approve()
            self.olga.group_ids = self.env.ref("kpi_base.kpi_base_group_officer")
            self._visit(SCREENS, self.olga.login, "/odoo/tat-aging", LIST)
