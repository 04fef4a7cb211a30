"""What axe-core finds on our screens: nothing."""

from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from unittest import skipUnless

from odoo.tests import tagged

from ..controllers.api_case import OwnCursorCase
from .test_kpi_dashboard_screen import DRAWN, HELPERS, KpiDashboardScreenCase

AXE = find_spec("axe_core_python")
# Inside of an embedded view stands a page of Odoo's own.
CHECK = """
    const exclude = [[".o_kpi_tile_records"]];
    const found = await axe.run({ include: [["%s"]], exclude });
    const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
    if (told.length) throw new Error(told.join(", "));
    if (!found.passes.length) throw new Error("nothing was checked");
"""


@skipUnless(AXE, "axe-core-python is not installed")
@tagged("post_install", "-at_install")
class TestKpiAccessibility(OwnCursorCase, KpiDashboardScreenCase):
    def _check(self, path, css, ready, login="olga_board"):
        axe = Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8")
        self.browser_js(
            path,
            f"{axe}; (async () => {{ {HELPERS} {CHECK % css}"
            " console.log('test successful'); })()",
            ready=ready,
            login=login,
            timeout=120,
        )

    def test_dashboard(self):
        self._check(f"/odoo/kpi-dashboard/{self.board.id}", ".o_kpi_dashboard", DRAWN)

    def test_overview(self):
        drawn = "!!document.querySelector('.o_kpi_home_counts')"
        self._check("/odoo/kpi-home", ".o_kpi_home", drawn)

    def test_page_of_a_link(self):
        board = self.board.with_user(self.officer)
        address, _share = (
            self.env["kpi.dashboard.share"]
            .with_user(self.officer)
            ._generate(board, expires_on=date.today() + timedelta(days=1))
        )
        base = self.env["ir.config_parameter"].get_base_url()
        drawn = "!!document.querySelector('.o_kpi_share_tile svg')"
        self._check(address.removeprefix(base), ".o_kpi_share", drawn, login=None)
