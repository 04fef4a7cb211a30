import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Month extends models.Model {
    _name = "test.month";
    start = fields.Date();
    _records = [
        { id: 1, start: "2026-07-01" },
        { id: 2, start: false },
    ];
}

defineMailModels();
defineModels([Month]);

test("a month has its year and no day", async () => {
    const arch = `<list><field name="start" widget="kpi_month"/></list>`;
    await mountView({ resModel: "test.month", type: "list", arch });
    expect(queryAllTexts(".o_data_cell")).toEqual(["Jul 2026", ""]);
});
