import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    toggleActionMenu,
} from "@web/../tests/web_test_helpers";

class Row extends models.Model {
    _name = "report.row";
    name = fields.Char();
    hours = fields.Float();
    _records = [
        { id: 1, name: "Ann", hours: 3 },
        { id: 2, name: "Bo", hours: 5 },
    ];
}

defineMailModels();
defineModels([Row]);

const LIST = /* xml */ `
    <list js_class="kpi_tat_report_list">
        <header>
            <button name="action_wait" type="object" string="Pending Time" display="always"/>
        </header>
        <field name="name"/>
    </list>`;
const CARDS = /* xml */ `
    <kanban js_class="kpi_tat_report_kanban">
        <templates><t t-name="card"><field name="name"/></t></templates>
    </kanban>`;

const mountReport = (type, arch) => {
    mockService("action", { doAction: (action) => expect.step(action) });
    for (const name of ["download_pdf", "download_xlsx", "export_xes"]) {
        const method = `action_${name}`;
        onRpc("report.row", method, ({ args: [ids], kwargs }) => {
            const { active_domain } = kwargs.context;
            return `${method} ${ids.join()} ${JSON.stringify(active_domain)}`;
        });
    }
    return mountView({
        type,
        resModel: "report.row",
        arch,
        domain: [["hours", ">", 1]],
        loadActionMenus: true,
    });
};

test.tags("desktop");
test("files of a report are in the menu of the screen", async () => {
    await mountReport("list", LIST);
    expect(".o_control_panel_main_buttons button:contains(Pending Time)").toHaveCount(1);
    expect(".o_control_panel button:contains(PDF)").toHaveCount(0);
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(PDF)").click();
    expect.verifySteps([`action_download_pdf  [["hours",">",1]]`]);
});

test.tags("desktop");
test("files of selected rows are among their actions", async () => {
    await mountReport("list", LIST);
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await toggleActionMenu();
    await contains(".o_menu_item:contains(Event log)").click();
    expect.verifySteps([`action_export_xes 2 [["hours",">",1]]`]);
});

test.tags("desktop");
test("files of a report are in the menu of its cards", async () => {
    await mountReport("kanban", CARDS);
    expect(".o_control_panel_main_buttons button:contains(PDF)").toHaveCount(0);
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(Excel)").click();
    expect.verifySteps([`action_download_xlsx  [["hours",">",1]]`]);
});
