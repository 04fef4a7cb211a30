import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    defineModels,
    fields,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { Timeline } from "@kpi_base/screens/timeline/timeline";

const ENTRIES = [
    {
        key: "stage-2",
        kind: "stage",
        title: "Lead captured → Proposal",
        lines: [],
        note: "Call with the owner",
        by: "Anna Berg",
        effective_at: "2026-01-07 09:00:00",
        recorded_at: "2026-01-09 09:00:00",
        seconds: 3 * 86400,
        seq: 2,
        hash: "0123456789ab",
    },
    {
        key: "value-1",
        kind: "value",
        title: "Opened",
        lines: ["Confidence: 50%"],
        note: "",
        by: "Anna Berg",
        effective_at: "2026-01-05 09:00:00",
        recorded_at: "2026-01-05 09:00:00",
        seconds: null,
        seq: 1,
        hash: "ba9876543210",
    },
];

class Deal extends models.Model {
    _name = "x_deal";
    name = fields.Char();
    _records = [{ id: 1, name: "Quay 7" }];
}

defineMailModels();
defineModels([Deal]);

test("events tell what happened, when and by whom, below their day", async () => {
    await mountWithCleanup(Timeline, { props: { entries: ENTRIES } });
    expect(queryAllTexts(".o_kpi_timeline_date")).toEqual(["Jan 7, 2026", "Jan 5, 2026"]);
    expect(".o_kpi_timeline_entry").toHaveCount(2);
    expect(".o_kpi_timeline_entry:first .o_kpi_timeline_title").toHaveText(
        "Lead captured → Proposal",
    );
    expect(".o_kpi_timeline_entry:first .badge").toHaveText("3 d");
    expect(".o_kpi_timeline_entry:first").toHaveText(/Call with the owner/);
    expect(".o_kpi_timeline_entry:first").toHaveText(/recorded/);
    expect(".o_kpi_timeline_entry:last").not.toHaveText(/recorded/);
    expect(".o_kpi_timeline_entry:last").not.toHaveText(/ba9876543210/);
});

test("events of one day stand below it once, the day being the reader's", async () => {
    const at = (moment) => ({ effective_at: moment, recorded_at: moment });
    const entries = [
        { ...ENTRIES[0], key: "c", ...at("2026-01-07 23:30:00") }, // after midnight in UTC+1
        { ...ENTRIES[0], key: "b", ...at("2026-01-07 22:30:00") },
        { ...ENTRIES[0], key: "a", ...at("2026-01-07 09:00:00") },
    ];
    await mountWithCleanup(Timeline, { props: { entries } });
    expect(queryAllTexts(".o_kpi_timeline_date")).toEqual(["Jan 8, 2026", "Jan 7, 2026"]);
    expect(".o_kpi_timeline_day:last .o_kpi_timeline_entry").toHaveCount(2);
});

test("where an event stands in the audit log is shown with the proof", async () => {
    await mountWithCleanup(Timeline, { props: { entries: ENTRIES, hasProof: true } });
    expect(".o_kpi_timeline_entry:last").toHaveText(/Entry 1 · ba9876543210/);
});

test("verifying marks the entry that is wrong", async () => {
    onRpc("x_deal", "get_timeline", () => ENTRIES);
    onRpc("x_deal", "verify_history", () => ({
        is_whole: false,
        entries: 2,
        faults: [{ seq: 2, text: "The entry was changed." }],
    }));
    await mountView({
        type: "form",
        resModel: "x_deal",
        resId: 1,
        arch: `<form><field name="name"/><widget name="kpi_timeline"/></form>`,
    });
    expect(".o_kpi_timeline_badge").toHaveCount(0);
    await click("button:contains(Verify)");
    await animationFrame();
    expect(queryAllTexts(".o_kpi_timeline_badge")).toEqual([
        "Entry 2 · 0123456789ab",
        "Entry 1 · ba9876543210",
    ]);
    expect(".o_kpi_timeline_faulty").toHaveCount(1);
    expect(".o_kpi_timeline_faulty").toHaveText(/The entry was changed/);
});
