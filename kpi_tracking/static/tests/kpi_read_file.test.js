import { expect, test } from "@odoo/hoot";
import { setInputFiles } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class PackImport extends models.Model {
    _name = "pack.import";

    file = fields.Binary();
    file_name = fields.Char();
}

defineMailModels();
defineModels([PackImport]);

test("a file is read as soon as it is chosen", async () => {
    mockService("action", {
        doActionButton: ({ name, resId, resModel }) =>
            expect.step([name, resModel, Boolean(resId)]),
    });
    await mountView({
        type: "form",
        resModel: "pack.import",
        arch: `<form>
            <field name="file_name" invisible="1"/>
            <field name="file" filename="file_name" widget="kpi_read_file" options="{'button': 'action_preview'}"/>
        </form>`,
    });
    await contains(".o_field_widget[name=file] .o_select_file_button").click();
    await setInputFiles([new File(["{}"], "mine.kpi.json", { type: "application/json" })]);
    await animationFrame();
    await expect.waitForSteps([["action_preview", "pack.import", true]]);
});
