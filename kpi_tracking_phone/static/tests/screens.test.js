import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockTimeZone } from "@odoo/hoot-mock";
import { allowTranslations, contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Alerts } from "@kpi_tracking_phone/app/alerts/alerts";
import { Enter } from "@kpi_tracking_phone/app/enter/enter";
import { KpiScreen } from "@kpi_tracking_phone/app/kpi/kpi";
import { Kpis } from "@kpi_tracking_phone/app/kpis/kpis";
import { More } from "@kpi_tracking_phone/app/more/more";
import { screenOf } from "@kpi_tracking_phone/app/shell/screens";
import { Today } from "@kpi_tracking_phone/app/today/today";
import { Waiting } from "@kpi_tracking_phone/app/waiting/waiting";
import { ageInDays, momentOf, writeAsOf } from "@kpi_tracking_phone/app/when";
import { CARD, CELL, mountScreen } from "./phone_case";

defineMailModels();

const WORSE = {
    ...CARD,
    kpi: "Order Value",
    name: "Order Value",
    report_id: 3,
    status: "off_target",
};
const cards = { "card:1": CARD, "card:3": WORSE };
const names = () => queryAllTexts(".o_kpi_phone_row_name");

describe("lists", () => {
    test("KPIs are listed worst first, and found by name and status", async () => {
        const phone = await mountScreen(Kpis, { rows: cards });
        expect(names()).toEqual(["Order Value", "Win Rate"]);
        expect("strong:first").toHaveText(/^36\.2\s%$/);
        await contains("input[type=search]").edit("win", { confirm: false });
        expect(names()).toEqual(["Win Rate"]);
        await contains("input[type=search]").edit("", { confirm: false });
        await contains(".o_kpi_phone_chips button:contains(Off track)").click();
        expect(names()).toEqual(["Order Value"]);
        await contains(".o_kpi_phone_row").click();
        expect(phone.went).toEqual([["kpi", 3]]);
    });

    test("today shows starred KPIs alone, and what needs me", async () => {
        const rows = { "card:1": { ...CARD, starred: true }, "card:3": WORSE, entries: [CELL] };
        await mountScreen(Today, { rows });
        expect(names()).toEqual(["Win Rate"]);
        expect("h2").toHaveText("1 need you");
        expect(".o_kpi_phone_chips button").toHaveText("Enter 1");
    });
});

describe("entry", () => {
    test("typed on the pad, saved by Next, with what was seen", async () => {
        const second = { ...CELL, name: "Parcels", report_id: 5 };
        const phone = await mountScreen(Enter, { rows: { entries: [CELL, second] } });
        await contains(".o_kpi_phone_row:contains(Sick Leave)").click();
        for (const key of ["4", ".", "7"]) {
            await contains(`.o_kpi_phone_pad button:contains(${key})`).click();
        }
        expect("input[inputmode=none]").toHaveValue("4.7");
        await contains(".o_kpi_phone_primary:contains(Next)").click();
        expect("h2").toHaveText("Parcels");
        expect(phone.entered).toHaveLength(1);
        const [{ data, kind, seen }] = phone.entered;
        expect(kind).toBe("entry");
        expect(data).toEqual({ period: "2026-09-01", report_id: 2, value: 4.7 });
        expect(seen).toEqual(CELL.seen);
    });

    test("what is no number is not left", async () => {
        const phone = await mountScreen(Enter, { rows: { entries: [CELL] } });
        await contains(".o_kpi_phone_row").click();
        await contains("input[inputmode=none]").edit("1.2.3", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect("[role=alert]").toHaveCount(1);
        expect(phone.entered).toEqual([]);
    });

    test("a value that counts already is corrected with a reason", async () => {
        const phone = await mountScreen(Enter, {
            rows: { entries: [{ ...CELL, accepted: true }] },
        });
        await contains(".o_kpi_phone_row").click();
        await contains("input[inputmode=none]").edit("5", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect("[role=alert]").toHaveText("Why is it corrected?");
        await contains("textarea").edit("Counted again", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect(phone.entered[0].data.note).toBe("Counted again");
    });

    test("a second value of a cell refers to the first that waits", async () => {
        const data = { period: "2026-09-01", report_id: 2, value: 4 };
        const items = [{ kind: "entry", uuid: "u1", data }];
        const phone = await mountScreen(Enter, { items, rows: { entries: [CELL] } });
        expect(".o_kpi_phone_row em").toHaveText("Not sent");
        await contains(".o_kpi_phone_row").click();
        await contains("input[inputmode=none]").edit("5", { confirm: false });
        await press("Enter");
        await animationFrame();
        expect(phone.entered[0].after).toBe("u1");
    });
});

test("alerts are acknowledged and snoozed as items", async () => {
    const alert = { can_act: true, id: 7, ids: [7, 8], kpi: "Parcels", reason: "Below 5" };
    const more = {
        report_id: 2,
        since: "2026-10-01 08:00:00",
        state: "firing",
        waiting_ids: [7, 8],
    };
    const phone = await mountScreen(Alerts, { rows: { alerts: [{ ...alert, ...more }] } });
    await contains(".o_kpi_phone_primary:contains(Acknowledge)").click();
    expect(phone.entered.map(({ data }) => data)).toEqual([{ event_id: 7, event_ids: [8] }]);
    await contains(".o_kpi_phone_button:contains(Snooze)").click();
    await contains("dialog button:contains(For an hour)").click();
    expect(phone.entered.at(-1).kind).toBe("snooze");
    expect(phone.entered.at(-1).data.until).toMatch(/Z$/);
});

test("a KPI stands between its neighbours; a note waits to be sent", async () => {
    const phone = await mountScreen(KpiScreen, { about: "1", rows: cards });
    expect(queryAllTexts("article h2")).toEqual(["Order Value", "Win Rate"]);
    expect("article[inert]").toHaveCount(1);
    expect(".o_kpi_phone_steps span").toHaveText("2 / 2");
    await contains("button[aria-label='Previous KPI']").click();
    expect(phone.went).toEqual([["kpi", 3, { isSame: true }]]);
    await contains("article:not([inert]) button:contains(Show as table)").click();
    expect(queryAllTexts("article:not([inert]) tbody tr:first td")).toEqual(["–", "38.0 %"]);
    await contains("article:not([inert]) button:contains(Add note)").click();
    await contains("dialog textarea").edit("Two big offers", { confirm: false });
    await contains("dialog .o_kpi_phone_primary").click();
    const data = { period: "2026-09-01", report_id: 1, text: "Two big offers" };
    expect(phone.entered[0].data).toEqual(data);
});

test("a conflict is decided by a person: mine, theirs or another value", async () => {
    const answer = { state: "conflict", message: "Changed since", theirs: { value: 7, by: "Ann" } };
    const data = { report_id: 2, period: "2026-09-01", value: 4 };
    const item = {
        kind: "entry",
        uuid: "u1",
        data,
        answer,
        about: { name: "Sick Leave", text: "4 %" },
    };
    const phone = await mountScreen(Waiting, { items: [item] });
    const replaced = [];
    phone.outbox = { replace: async (_, each) => replaced.push(each) };
    expect("article").toHaveText(/Now: 7 · Ann/);
    await contains("button:contains(Keep mine)").click();
    expect(replaced).toEqual([{ ...data, force: true }]);
    await contains("input[inputmode=decimal]").edit("6,5", { confirm: false });
    await contains(".o_kpi_phone_typed button").click();
    expect(replaced[1]).toEqual({ ...data, force: true, value: 6.5 });
});

test("what waits is deleted by the second click, and asked about when signing out", async () => {
    const item = { kind: "note", uuid: "u1", data: {}, about: { text: "Two offers" } };
    const phone = await mountScreen(Waiting, { items: [item] });
    const removed = [];
    phone.outbox = { remove: async ({ uuid }) => removed.push(uuid) };
    phone.readItems = async () => {};
    await contains("button:contains(/^Delete$/)").click();
    expect(removed).toEqual([]);
    await contains("button:contains(Delete for good)").click();
    expect(removed).toEqual(["u1"]);
});

test("signing out asks first where something was not sent", async () => {
    const items = [{ kind: "note", uuid: "u1", data: {} }];
    const phone = await mountScreen(More, { items });
    let left = 0;
    phone.signOut = () => (left += 1);
    await contains("button:contains(Sign out)").click();
    expect(left).toBe(0);
    await contains("dialog button:contains(Delete and sign out)").click();
    expect(left).toBe(1);
});

test("as of when: a time today, days ago in words", () => {
    allowTranslations();
    mockTimeZone(0);
    const now = new Date("2026-10-05T09:41:00Z");
    expect(writeAsOf(momentOf("2026-10-05 08:55:00"), now)).toMatch(/^as of .*55/);
    expect(writeAsOf(momentOf("2026-10-02 08:55:00"), now)).toMatch(/3 days ago$/);
    expect(ageInDays(momentOf("2026-10-06T08:55:00Z"), now)).toBe(0); // a clock a day slow
});

test("an address that is no screen shows today", () => {
    expect(screenOf("/scoped_app/kpi/kpi/7")).toEqual({ name: "kpi", about: "7" });
    expect(screenOf("/scoped_app/kpi/nothing").name).toBe("today");
});
