import { expect, test } from "@odoo/hoot";
import { queryAll, queryFirst } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Tracked extends models.Model {
    _name = "test.tracked";
    progress = fields.Float();
    _records = [
        { id: 1, progress: 0.6 },
        { id: 2, progress: 1.25 },
        { id: 3, progress: -0.3 },
        { id: 4 },
    ];
}

defineMailModels();
defineModels([Tracked]);

test("progress is not clamped, and missing where there is none", async () => {
    // As Odoo's server says that there is none; the mocked one says 0.
    onRpc("web_search_read", ({ parent }) => {
        const found = parent();
        found.records.find((one) => one.id === 4).progress = false;
        return found;
    });
    await mountView({
        resModel: "test.tracked",
        type: "list",
        arch: `<list><field name="progress" widget="kpi_progress"/></list>`,
    });
    const cells = queryAll(".o_data_row td[name=progress]");
    expect(cells.map((cell) => cell.textContent.trim())).toEqual(["60%", "125%", "\u221230%", "–"]);
    expect(queryFirst(".o_kpi_progress_fill").style.inlineSize).toBe("60%");
});
