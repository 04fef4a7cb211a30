import json

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.kpi_base.tests.common import is_in_sample

STYLES = ("circular", "linear", "speedometer", "thermometer")
ARCHS = {
    "list": "<list><field name='name'/>%s</list>",
    "kanban": "<kanban><templates><t t-name='card'>%s</t></templates></kanban>",
    "form": "<form>%s</form>",
}
OFFICER = "base.group_user,kpi_base.kpi_base_group_officer"


class KpiGaugeScreensCase(HttpCase):
    """A number of partners as a gauge of every style, in every kind of view."""

    kinds = tuple(ARCHS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(cls.env, login="kpi_gauges", groups=OFFICER)
        cls.partner = cls.env["res.partner"].create(
            {"name": "<b>Long name</b> " * 9, "partner_latitude": 1e9}
        )
        cls.actions = {
            style: cls._action(
                '<field name="partner_latitude" widget="kpi_gauge"'
                f" options=\"{{'style': '{style}', 'target': 60}}\"/>"
            )
            for style in STYLES
        }

    @classmethod
    def _action(cls, field):
        """An action whose views hold ``field``."""
        views = [
            Command.create(
                {
                    "view_mode": kind,
                    "view_id": cls.env["ir.ui.view"]
                    .create(
                        {"name": kind, "model": "res.partner", "arch": arch % field}
                    )
                    .id,
                }
            )
            for kind, arch in ARCHS.items()
        ]
        values = {"name": "Gauges", "res_model": "res.partner", "view_ids": views}
        domain = [("id", "=", cls.partner.id)]
        action = cls.env["ir.actions.act_window"].create({**values, "domain": domain})
        return action.id

    @staticmethod
    def _css(style, kind):
        """What is drawn; rows and cards have a slim bar."""
        is_slim = style == "linear" and kind != "form"
        return ".o_kpi_gauge_bar" if is_slim else f".o_kpi_gauge_{style}"

    def _visit(self):
        """Open each style in each view; whatever the console says fails the test.

        On a phone a third of them, and all in long tests.
        """
        screens = [
            (action, kind, self._css(style, kind))
            for style, action in self.actions.items()
            for kind in self.kinds
            if not self.touch_enabled or is_in_sample(f"{style} gauge, {kind}")
        ]
        self.assertTrue(screens)
        code = f"""
            const {{ action }} = odoo.__WOWL_DEBUG__.root.env.services;
            const page = document.documentElement;
            const drawn = async (css) => {{
                for (let tries = 0; tries < 100; tries++) {{
                    if (document.querySelector(css)) return;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }}
                throw new Error(`nothing matches ${{css}}`);
            }};
            (async () => {{
                for (const [id, viewType, css] of {json.dumps(screens)}) {{
                    const props = {{ resId: {self.partner.id} }};
                    const options = {{ clearBreadcrumbs: true, viewType, props }};
                    await action.doAction(id, options);
                    await drawn(`.o_${{viewType}}_view ${{css}} .o_kpi_gauge_arrow`);
                    if (page.scrollWidth > page.clientWidth) {{
                        throw new Error(`${{viewType}} scrolls sideways for ${{css}}`);
                    }}
                }}
                console.log("test successful");
            }})();
        """
        self._run(code)

    def _preview(self):
        """Open the cards of gauges; each preview takes the room that it has there."""
        gauges = self.env["kpi.gauge.widget"]
        gauges.search([]).active = False
        gauges.create([{"name": style, "gauge_type": style} for style in STYLES])
        self._run(
            f"""
            const {{ action }} = odoo.__WOWL_DEBUG__.root.env.services;
            const css = ".o_kanban_record .o_field_kpi_gauge_sample > *";
            const drawn = async () => {{
                for (let tries = 0; tries < 100; tries++) {{
                    const found = [...document.querySelectorAll(css)];
                    if (found.length === {len(STYLES)}) return found;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }}
                throw new Error("not all are drawn");
            }};
            (async () => {{
                const options = {{ clearBreadcrumbs: true, viewType: "kanban" }};
                await action.doAction("kpi_tracking.kpi_gauge_widget_action", options);
                for (const preview of await drawn()) {{
                    const {{ width, height }} = preview.getBoundingClientRect();
                    const card = preview.closest(".o_kanban_record");
                    if (width < 100 || height < 15 || width > card.clientWidth) {{
                        const name = preview.className;
                        throw new Error(`${{name}}: ${{width}} x ${{height}}`);
                    }}
                }}
                console.log("test successful");
            }})();
            """
        )

    def _run(self, code):
        """Run ``code`` in the client; whatever the console says fails the test."""
        self.browser_js(
            "/odoo/kpis",
            code,
            ready="!!document.querySelector('.o_action_manager > *')",
            login="kpi_gauges",
            timeout=180,
        )


@tagged("post_install", "-at_install")
class TestKpiGaugeScreens(KpiGaugeScreensCase):
    def test_each_style_opens_in_each_view(self):
        self._visit()

    def test_previews_do_not_collapse(self):
        self._preview()


@tagged("post_install", "-at_install")
class TestKpiGaugeScreensPhone(KpiGaugeScreensCase):
    browser_size = "390x844"
    touch_enabled = True
    kinds = ("kanban", "form")  # a phone shows cards instead of lists

    def test_each_style_opens_in_each_view_of_a_phone(self):
        self._visit()

    def test_previews_do_not_collapse_on_a_phone(self):
        self._preview()
