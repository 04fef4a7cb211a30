import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

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
