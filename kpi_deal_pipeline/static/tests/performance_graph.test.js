import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { getChart } from "@web/../tests/views/graph/graph_test_helpers";

class Performance extends models.Model {
    _name = "x_performance";
    as_of_date = fields.Date();
    pipeline = fields.Float({ aggregator: "sum" });
    share = fields.Float({ aggregator: "avg" });
    _records = [
        { id: 1, as_of_date: "2026-03-01", pipeline: 5 },
        { id: 2, as_of_date: "2026-03-03", pipeline: 0 },
    ];
}

defineMailModels();
defineModels([Performance]);

/** As the server fills days without rows. */
const DAYS = [
    { day: "2026-03-01", count: 1, sum: 5 },
    { day: "2026-03-02", count: 0, sum: 0 },
    { day: "2026-03-03", count: 1, sum: 0 },
];

test("a day that was not counted is a gap, a counted 0 is a 0", async () => {
    onRpc("x_performance", "formatted_read_group", () =>
        DAYS.map(({ day, count, sum }) => ({
            "as_of_date:day": [day, day],
            __count: count,
            "pipeline:sum": sum,
            __extra_domain: [],
        })),
    );
    const view = await mountView({
        type: "graph",
        resModel: "x_performance",
        arch: `
            <graph type="line" js_class="kpi_performance_graph">
                <field name="as_of_date" interval="day"/>
                <field name="pipeline" type="measure"/>
            </graph>`,
    });
    expect(getChart(view).data.datasets.map(({ data }) => data)).toEqual([[5, null, 0]]);
});

test("a ratio without a value is a gap, in bars too", async () => {
    onRpc("x_performance", "formatted_read_group", () =>
        [5, false, 0].map((share, at) => ({
            "as_of_date:day": [DAYS[at].day, DAYS[at].day],
            __count: 1,
            "share:avg": share,
            __extra_domain: [],
        })),
    );
    const view = await mountView({
        type: "graph",
        resModel: "x_performance",
        arch: `
            <graph type="bar" js_class="kpi_performance_graph">
                <field name="as_of_date" interval="day"/>
                <field name="share" type="measure"/>
            </graph>`,
    });
    expect(getChart(view).data.datasets.map(({ data }) => data)).toEqual([[5, null, 0]]);
});
