import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Board } from "@kpi_gamification/eager/board/board";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

defineMailModels();

const LINES = [
    { name: "<b>Ann</b>", rank: 1, previous_rank: 3, score: 110, gap: false, now: 100 },
    {
        name: "Ben",
        rank: 2,
        previous_rank: 1,
        score: 105.25,
        now: 105.25,
        gap: 4.75,
        is_mine: true,
    },
    { name: "Cid", rank: false, previous_rank: false, score: 0, gap: false, now: 0 },
];

test("places, what changed, and names as text", async () => {
    await mountWithCleanup(Board, { props: { lines: LINES } });
    expect(queryAllTexts("tbody tr:eq(0) td")).toEqual([
        "1▲2",
        "<b>Ann</b>",
        "110.0(now 100.0)",
        "",
    ]);
    expect(queryAllTexts("tbody tr:eq(1) td")).toEqual(["2▼1", "Ben", "105.3", "4.8"]);
    expect("tbody tr:eq(1) strong").toHaveText("Ben");
    expect(queryAllTexts("tbody tr:eq(2) td")).toEqual(["not ranked yet", "Cid", "0.0", ""]);
});
