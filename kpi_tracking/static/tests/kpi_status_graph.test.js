import { expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { getChart } from "@web/../tests/views/graph/graph_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class KpiReport extends models.Model {
    _name = "kpi.report";

    category = fields.Char();
    status = fields.Selection({
        selection: [
            ["off_target", "Off track"],
            ["at_risk", "At risk"],
            ["on_target", "On track"],
        ],
    });

    _records = [
        { id: 1, category: "Sales", status: "on_target" },
        { id: 2, category: "Sales", status: "off_target" },
        { id: 3, category: "Support", status: "off_target" },
    ];
}

defineMailModels();
defineModels([KpiReport]);

const mountGraph = (groups) =>
    mountView({
        type: "graph",
        resModel: "kpi.report",
        arch: `<graph js_class="kpi_status_graph">${groups}</graph>`,
    });

/** What the style sheet says, as the graph has to paint it. */
const toneOf = (status) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--kpi-${status}`).trim();

test.tags("desktop");
test("a status has its own colour as bar, line and slice", async () => {
    const byCategory = `<field name="category"/><field name="status"/>`;
    const view = await mountGraph(byCategory);
    const colors = (name) =>
        Object.fromEntries(getChart(view).data.datasets.map((set) => [set.label, set[name]]));
    expect(toneOf("danger")).not.toBe("");
    expect(toneOf("danger")).not.toBe(toneOf("success"));
    expect(colors("backgroundColor")["Off track"]).toBe(toneOf("danger"));
    expect(colors("backgroundColor")["On track"]).toBe(toneOf("success"));
    await contains(".o_graph_button[data-mode=line]").click();
    expect(colors("borderColor")["Off track"]).toBe(toneOf("danger"));
    await contains(".o_graph_button[data-mode=pie]").click();
    const { data, legend } = getChart(view);
    const slices = data.labels.map((_label, at) => data.datasets[0].backgroundColor[at]);
    const expected = data.labels.map((label) =>
        toneOf(label.endsWith("Off track") ? "danger" : "success"),
    );
    expect(slices).toEqual(expected);
    expect(legend.legendItems.map((item) => item.fillStyle)).toEqual(expected);
});

test("without statuses the palette is Odoo's", async () => {
    const view = await mountGraph(`<field name="category"/>`);
    const [dataset] = getChart(view).data.datasets;
    expect(dataset.backgroundColor).toMatch(/^#/);
    expect([toneOf("danger"), toneOf("success")]).not.toInclude(dataset.backgroundColor);
});
