import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { App, Component } from "@odoo/owl";
import { getTemplate } from "@web/core/templates";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { Gauge } from "@kpi_tracking/screens/gauge/gauge";
import { templates } from "@kpi_tracking_dashboard/share/gauge_templates";

defineMailModels();

/** As written: bundles come without comments and spaces. */
const said = (compiled) =>
    compiled
        .toString()
        .replace(/^\s*\/\/.*$/gm, "")
        .replace(/\s+/g, "");

test("the compiled templates are those of the gauge", async () => {
    const app = new App(Component);
    const names = Object.keys(templates);
    expect(names).toEqual([
        "kpi_tracking.Gauge",
        "kpi_tracking.GaugeDrawing",
        "kpi_tracking.GaugeDetails",
        "kpi_tracking.StatusChip",
        "kpi_tracking.StatusIcon",
    ]);
    for (const name of names) {
        const anew = app._compileTemplate(name, getTemplate(name));
        expect(said(templates[name])).toBe(said(anew), {
            message: `make it anew by setup/lib/owl_templates.py: ${name}`,
        });
    }
});

test("a page without compiler draws the gauge", async () => {
    class Place extends Component {
        static template = "kpi_tracking.Place";
        static props = ["*"];
    }
    await mountWithCleanup("<div id='place'/>");
    const target = document.getElementById("place");
    const app = new App(Place, { templates });
    const props = {
        high: 100,
        label: "Visits",
        low: 0,
        number: "42",
        spoken: "42",
        type: "circular",
        value: 42,
    };
    await app.createRoot(Gauge, { props }).mount(target);
    expect("#place [role=meter]").toHaveAttribute("aria-valuetext", "42");
    expect("#place .o_kpi_gauge_fill").toHaveCount(1);
    app.destroy();
});
