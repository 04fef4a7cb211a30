from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.models.entered_case import EnteredCase
from odoo.addons.kpi_tracking.tests.views.axe_case import AxeMixin

# Next to the chart: the dialog in which each period and each way can be chosen.
WHY = "document.querySelector('.o_kpi_why_ways button')"
SHOWN = "document.querySelector('.o_kpi_change .o_kpi_waterfall_bar')"
OPEN = f"""
    const bars = [...document.querySelectorAll(".o_kpi_why .o_kpi_waterfall_text")];
    const short = bars.map((it) => it.textContent).join(" ");
    if (short !== "120 −40 +10 90") throw new Error(short);
    {WHY}.click();
    for (let tries = 0; tries < 300 && !{SHOWN}; tries++) {{
        await new Promise((resolve) => setTimeout(resolve, 100));
    }}
    if (!{SHOWN}) throw new Error("no bars");
    const texts = [...document.querySelectorAll(".o_kpi_change .o_kpi_waterfall_text")];
    const shown = texts.map((it) => it.textContent).join(" ");
    if (shown !== "120 −40 +10 90") throw new Error(shown);
"""


@tagged("post_install", "-at_install")
class TestKpiChangeScreen(AxeMixin, EnteredCase, HttpCase):
    """The dialog that shows why a KPI moved, as a manager opens it."""

    def test_why_it_moved(self):
        sales = self._track(self.revenue.definition_id, self.sales)
        self._fill(sales, {"2026-01": 100, "2026-02": 60})
        self.revenue.shared_user_ids = self.manager
        path = f"/odoo/kpi.report/{self.revenue.id}"
        self._check(path, ".o_kpi_change", WHY, "manager", before=OPEN)
