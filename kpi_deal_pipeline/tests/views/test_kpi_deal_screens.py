from datetime import date, datetime

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..commission_case import CommissionCase

BOARD = ("kpi_deal_action", "kanban", ".o_kpi_deal_legend")
START = ("/odoo/performance-benchmarks", ".o_list_view")
LOGIN = "deal-screens"


@tagged("post_install", "-at_install")
class TestKpiDealScreens(ScreenVisits, CommissionCase, HttpCase):
    """Screens of deals open without an error, and axe-core finds nothing on them."""

    addon = "kpi_deal_pipeline"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plan("percentage", rate=0.1)
        cls.boss = cls._user("screens", "admin")
        cls.boss.group_ids = [Command.link(cls.env.ref(OFFICER).id)]
        with freeze_time("2026-04-20 09:00:00"):
            cls._make_deals()
        cls.benchmark = cls.env["kpi.performance.benchmark"].create(
            {
                "metric_key": "avg_cycle_days",
                "value_numeric": 62,
                "sample_size": 10,
                "source": "Almanac",
                "company_id": cls.company.id,
            }
        )
        performance = cls.env["kpi.agent.performance"]
        performance._take(date(2026, 4, 30), cls.company, datetime(2026, 5, 1))
        cls.performance = performance.search([("company_id", "=", cls.company.id)])[:1]

    @classmethod
    def _make_deals(cls):
        cls.deal = cls._deal(
            estimated_value_amount=1_829_000,
            confidence=0.45,
            expected_close_date="2026-01-31",
        )
        cls._deal("Quay 8", estimated_value_amount=50_000, confidence=0.1)
        cls.won = cls._won(900.0)
        cls._bill(cls.won, 900.0)
        cls.won.commission_ids.with_user(cls.manager).action_confirm()
        cls.statement = cls._statement()
        cls.statement.action_issue()
        cls.dispute = (
            cls.env["kpi.commission.dispute"]
            .with_user(cls.agent)
            .create(
                {
                    "commission_id": cls.won.commission_ids.id,
                    "reason": "The fee was agreed before.",
                }
            )
        )

    def test_deals(self):
        screens = (  # action, view, what is drawn there
            BOARD,
            ("kpi_deal_action", "list", ".o_list_view .o_data_row"),
            ("kpi_deal_action", "calendar", ".o_calendar_view"),
            ("kpi_deal_action", "pivot", ".o_pivot"),
            ("kpi_deal_action", "graph", ".o_graph_renderer"),
            ("kpi_deal_action", "form", ".o_form_view"),
            ("kpi_deal_property_action", "list", ".o_list_view"),
            ("kpi_deal_property_action", "kanban", ".o_kanban_view"),
            ("kpi_deal_property_action", "form", ".o_form_view"),
            ("kpi_deal_stage_action", "list", ".o_list_view .o_data_row"),
            ("kpi_deal_win_model_action", "list", ".o_list_view"),
            ("kpi_deal_import_action", "list", ".o_list_view"),
            ("kpi_deal_import_action", "form", ".o_form_view"),
            self._form(self.deal),
            self._form(self.won),
        )
        self._visit(screens, LOGIN, *START)

    def test_what_a_deal_would_earn(self):
        """A page of the deal's form that opens second."""
        view = self.env["ir.ui.view"].create(
            {
                "name": "estimate",
                "model": "kpi.deal",
                "priority": 99,
                "arch": "<form><widget name='kpi_deal_estimate'/></form>",
            }
        )
        screen = self._form(self.deal, ".o_kpi_deal_estimate_gain", view)
        self._visit([screen], LOGIN, *START)

    def test_what_an_agent_will_earn(self):
        kpi = self.env["kpi.definition"].create(
            {"name": "Calls", "frequency": "month", "company_id": self.company.id}
        )
        report = kpi._track_for("user", self.agent)
        rows = [(report.id, date(2026, 1, 1), 5.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="api")
        screen = ("kpi_tracking.kpi_home_action", "", ".o_kpi_earnings dl")
        self._visit([screen], self.agent.login, "/odoo/kpi-home", ".o_kpi_home")

    def test_commissions(self):
        screens = (
            ("kpi_commission_action", "list", ".o_list_view .o_data_row"),
            ("kpi_commission_action", "kanban", ".o_kanban_record"),
            ("kpi_commission_action", "pivot", ".o_pivot"),
            ("kpi_commission_dispute_action", "list", ".o_list_view .o_data_row"),
            ("kpi_commission_dispute_action", "kanban", ".o_kanban_record"),
            ("kpi_commission_statement_action", "list", ".o_list_view .o_data_row"),
            ("kpi_commission_statement_action", "kanban", ".o_kanban_record"),
            ("kpi_commission_plan_action", "list", ".o_list_view .o_data_row"),
            ("kpi_commission_plan_action", "kanban", ".o_kanban_record"),
            ("kpi_commission_plan_action", "form", ".o_form_view"),
            ("kpi_deal_billing_action", "list", ".o_list_view .o_data_row"),
            ("kpi_deal_billing_action", "kanban", ".o_kanban_record"),
            self._form(self.won.commission_ids),
            self._form(self.dispute),
            self._form(self.statement),
        )
        self._visit(screens, LOGIN, *START)

    def test_a_change_of_a_plan_is_reviewed_and_applied(self):
        director = self.director
        plan = self._plan("percentage", rate=0.1, agent_ids=[Command.set(director.ids)])
        deal = self._won(1000.0, agent_id=director.id)
        self.start_tour(
            f"/odoo/commission-plans/{plan.id}",
            "kpi_deal_pipeline.plan_change",
            login=LOGIN,
        )
        self.assertEqual(deal.commission_ids.commission_amount, 100)
        job = self.env["kpi.job"].search([("kind", "=", "commission_plan")])
        self.assertEqual(job.commission_plan_ids, plan)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()
        self.env.invalidate_all()
        self.assertEqual((job.state, job.error), ("done", False))
        self.assertEqual(deal.commission_ids.commission_amount, 200)

    def test_a_won_deal_is_reopened(self):
        self.start_tour(
            f"/odoo/deals/{self.won.id}", "kpi_deal_pipeline.reopen", login=LOGIN
        )
        self.assertEqual(self.won.status, "open")
        event = self.won.stage_event_ids.sorted("id")[-1]
        self.assertEqual(event.note, "Not signed")

    def test_performance(self):
        screens = (  # with the moment until which the figures count
            (
                "kpi_agent_performance_action",
                "list",
                ".o_list_view .o_data_row td[name=known_at]:not(:empty)",
            ),
            (
                "kpi_agent_performance_action",
                "kanban",
                ".o_kanban_record div.text-muted span:not(:empty)",
            ),
            ("kpi_agent_performance_action_trend", "graph", ".o_graph_renderer"),
            ("kpi_performance_benchmark_action", "list", ".o_list_view .o_data_row"),
            ("kpi_performance_benchmark_action", "kanban", ".o_kanban_record"),
            ("kpi_performance_benchmark_action", "form", ".o_form_view"),
            ("kpi_performance_benchmark_import_action", "list", ".o_list_view"),
            self._form(self.performance),
            self._form(self.benchmark),
        )
        self._visit(screens, LOGIN, *START)

    def test_returns(self):
        self._make_returns()
        screens = (
            ("kpi_deal_roi_action", "pivot", ".o_pivot .o_pivot_cell_value"),
            ("kpi_deal_roi_action", "graph", ".o_graph_renderer"),
            ("kpi_deal_roi_action", "list", ".o_list_view .o_data_row"),
            ("kpi_deal_roi_action", "kanban", ".o_kanban_record"),
            ("kpi_deal_roi_action_trend", "pivot", ".o_pivot .o_pivot_cell_value"),
            ("kpi_deal_roi_action_trend", "graph", ".o_graph_renderer"),
        )
        self._visit(screens, LOGIN, *START)

    def _make_returns(self):
        """Deals won today, as the screens show this year."""
        today = fields.Date.today()
        self._won(1000.0, today, title="Quay 9", lead_source="Web")
        boss = {"agent_id": self.boss.id, "lead_source": "Gift"}  # in no plan
        self._won(200.0, today, title="Quay 10", **boss)

    def test_returns_lead_to_the_deals_behind_them(self):
        self._make_returns()
        tour = "kpi_deal_pipeline.return_on_commission"
        self.start_tour("/odoo/performance-benchmarks", tour, login=LOGIN)

    def test_a_note_is_logged_from_a_card(self):
        path = "/odoo/action-kpi_deal_pipeline.kpi_deal_action"
        self.start_tour(path, "kpi_deal_pipeline.log_note", login=LOGIN)

    def test_board_and_form_in_dark(self):
        self._darken()
        self._visit((BOARD, self._form(self.deal)), LOGIN, *START)


@tagged("post_install", "-at_install")
class TestKpiDealListsFit(CommissionCase, HttpCase):
    """Lists show whole amounts and names on a usual screen."""

    browser_size = "1440x900"

    def _check_fits(self, path):
        code = """
            (async () => {
                // long titles end with an ellipsis
                const css = ".o_data_row td:not([name=title], [name=partner_id])";
                const cells = () => [...document.querySelectorAll(css)];
                for (let tries = 0; tries < 200 && !cells().length; tries++) {
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                await new Promise((resolve) => setTimeout(resolve, 500));
                if (!cells().length) {
                    throw new Error(document.body.textContent.slice(0, 500));
                }
                const cut = cells().filter((it) => it.scrollWidth > it.clientWidth);
                if (cut.length) {
                    throw new Error("cut: " + cut.map((it) => it.textContent));
                }
                console.log("test successful");
            })();
        """
        self.browser_js(path, code, login=self.boss.login)

    def test_amounts_agents_and_stages(self):
        self._plan("marginal", name="Property: three tiers")
        self.boss = self._user("screens", "admin")
        today = fields.Date.today()
        self.agent.name = "Charlotte Brandis"
        self._won(9_362_000.0, today, title="Quay 9", lead_source="Trade Fair")
        self._deal("Quay 8", pipeline_stage="due_diligence")
        self._won(1000.0, title="Management of Weserpark Offices, Bremen")
        self._check_fits("/odoo/deals?view_type=list")


@tagged("post_install", "-at_install")
class TestKpiDealPerformanceOnPhone(CommissionCase, HttpCase):
    """Performance opens as cards that fit the screen, with the lists' figures."""

    browser_size = "390x844"
    touch_enabled = True

    def _check_card(self, path, text):
        boss = self._user("screens", "admin")
        code = """
            (async () => {
                const cards = ".o_kanban_record:not(.o_kanban_ghost)";
                const card = () => document.querySelector(cards);
                for (let tries = 0; tries < 200 && !card(); tries++) {
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                if (!card()?.textContent.replace(/\\s+/g, " ").includes(%r)) {
                    throw new Error(document.body.textContent.slice(0, 500));
                }
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    throw new Error("the page scrolls sideways");
                }
                console.log("test successful");
            })();
        """
        self.browser_js(path, code % text, login=boss.login)

    def test_the_return_on_commission_is_readable(self):
        self._plan("percentage", rate=0.1)
        self._won(1000.0, fields.Date.today(), title="Quay 9", lead_source="Web")
        self._check_card("/odoo/return-on-commission", "Quay 9")

    def test_agents_are_compared_over_the_same_year(self):
        today = fields.Date.today()
        for years in (0, 2):
            self._won(
                1000.0,
                today - relativedelta(years=years),
                opened_at=datetime(2020, 1, 1),
            )
        # What was recorded in the second that runs counts, too.
        soon = fields.Datetime.now() + relativedelta(minutes=1)
        self.env["kpi.agent.performance"]._take(today, self.company, known_at=soon)
        self._check_card("/odoo/agent-performance", "1 won, 365 days")
