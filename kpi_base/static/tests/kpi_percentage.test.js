import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAll, queryOne } from "@odoo/hoot-dom";
import { formatShare } from "@kpi_base/eager/percentage/percentage_field";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Rate extends models.Model {
    _name = "x_rate";
    share = fields.Float({ digits: [16, 2] });
    _records = [
        { id: 1, share: 0.125 },
        { id: 2, share: 0.5 },
    ];
}

defineMailModels();
defineModels([Rate]);

test("shares have the sign as the reader's language has it", async () => {
    await mountView({
        type: "list",
        resModel: "x_rate",
        arch: `<list><field name="share" widget="kpi_percentage" avg="Average"/></list>`,
    });
    const texts = queryAll(".o_data_cell").map((cell) => cell.textContent);
    expect(texts).toEqual(["12.5%", "50%"]);
    expect(queryOne(".o_list_footer .o_list_number").textContent).toBe("31.25%");
});

test("the sign stands beside the number that is typed", async () => {
    await mountView({
        type: "form",
        resModel: "x_rate",
        resId: 1,
        arch: `<form><field name="share" widget="kpi_percentage"/></form>`,
    });
    expect(".o_field_widget[name=share] input").toHaveValue("12.5");
    expect(".o_field_widget[name=share] input").toHaveAttribute("aria-label", "Share");
});

test("a missing share is nothing, not 0", () => {
    expect(formatShare(false)).toBe("");
    expect(formatShare(0)).toBe("0%");
});
