import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

class Ours extends models.Model {
    _name = "kpi.order";
    is_open = fields.Boolean();
    _records = [{ id: 1, is_open: true }];
}

class Others extends models.Model {
    _name = "x_order";
    is_open = fields.Boolean();
    _records = [{ id: 1, is_open: true }];
}

defineMailModels();
defineModels([Ours, Others]);

const ARCH = `
    <form>
        <header>
            <button name="a" type="object" string="Approve" class="btn-primary" />
            <button name="b" type="object" string="Reopen" invisible="is_open" />
            <button name="c" type="object" string="Reject" />
            <button name="d" type="object" string="Send Back" />
            <button name="e" type="object" string="Forward" />
            <button name="f" type="object" string="Recall" />
        </header>
        <field name="is_open" />
    </form>`;

const mount = (resModel) => mountView({ type: "form", resModel, resId: 1, arch: ARCH });
const shown = () => queryAllTexts(".o_statusbar_buttons > button[name]");

test.tags("desktop");
test("three buttons of a form are shown, the others in a menu", async () => {
    mockService("action", {
        doActionButton(params) {
            expect.step(params.name);
            params.onClose?.();
        },
    });
    await mount("kpi.order");
    expect(shown()).toEqual(["Approve", "Reject", "Send Back"]);

    await contains(".o_statusbar_buttons button[title=More]").click();
    expect(queryAllTexts(".o-dropdown--menu button")).toEqual(["Forward", "Recall"]);

    await contains(".o-dropdown--menu button[name=e]").click();
    expect.verifySteps(["e"]);
});

test.tags("desktop");
test("a button that becomes visible takes its place before the menu", async () => {
    await mount("kpi.order");
    await contains(".o_field_widget[name=is_open] input").click();
    expect(shown()).toEqual(["Approve", "Reopen", "Reject"]);
});

test.tags("desktop");
test("a form of others shows all its buttons", async () => {
    await mount("x_order");
    expect(shown()).toHaveLength(5);
    expect(".o_statusbar_buttons button[title=More]").toHaveCount(0);
});
