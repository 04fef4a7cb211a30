"""What axe-core finds on dashboards and pages of links: nothing."""

from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase
from odoo.addons.kpi_tracking.tests.views.axe_case import AxeMixin
from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from .test_kpi_dashboard_screen import DRAWN, HELPERS, KpiDashboardScreenCase


@tagged("post_install", "-at_install")
class TestKpiDashboardAccessibility(
    AxeMixin, ScreenVisits, OwnCursorCase, KpiDashboardScreenCase
):
    def test_dashboard(self):
        path = f"/odoo/kpi-dashboard/{self.board.id}"
        self._check(path, ".o_kpi_dashboard", DRAWN, "olga_board")

    def test_draft_being_arranged(self):
        self.board.group_ids = self.env.ref("kpi_base.kpi_base_group_user")
        draft = self.board.with_user(self.officer).start_draft()
        edit = f"""{HELPERS}
            named("Edit").click();
            await until(() => one(".o_kpi_dashboard_editing"));
        """
        path = f"/odoo/kpi-dashboard/{draft}"
        self._check(path, ".o_kpi_dashboard", DRAWN, "olga_board", before=edit)

    def test_dashboard_in_dark(self):
        self._darken()
        self.test_dashboard()

    def test_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.officer.lang = "ar_001"
        path = f"/odoo/kpi-dashboard/{self.board.id}"
        is_rtl = "!!document.querySelector('.o_rtl')"
        self._check(path, ".o_kpi_dashboard", f"{is_rtl} && {DRAWN}", "olga_board")
        drawn = "!!document.querySelector('#o_kpi_home_dashboards')"
        self._check("/odoo/kpi-home", ".o_kpi_home", drawn, "olga_board")

    def test_overview_with_dashboards(self):
        drawn = "!!document.querySelector('#o_kpi_home_dashboards')"
        self._check("/odoo/kpi-home", ".o_kpi_home", drawn, "olga_board")

    def test_page_of_a_link(self):
        board = self.board.with_user(self.officer)
        address, _share = (
            self.env["kpi.dashboard.share"]
            .with_user(self.officer)
            ._generate(board, expires_on=date.today() + timedelta(days=1))
        )
        base = self.env["ir.config_parameter"].get_base_url()
        drawn = "!!document.querySelector('.o_kpi_share_tile svg')"
        self._check(address.removeprefix(base), ".o_kpi_share", drawn, None)
