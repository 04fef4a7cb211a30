import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
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
    _views = {
        graph: /* xml */ `<graph><field name="name"/><field name="hours" type="measure"/></graph>`,
        search: /* xml */ `<search/>`,
    };
}

defineMailModels();
defineModels([Row]);

const ARCH = /* xml */ `<list js_class="kpi_tat_report_list"><field name="name"/></list>`;

test.tags("desktop");
test("a report is its chart, and the table of the same rows below", async () => {
    await mountView({ type: "list", resModel: "report.row", arch: ARCH });
    await animationFrame();
    expect(".o_kpi_tat_report_chart canvas").toHaveCount(1);
    expect(".o_data_row").toHaveCount(2);
    expect(".o_control_panel").toHaveCount(1);
});

test.tags("desktop");
test("without rows there is no chart", async () => {
    await mountView({ type: "list", resModel: "report.row", arch: ARCH, domain: [["id", "=", 0]] });
    expect(".o_kpi_tat_report_chart").toHaveCount(0);
});

const WITH_FILES = /* xml */ `
    <list js_class="kpi_tat_report_list">
        <header>
            <button name="action_wait" type="object" string="Pending Time" display="always"/>
            <button name="action_download_pdf" type="object" string="PDF" display="always"/>
            <button name="action_export_xes" type="object" string="Event Log" display="always"/>
        </header>
        <field name="name"/>
    </list>`;

const mountWithFiles = () => {
    mockService("action", { doAction: (action) => expect.step(action) });
    for (const method of ["action_download_pdf", "action_export_xes"]) {
        onRpc("report.row", method, ({ args: [ids], kwargs }) => {
            const { active_domain } = kwargs.context;
            return `${method} ${ids.join()} ${JSON.stringify(active_domain)}`;
        });
    }
    return mountView({
        type: "list",
        resModel: "report.row",
        arch: WITH_FILES,
        domain: [["hours", ">", 1]],
        loadActionMenus: true,
    });
};

test.tags("desktop");
test("files of a report are in the menu of the screen", async () => {
    await mountWithFiles();
    expect(".o_control_panel_main_buttons button:contains(Pending Time)").toHaveCount(1);
    expect(".o_control_panel button:contains(PDF)").toHaveCount(0);
    await contains(".o_cp_action_menus button").click();
    await contains(".o_menu_item:contains(PDF)").click();
    expect.verifySteps([`action_download_pdf  [["hours",">",1]]`]);
});

test.tags("desktop");
test("files of selected rows are among their actions", async () => {
    await mountWithFiles();
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await toggleActionMenu();
    await contains(".o_menu_item:contains(Event Log)").click();
    expect.verifySteps([`action_export_xes 2 [["hours",">",1]]`]);
});
