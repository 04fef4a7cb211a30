import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import {
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

class Request extends models.Model {
    _name = "x_request";
    name = fields.Char();
    _records = [{ id: 1, name: "Laptops" }];
}

defineMailModels();
defineModels([Request]);

const LIST = `<list js_class="kpi_tat_list"><field name="name" /></list>`;
const CARDS = `<kanban js_class="kpi_tat_kanban"><templates><t t-name="card"><field name="name" /></t></templates></kanban>`;

for (const [type, arch, row] of [
    ["list", LIST, ".o_data_row"],
    ["kanban", CARDS, ".o_kanban_record:not(.o_kanban_ghost)"],
]) {
    test(`${type}: a server in test mode is named above the requests`, async () => {
        patchWithCleanup(session, { tat_test_mode: true });
        await mountView({ type, resModel: "x_request", arch });
        expect(".o_kpi_tat_test_mode").toHaveText(/^Test mode: one hour lasts one minute/);
        expect(row).toHaveCount(1);
    });

    test(`${type}: others are not`, async () => {
        await mountView({ type, resModel: "x_request", arch });
        expect(".o_kpi_tat_test_mode").toHaveCount(0);
        expect(row).toHaveCount(1);
    });
}
