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
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

const CARDS = [
    { key: "slack", name: "Slack", icon: "fa-slack", gives: "Answers", needs: "A secret." },
    { key: "tableau", name: "Tableau", icon: "fa-table", gives: "Refreshes", needs: "A token." },
];
const HOOK = { key: "hook", name: "Hook", icon: "fa-bolt", gives: "Values", needs: "JSON." };

class KpiIntegration extends models.Model {
    _name = "kpi.integration";

    integration_type = fields.Selection({
        selection: CARDS.map(({ key, name }) => [key, name]),
    });
    gallery = fields.Json();

    _records = [{ id: 1, integration_type: false, gallery: CARDS }];
}

defineMailModels();
defineModels([KpiIntegration]);

const ARCH = `<form>
    <field name="integration_type" widget="kpi_integration_gallery" invisible="integration_type"/>
    <field name="integration_type" readonly="1" invisible="not integration_type" class="chosen"/>
</form>`;

test("a card says what a system gives and needs, and chooses it", async () => {
    await mountView({ type: "form", resModel: "kpi.integration", resId: 1, arch: ARCH });
    expect(queryAllTexts(".o_kpi_integration_gallery_card")).toEqual([
        "Slack\nAnswers\nRequires: A secret.",
        "Tableau\nRefreshes\nRequires: A token.",
    ]);
    await contains(".o_kpi_integration_gallery_card[data-key=tableau]").click();
    expect(".o_kpi_integration_gallery").toHaveCount(0);
    expect(".chosen").toHaveText("Tableau");
});

test("a card of what has a form of its own opens that", async () => {
    const action = { type: "ir.actions.act_window", res_model: "kpi.hook" };
    KpiIntegration._records[0].gallery = [{ ...HOOK, action }];
    mockService("action", { doAction: (opened) => expect.step(opened.res_model) });
    await mountView({ type: "form", resModel: "kpi.integration", resId: 1, arch: ARCH });
    await contains(".o_kpi_integration_gallery_card").click();
    expect.verifySteps(["kpi.hook"]);
    expect(".o_kpi_integration_gallery").toHaveCount(1);
});
