import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    defineModels,
    fields,
    findComponent,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class KpiMeasurement extends models.Model {
    _name = "kpi.measurement";

    report = fields.Char();
    period = fields.Char();
    value = fields.Float({ aggregator: "avg" });

    _records = [
        { id: 1, report: "Orders", period: "October", value: 4 },
        { id: 2, report: "Orders", period: "November", value: 6 },
        { id: 3, report: "Win rate", period: "October", value: 25 },
        { id: 4, report: "Win rate", period: "November", value: 30 },
    ];
}

defineMailModels();
defineModels([KpiMeasurement]);

test.tags("desktop");
test("values stand alone: no totals over KPIs or periods, nor in the spreadsheet", async () => {
    const view = await mountView({
        type: "pivot",
        resModel: "kpi.measurement",
        arch: `
            <pivot js_class="kpi_values_pivot">
                <field name="report" type="row"/>
                <field name="period" type="col"/>
                <field name="value" type="measure"/>
            </pivot>`,
    });
    // columns: November, October, total
    const cells = ["", "", "", "6.00", "4.00", "", "30.00", "25.00", ""];
    expect(queryAllTexts(".o_pivot_cell_value")).toEqual(cells);
    const { model } = findComponent(view, (each) => each instanceof PivotController);
    const exported = model.exportData().rows.map((row) => row.values.map((cell) => cell.value));
    expect(exported).toEqual([
        ["", "", ""],
        [6, 4, ""],
        [30, 25, ""],
    ]);
});
