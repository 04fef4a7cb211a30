from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.benefit_case import BenefitCase

START = ("/odoo/initiatives", ".o_kanban_record, .o_data_row")
CHART = ".o_kpi_insights canvas"


@tagged("post_install", "-at_install")
class TestKpiBenefitValueScreens(ScreenVisits, BenefitCase, HttpCase):
    """What initiatives bring is drawn: their dashboards, forms and insights."""

    addon = "kpi_benefits"

    def setUp(self):
        super().setUp()
        self.program = self._make(name="Digital")
        gates = [Command.create({"name": "Case", "forecast_date": "2026-01-05"})]
        self.initiative = self._make(
            name="Tablets", parent_id=self.program.id, gate_ids=gates
        )
        self.benefit = self._benefit(self.initiative, date_from="2025-01-01")
        self.benefit.period_ids[:9].realized = 500
        # a proposal opens at its first step
        (self.program + self.initiative).status = "approved"

    def test_dashboards_forms_and_insights(self):
        screens = (
            self._dashboard(self.program, ".o_kpi_benefits_list button"),
            self._dashboard(self.initiative, ".o_kpi_benefits_gates li"),
            self._form(self.program, CHART),
            self._form(self.initiative, ".o_kpi_insights .o_kpi_benefits_gates li"),
            self._form(self.benefit, CHART, self._make_insights_view()),
        )
        self._visit(screens, self.pia.login, *START)

    def _dashboard(self, initiative, css):
        """The dashboard of an initiative, as ``_visit`` takes it."""
        name = f"test_dashboard_{initiative.id}"
        action = self.env["ir.actions.client"].create(
            {
                "name": name,
                "tag": "kpi_benefits.initiative_dashboard",
                "context": {"active_id": initiative.id},
            }
        )
        self.env["ir.model.data"].create(
            {
                "module": self.addon,
                "name": name,
                "model": action._name,
                "res_id": action.id,
            }
        )
        return name, "", css

    def _make_insights_view(self):
        """The page Insights of a benefit alone, which no click has to lead to."""
        return self.env["ir.ui.view"].create(
            {
                "name": "test insights",
                "model": "kpi.benefit.realization",
                "arch": "<form><widget name='kpi_benefit_insights'/></form>",
            }
        )


@tagged("post_install", "-at_install")
class TestKpiBenefitValueScreensOnPhone(TestKpiBenefitValueScreens):
    """The same on a phone."""

    browser_size = "390x844"
    touch_enabled = True


@tagged("post_install", "-at_install")
class TestKpiBenefitValueScreensInTheDark(TestKpiBenefitValueScreens):
    """The same in dark colours."""

    def setUp(self):
        super().setUp()
        self._darken()
