"""What axe-core finds on our screens: nothing."""

from odoo.tests import tagged

from .axe_case import WAIT, AxeMixin, axe_source
from .test_kpi_screens import KpiScreensCase


@tagged("post_install", "-at_install")
class TestKpiAccessibility(AxeMixin, KpiScreensCase):
    def test_overview(self):
        drawn = "!!document.querySelector('.o_kpi_home_counts')"
        self._check("/odoo/kpi-home", ".o_kpi_home", drawn, "kpi_officer")

    def test_contrast(self):
        """Texts stand out from their ground by 4.5 at least (WCAG 2.1, 1.4.3)."""
        css = ".o_kpi_first_steps"
        ready = f"!!document.querySelector('{css} li')"
        self.browser_js(
            "/odoo/kpis",
            f"""{axe_source()}; (async () => {{
                {WAIT % ready}
                const found = await axe.run("{css}", {{ runOnly: ["color-contrast"] }});
                const wrong = found.violations.flatMap(({{ nodes }}) => nodes.map(
                    ({{ html, any }}) => `${{html}} ${{any[0].message}}`
                ));
                if (wrong.length) throw new Error(wrong.join("\\n"));
                if (!found.passes.length) throw new Error("nothing was checked");
                console.log("test successful");
            }})()""",
            ready="document.readyState === 'complete'",
            login="kpi_officer",
            timeout=180,
        )
