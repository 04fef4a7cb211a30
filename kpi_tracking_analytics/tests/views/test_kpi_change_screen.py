from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.models.entered_case import EnteredCase
from odoo.addons.kpi_tracking.tests.views.axe_case import AxeMixin

# In the menu that holds the fourth button and the following ones.
MORE = "document.querySelector('.o_statusbar_buttons button[title=More]')"
EXPLAIN = "document.querySelector('button[name=action_explain_change]')"
SHOWN = "document.querySelector('.o_kpi_change .o_kpi_waterfall_bar')"
OPEN = f"""
    {MORE}.click();
    for (let tries = 0; tries < 100 && !{EXPLAIN}; tries++) {{
        await new Promise((resolve) => setTimeout(resolve, 50));
    }}
    {EXPLAIN}.click();
    for (let tries = 0; tries < 300 && !{SHOWN}; tries++) {{
        await new Promise((resolve) => setTimeout(resolve, 100));
    }}
    if (!{SHOWN}) throw new Error("no bars");
    const texts = [...document.querySelectorAll(".o_kpi_waterfall_text")];
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
        self._check(path, ".o_kpi_change", MORE, "manager", before=OPEN)
