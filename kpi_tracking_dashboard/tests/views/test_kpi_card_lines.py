from odoo.tests import tagged

from .test_kpi_dashboard_screen import KpiDashboardScreenCase

# Cards that begin at the same height are a row.
SAME_LINE = """
    const rows = Object.groupBy(all(".o_kpi_lines"), (card) =>
        card.closest("article").getBoundingClientRect().top
    );
    const several = Object.values(rows).filter((cards) => cards.length > 1);
    if (!several.length) throw new Error("no row of cards");
    const { display } = getComputedStyle(several[0][0]);
    if (display !== "grid") throw new Error("cards came without their styles");
    for (const cards of several) {
        const bottoms = cards.map(
            (card) => card.querySelector(".o_kpi_value").getBoundingClientRect().bottom
        );
        const apart = Math.max(...bottoms) - Math.min(...bottoms);
        if (apart > 0.5) throw new Error(`values are ${apart} pixels apart`);
    }
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) throw new Error(`the page is ${wide} pixels too wide`);
"""
DRAWN = "document.querySelectorAll('.o_kpi_lines .o_kpi_value').length > 2"


@tagged("post_install", "-at_install")
class TestKpiCardLines(KpiDashboardScreenCase):
    """Values of cards beside each other stand on one line: of 5 · 10¹², of 50, of a KPI
    with a long name, and of one without any."""

    def test_values_of_a_row_of_a_dashboard_have_one_bottom_edge(self):
        self._play(SAME_LINE, DRAWN)

    def test_values_of_a_row_of_the_overview_have_one_bottom_edge(self):
        self._play(SAME_LINE, DRAWN, "/odoo/kpi-home")
