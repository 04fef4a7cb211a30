import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Award extends models.Model {
    badge_color = fields.Char();
    badge_icon = fields.Binary();
    _records = [
        { id: 1, badge_color: "#0072b2", badge_icon: false },
        { id: 2, badge_color: "#0072b2", badge_icon: "3 kB" },
    ];
}

defineMailModels();
defineModels([Award]);

test("a card has the icon, or a star where there is none", async () => {
    const field = `<field name="badge_icon" widget="kpi_badge" />`;
    const arch = `<kanban><templates><t t-name="card">${field}</t></templates></kanban>`;
    await mountView({ type: "kanban", resModel: "award", arch });
    expect(".o_kanban_record:eq(0) .o_kpi_badge .fa-star").toHaveCount(1);
    expect(".o_kanban_record:eq(0) img").toHaveCount(0);
    expect(".o_kanban_record:eq(1) .o_kpi_badge img").toHaveCount(1);
});
