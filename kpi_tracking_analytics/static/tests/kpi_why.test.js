import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Why } from "@kpi_tracking_analytics/screens/why/why";

defineMailModels();

const part = (label, size, text) => ({
    label,
    kind: "scope",
    part: size,
    rest_text: `${text} and smaller`,
    text,
});
const WHY = {
    title: "Why Oct 2026 fell by 209 k€",
    note: "1.6× its usual change; possibly due to chance.",
    from: { label: "Sep 2026", text: "795 k€", value: 795000 },
    to: { label: "Oct 2026", text: "586 k€", value: 586000 },
    parts: [part("Field Sales", -165000, "−165 k€"), part("Inside Sales", -44000, "−44 k€")],
    split_by: "scope",
    ways: [
        { key: "country_id", label: "Country" },
        { key: "scope", label: "Departments" },
    ],
};

async function mountWhy(answer) {
    onRpc("kpi.report", "explain_latest_change", ({ args }) => {
        expect.step(args[0]);
        return answer();
    });
    const record = { data: { current_value: 3 }, resId: 7 };
    await mountWithCleanup(Why, { props: { readonly: false, record } });
    await animationFrame();
    expect.verifySteps([[7]]);
}

test("shows why the last closed period differs from the one before", async () => {
    await mountWhy(() => WHY);
    expect("h2").toHaveText(WHY.title);
    expect(queryAllTexts(".o_kpi_waterfall tr th")).toEqual([
        "Sep 2026",
        "Field Sales",
        "Inside Sales",
        "Oct 2026",
    ]);
    expect(queryAllTexts(".o_kpi_waterfall_text")).toEqual([
        "795 k€",
        "−165 k€",
        "−44 k€",
        "586 k€",
    ]);
});

test("few of many parts are shown", async () => {
    const parts = [5, 4, 3, 2, 1].map((size) => part(`Part ${size}`, size, `+${size}`));
    await mountWhy(() => ({ ...WHY, parts }));
    expect(queryAllTexts(".o_kpi_waterfall tr th").slice(1, -1)).toEqual([
        "Part 5",
        "Part 4",
        "Part 3",
        "2 more parts",
    ]);
    expect(queryAllTexts(".o_kpi_waterfall_text").at(-2)).toBe("+2 and smaller");
});

test("opens the change by another way to split it", async () => {
    mockService("action", { doAction: ({ params }) => expect.step(params) });
    onRpc("kpi.report", "action_explain_change", ({ args }) => ({ params: args[1] }));
    await mountWhy(() => WHY);
    expect(queryAllTexts(".o_kpi_why_ways button")).toEqual(["By Country", "Compare Periods"]);
    await contains("button:contains(By Country)").click();
    await contains("button:contains(Compare Periods)").click();
    expect.verifySteps(["country_id", false]);
});

test("nothing is shown where nothing is known", async () => {
    await mountWhy(() => ({}));
    expect(".o_kpi_why").toHaveCount(0);
});

test("nothing is shown of a change that cannot be calculated", async () => {
    await mountWhy(() => {
        throw new Error("too large");
    });
    expect(".o_kpi_why").toHaveCount(0);
});
