import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryFirst, resize } from "@odoo/hoot-dom";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

const count = () => fields.Integer({ string: "Number of Orders of the Year" });

class Ours extends models.Model {
    _name = "kpi.order";
    count = count();
    _records = [{ id: 1, count: 3 }];
}

class Others extends models.Model {
    _name = "x_order";
    count = count();
    _records = [{ id: 1, count: 3 }];
}

defineMailModels();
defineModels([Ours, Others]);

const isCut = async (resModel) => {
    await mountView({ type: "list", resModel, arch: `<list><field name="count" /></list>` });
    const header = queryFirst(`th[data-name="count"] .text-truncate`);
    header.parentElement.style.width = "71px";
    return header.scrollWidth > header.clientWidth;
};

test("a long header takes two lines", async () => {
    expect(await isCut("kpi.order")).toBe(false);
});

test("a list of others stays as it is", async () => {
    expect(await isCut("x_order")).toBe(true);
});

for (const [width, count] of [
    [1200, 1],
    [800, 0],
]) {
    test(`a column that needs room has ${count} header on ${width} pixels`, async () => {
        await resize({ width });
        const column = `<field name="count" options="{'kpi_from': 992}" />`;
        const arch = `<list><field name="id" />${column}</list>`;
        await mountView({ type: "list", resModel: "kpi.order", arch });
        expect(`th[data-name="count"]`).toHaveCount(count);
    });
}
