import { expect, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const option = (key, kind, values = {}) => ({
    key,
    kind,
    label: key,
    default: null,
    help: "",
    choices: [],
    needs: "",
    ...values,
});

class KpiImport extends models.Model {
    _name = "kpi.import";

    asked_options = fields.Json();
    target_options = fields.Json();

    _records = [
        {
            id: 1,
            asked_options: [
                option("creates", "boolean", { default: false, help: "Else refused." }),
                option("prefix", "text", { default: "" }),
                option("calendar", "choice", {
                    choices: [
                        [7, "Fiscal"],
                        [9, "Weeks"],
                    ],
                    needs: "creates",
                }),
                option("percent", "number", { default: 95, needs: "creates" }),
            ],
            target_options: { prefix: "city_" },
        },
        { id: 2, asked_options: [], target_options: false },
    ];
}

defineMailModels();
defineModels([KpiImport]);

const mount = (resId, attributes = "") =>
    mountView({
        type: "form",
        resModel: "kpi.import",
        resId,
        arch: `<form>
            <field name="asked_options" invisible="1"/>
            <field name="target_options" widget="kpi_import_options" ${attributes}/>
        </form>`,
    });

test("options are drawn by their kind, and stored by their key", async () => {
    onRpc("web_save", ({ args }) => {
        expect(args[1].target_options).toEqual({
            prefix: "austin_",
            creates: true,
            calendar: 9,
            percent: 90.5,
        });
        expect.step("saved");
    });
    await mount(1);
    expect("[data-option]").toHaveCount(2);
    expect("[data-option=prefix] input").toHaveValue("city_");
    expect("[data-option=creates]").toHaveText(/Else refused/);
    await contains("[data-option=creates] input").click();
    await animationFrame();
    expect("[data-option]").toHaveCount(4);
    expect("[data-option=percent] input").toHaveValue("95");
    await contains("[data-option=prefix] input").edit("austin_");
    await contains("[data-option=calendar] select").select("1");
    await contains("[data-option=percent] input").edit("90.5");
    await contains("[data-option=percent] input").edit("many");
    await contains(".o_form_button_save").click();
    expect.verifySteps(["saved"]);
});

test("options that are changed while the form is busy are stored", async () => {
    const answer = new Deferred();
    KpiImport._onChanges.target_options = () => {};
    onRpc("onchange", () => answer);
    onRpc("web_save", ({ args }) => {
        expect(args[1].target_options).toEqual({ prefix: "boston_", creates: true });
        expect.step("saved");
    });
    await mount(1);
    await contains("[data-option=prefix] input").edit("austin_");
    await contains("[data-option=creates] input").click();
    await contains("[data-option=prefix] input").edit("boston_", { confirm: false });
    answer.resolve();
    await animationFrame();
    expect("[data-option=prefix] input").toHaveValue("boston_");
    await contains(".o_form_button_save").click();
    expect.verifySteps(["saved"]);
});

test("who only reads sees what was chosen", async () => {
    KpiImport._records[0].target_options = { creates: true, calendar: 9 };
    await mount(1, 'readonly="1"');
    expect("[data-option=calendar]").toHaveText(/Weeks/);
    expect("[data-option=creates] input").not.toBeEnabled();
    expect("[data-option] select").toHaveCount(0);
});

test("a target without options shows none", async () => {
    await mount(2);
    expect("[data-option]").toHaveCount(0);
});
