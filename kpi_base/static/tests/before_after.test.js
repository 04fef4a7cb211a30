import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { BeforeAfter } from "@kpi_base/screens/before_after/before_after";

defineMailModels();

const ROWS = [
    { label: "Target", before: "100 k€", after: "<b>120</b> k€", is_other: true },
    { label: "Stretch", before: "", after: "", is_other: false },
];

test("what changes stands side by side, as text", async () => {
    await mountWithCleanup(BeforeAfter, { props: { rows: ROWS } });
    expect(queryAllTexts(".o_kpi_before_after tbody tr > *")).toEqual([
        ...["Target", "100 k€", "<b>120</b> k€"],
        ...["Stretch", "–", "–"],
    ]);
    expect(".o_kpi_before_after td.fw-bold").toHaveCount(1);
});
