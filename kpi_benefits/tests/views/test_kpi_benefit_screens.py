from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.baseline_case import BaselineCase, RedefinitionCase

START = ("/odoo/initiatives", ".o_list_view .o_data_row")
SCREENS = (  # action, view, what is drawn there
    ("kpi_initiative_action", "list", ".o_list_view .o_data_row"),
    ("kpi_initiative_action", "kanban", ".o_kanban_record"),
    ("kpi_initiative_action", "pivot", ".o_pivot"),
    ("kpi_initiative_action", "graph", ".o_graph_view canvas"),
    ("kpi_benefit_realization_action", "list", ".o_list_view .o_data_row"),
    ("kpi_benefit_realization_action", "kanban", ".o_kanban_record"),
    ("kpi_benefit_period_action", "pivot", ".o_pivot"),
    ("kpi_baseline_action", "list", ".o_list_view .o_data_row .o_kpi_progress"),
    ("kpi_baseline_action", "kanban", ".o_kanban_record"),
    ("kpi_value_leakage_action", "kanban", ".o_kanban_record"),
    ("kpi_value_leakage_action", "list", ".o_list_view .o_data_row"),
    ("kpi_value_leakage_action", "pivot", ".o_pivot"),
    ("kpi_value_leakage_action", "graph", ".o_graph_view canvas"),
    ("kpi_benefit_assumption_action", "list", ".o_list_view .o_data_row"),
    ("kpi_benefit_assumption_action", "kanban", ".o_kanban_record"),
    ("kpi_benefit_confidence_action", "list", ".o_list_view .o_data_row"),
    ("kpi_benefit_confidence_action", "kanban", ".o_kanban_record"),
    ("kpi_benefit_calibration_action", "form", ".o_kpi_calibration_content table"),
    ("kpi_benefit_map_action", "form", ".o_kpi_map_node"),
    ("kpi_benefit_node_action", "list", ".o_list_view .o_data_row"),
    ("kpi_benefit_node_action", "kanban", ".o_kanban_record"),
    ("kpi_initiative_gate_action", "list", ".o_list_view .o_data_row"),
    ("kpi_initiative_gate_action", "kanban", ".o_kanban_record"),
    ("kpi_reference_class_action", "list", ".o_list_view .o_data_row"),
    ("kpi_reference_class_action", "kanban", ".o_kanban_record"),
    ("kpi_post_implementation_review_action", "list", ".o_list_view .o_data_row"),
    ("kpi_post_implementation_review_action", "kanban", ".o_kanban_record"),
    ("kpi_lesson_action", "list", ".o_list_view .o_data_row"),
    ("kpi_lesson_action", "kanban", ".o_kanban_record"),
    ("kpi_lesson_tag_action", "list", ".o_list_view .o_data_row"),
    ("kpi_initiative_import_action", "list", ".o_list_view"),
    ("kpi_benefit_portfolio_action", "", ".o_kpi_benefits_bar_lost"),
)


@tagged("post_install", "-at_install")
class TestKpiBenefitScreens(ScreenVisits, BaselineCase, HttpCase):
    """Screens of initiatives open, and axe-core finds nothing."""

    addon = "kpi_benefits"

    def test_lists_and_forms(self):
        initiative = self._make(
            go_live_date="2026-01-05",
            gate_ids=[Command.create({"name": "Case", "forecast_date": "2026-01-05"})],
            cost_ids=[Command.create({"planned": 5, "forecast": 7})],
        )
        benefit = self.env["kpi.benefit.realization"].create(
            {
                "name": "Less work",
                "initiative_id": initiative.id,
                "amount": 100,
                "date_from": "2026-01-01",
                "date_to": "2026-06-30",
                "assumptions": "Prices stay",
            }
        )
        kpi = self._kpi()
        baseline = self._baseline(kpi, initiative)
        self._months(kpi, 15, year=fields.Date.today().year - 1)
        baseline.baseline_date = "2020-01-01"
        review = self.env["kpi.post.implementation.review"].create(
            {
                "initiative_id": initiative.id,
                "executive_summary": "Connection successful.",
                "lesson_ids": [
                    Command.create(
                        {
                            "lesson": "Begin with the data.",
                            "tag_ids": [Command.create({"name": "Data"})],
                        }
                    )
                ],
                "recommendation_ids": [Command.create({"description": "Go on."})],
            }
        )
        self._as(self.olga, review).action_submit()
        self._as(self.sue, review).action_approve()
        self._as(self.olga, review).action_publish()
        approved = self._make(name="Archive", approved_on="2025-01-01")
        leaking = benefit.copy({"initiative_id": approved.id})
        leakage = self.env["kpi.value.leakage"].create(
            {"name": "Paper forms", "benefit_id": leaking.id, "estimated_impact": 5}
        )
        node = self.env["kpi.benefit.node"].create(
            {"name": "No paper", "initiative_id": initiative.id}
        )
        self.env["kpi.benefit.link"].create(
            {"source_node_id": node.id, "target_benefit_id": benefit.id}
        )
        ended = benefit.copy({"date_from": "2025-01-01", "date_to": "2025-06-30"})
        for one in (benefit, ended):
            self.env["kpi.benefit.confidence"].create(
                {
                    "benefit_id": one.id,
                    "probability": 0.5,
                    "reason": "Two sites",
                    "date": "2024-12-01",
                }
            )
        forms = (
            self._form(baseline, "button[name=action_enter_value]"),
            self._form(review, "[name=executive_summary]"),
            self._form(review.lesson_ids, ".o_form_view [name=lesson]"),
            self._form(leakage, "button[name=action_investigate]"),
            self._form(node, ".o_form_view [name=source_link_ids]"),
            self._form(benefit, "button[name=action_confirm_status]"),
            self._form(benefit.assumption_ids, "button[name=action_check]"),
            self._form(initiative, "button[name=action_approve]"),
            self._form(initiative.gate_ids, ".o_form_view [name=approving_body]"),
        )
        self._visit((*SCREENS, *forms), self.pia.login, *START)


@tagged("post_install", "-at_install")
class TestKpiBaselineRedefinedScreen(RedefinitionCase, HttpCase):
    """What a redefined KPI asks of the owner of a benefit."""

    def test_a_new_baseline_is_asked_for_until_it_is_entered_or_kept(self):
        baseline = self._measuring()
        benefit = self._measured_benefit(baseline)
        self._redefine(baseline.report_id)
        self.assertTrue(benefit.is_redefined)
        self.start_tour(
            f"/odoo/kpi.benefit.realization/{benefit.id}",
            "kpi_benefits.baseline_redefined",
            login=self.olga.login,
        )
        self.env.invalidate_all()
        self.assertFalse(benefit.is_redefined)
