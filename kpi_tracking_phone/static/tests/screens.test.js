import { after, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst, waitUntil } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate, mockTimeZone } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import {
    allowTranslations,
    contains,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Alerts } from "@kpi_tracking_phone/app/alerts/alerts";
import { Approve } from "@kpi_tracking_phone/app/approve/approve";
import { Enter } from "@kpi_tracking_phone/app/enter/enter";
import { redraw } from "@kpi_tracking_phone/app/enter/photo";
import { KpiScreen } from "@kpi_tracking_phone/app/kpi/kpi";
import { KpiRow } from "@kpi_tracking_phone/app/kpis/kpi_row";
import { Kpis } from "@kpi_tracking_phone/app/kpis/kpis";
import { Ask } from "@kpi_tracking_phone/app/more/ask";
import { More } from "@kpi_tracking_phone/app/more/more";
import { listModelKeys, phoneScreens, screenOf } from "@kpi_tracking_phone/app/shell/screens";
import { Today } from "@kpi_tracking_phone/app/today/today";
import { Unreachable } from "@kpi_tracking_phone/stored/server";
import { writeShell } from "@kpi_tracking_phone/stored/keep";
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
        expect("strong:first").toHaveText(/^36\.2%$/);
        await contains("input[type=search]").edit("win", { confirm: false });
        expect(names()).toEqual(["Win Rate"]);
        await contains("input[type=search]").edit("", { confirm: false });
        await contains(".o_kpi_phone_chips button:contains(Off track)").click();
        expect(names()).toEqual(["Order Value"]);
        await contains(".o_kpi_phone_row").click();
        expect(phone.went).toEqual([["kpi", 3]]);
        // as after Back
        await mountWithCleanup(Kpis, { env: phone.screen.env, props: { about: "" } });
        expect(phone.views.kpis.status).toBe("off_target");
        expect(names()).toEqual(["Order Value", "Order Value"]);
    });

    test("KPIs are filtered by team, and sorted by distance or name", async () => {
        const of = (report_id, name, scope, achievement) => ({
            ...CARD,
            achievement,
            kpi: name,
            name,
            report_id,
            scope,
        });
        const all = [of(1, "Visits", "North", 40), of(2, "Calls", "South", 90)];
        const rows = Object.fromEntries(all.map((card) => [`card:${card.report_id}`, card]));
        await mountScreen(Kpis, { rows });
        await contains("select[aria-label=Order]").select("name");
        expect(names()).toEqual(["Calls", "Visits"]);
        await contains("select[aria-label=Order]").select("distance");
        expect(names()).toEqual(["Visits", "Calls"]);
        await contains("select[aria-label=Team]").select("South");
        expect(names()).toEqual(["Calls"]);
    });

    test("all screens count the same list of what waits", async () => {
        const needs = ["due", "approval", "approval", "alert", "review"].map((kind) => ({
            count: 3,
            kind,
            model: "kpi.report",
            res_id: 1,
        }));
        const phone = await mountScreen(Today, { rows: { alerts: [1, 2], needs } });
        expect(phone.counts).toEqual({ alerts: 1, all: 5, approve: 2, enter: 1 });
        expect("h2").toHaveText("5 to do");
    });

    test("today shows starred KPIs alone, and what needs me", async () => {
        const needs = [{ count: 1, kind: "due", model: "kpi.task", res_id: 4 }];
        const rows = { "card:1": { ...CARD, starred: true }, "card:3": WORSE, needs };
        await mountScreen(Today, { rows });
        expect(names()).toEqual(["Win Rate"]);
        expect("h2").toHaveText("1 to do");
        expect(".o_kpi_phone_chips button").toHaveText("Enter 1");
    });

    test("the day begins with what happened, each a way to it", async () => {
        const news = { cause: "", kind: "kpi", ids: [1], model: "kpi.report", step: 1 };
        const items = [
            {
                ...news,
                title: "Win Rate +4",
                text: "On track",
                tone: "better",
                cause: "Mostly North: +3",
            },
            { ...news, kind: "due", ids: [], title: "1 value due today", text: "Visits", step: 0 },
        ];
        const rows = { ...cards, morning: { day: "2026-09-30", items, title: "Since Wednesday" } };
        const phone = await mountScreen(Today, { rows });
        expect("h2:first").toHaveText("Since Wednesday");
        expect(queryAllTexts(".o_kpi_phone_news strong")).toEqual([
            "Win Rate +4",
            "1 value due today",
        ]);
        await contains(".o_kpi_phone_news:contains(Win Rate)").click();
        await contains(".o_kpi_phone_news:contains(due)").click();
        expect(phone.went).toEqual([["kpi", 1], ["enter"]]);
    });

    test("what waits elsewhere says what is to be done, in words of its addon", async () => {
        const need = { count: 1, date: "2026-10-05", kind: "review", label: "Win Rate" };
        const rows = { needs: [{ ...need, model: "kpi.report", res_id: 1 }] };
        await mountScreen(Today, { rows });
        expect("a small").toHaveText(/^Check and certify again · due .*2026/);
        expect("a").toHaveAttribute("href", "/odoo/kpi.report/1");
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

    test("what was typed is there again until it is saved", async () => {
        const drafts = {};
        const options = { drafts, rows: { entries: [CELL] } };
        const phone = await mountScreen(Enter, options);
        await contains(".o_kpi_phone_row").click();
        await contains("input[inputmode=none]").edit("4.", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Add Note)").click();
        await contains("textarea").edit("Counted twice", { confirm: false });
        phone.screen.state.key = ""; // as by Back
        await animationFrame();
        await contains(".o_kpi_phone_row").click();
        expect("input[inputmode=none]").toHaveValue("4.");
        expect("textarea").toHaveValue("Counted twice");
        await contains("input[inputmode=none]").edit("4.7", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect(phone.entered[0].data).toEqual({
            note: "Counted twice",
            period: "2026-09-01",
            report_id: 2,
            value: 4.7,
        });
        expect(Object.values(drafts)).toEqual([null]);
    });

    test("what the phone has no room for stays on the pad", async () => {
        const phone = await mountScreen(Enter, { rows: { entries: [CELL] } });
        phone.enter = async () => null;
        await contains(".o_kpi_phone_row").click();
        await contains("input[inputmode=none]").edit("5", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect("input[inputmode=none]").toHaveValue("5");
    });

    test("a photo is drawn anew: smaller, as JPEG, and without what stands beside it", async () => {
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { height: 1000, width: 2000 });
        const file = await new Promise((resolve) => canvas.toBlob(resolve));
        const place = "GPS 52.52 N";
        const base64 = await redraw(new Blob([file, place]));
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        expect([...bytes.slice(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
        expect(atob(base64)).not.toInclude(place);
        const { height, width } = await createImageBitmap(new Blob([bytes]));
        expect([width, height]).toEqual([1600, 800]);
        await expect(redraw(new Blob(["no picture"]))).rejects.toThrow();
    });

    test("a value that counts already is corrected with a reason", async () => {
        const phone = await mountScreen(Enter, {
            rows: { entries: [{ ...CELL, accepted: true }] },
        });
        await contains(".o_kpi_phone_row").click();
        await contains("input[inputmode=none]").edit("5", { confirm: false });
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect("[role=alert]").toHaveText("Reason for the correction");
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
        period: "Sep 2026",
        report_id: 2,
        since: "2026-10-01 08:00:00",
        state: "firing",
        waiting_ids: [7, 8],
    };
    const phone = await mountScreen(Alerts, { rows: { alerts: [{ ...alert, ...more }] } });
    expect("article p:first").toHaveText("Below 5 · Sep 2026");
    await contains(".o_kpi_phone_primary:contains(Acknowledge)").click();
    expect(phone.entered.map(({ data }) => data)).toEqual([{ event_id: 7, event_ids: [8] }]);
    await contains(".o_kpi_phone_button:contains(Snooze)").click();
    await contains("dialog button:contains(For 1 hour)").click();
    expect(phone.entered.at(-1).kind).toBe("snooze");
    expect(phone.entered.at(-1).data.until).toMatch(/Z$/);
    // a phone that is a day ahead means the server's hour, too
    mockDate("2026-10-02 09:00:00", 0);
    phone.state.about.phone_at += 24 * 3600 * 1000;
    await contains(".o_kpi_phone_button:contains(Snooze)").click();
    await contains("dialog button:contains(For 1 hour)").click();
    expect(phone.entered.at(-1).data.until).toMatch(/^2026-10-01T10:00/);
});

/** Pull a row to the side. */
async function swipe(css, { down = 0, right = 150 } = {}) {
    const el = queryFirst(css);
    const touch = (type, clientX, clientY) => {
        const touches = [new Touch({ clientX, clientY, identifier: 1, target: el })];
        const options = { bubbles: true, changedTouches: touches };
        el.dispatchEvent(
            new TouchEvent(type, { ...options, touches: type === "touchend" ? [] : touches }),
        );
    };
    touch("touchstart", 20, 20);
    touch("touchmove", 20 + right / 2, 20 + down / 2);
    touch("touchmove", 20 + right, 20 + down);
    touch("touchend", 20 + right, 20 + down);
    await animationFrame();
}

test("rows are pulled to the side: acknowledge, approve, note", async () => {
    const alert = { can_act: true, id: 7, ids: [7], kpi: "Parcels", reason: "Below 5" };
    const more = { report_id: 2, since: "2026-10-01 08:00:00", state: "firing", waiting_ids: [7] };
    const step = { document: "Sick Leave", facts: [], seen: "0a1b2c3d", step_id: 4 };
    const rows = { alerts: [{ ...alert, ...more }], approvals: [step], "card:1": CARD };
    const phone = await mountScreen(Approve, { rows });
    await swipe("article:contains(Parcels)", { down: 200, right: 100 });
    expect(phone.entered).toEqual([]); // it scrolls
    await swipe("article:contains(Parcels)");
    expect(phone.entered.map(({ kind }) => kind)).toEqual(["acknowledge"]);
    await swipe("article:contains(Sick Leave)");
    expect(phone.state.later).toBe("Approved: Sick Leave");
    await mountWithCleanup(KpiRow, { env: phone.screen.env, props: { card: CARD } });
    await swipe(".o_kpi_phone_row");
    expect(phone.went).toEqual([["kpi", 1]]);
    expect(phone.views.note).toBe(1);
});

test("a tap on the chart gives the value of its point", async () => {
    const svg =
        '<svg viewBox="0 0 300 100" width="300" height="100"><line x1="0" x2="300" y1="9" y2="9"/></svg>';
    const points = [
        ["Aug 2026", 39, "39.0%"],
        ["Sep 2026", 36.2, "36.2%"],
        ["Oct 2026", null, ""],
    ].map(([label, value, formatted]) => ({
        expected: value === null ? { value: 37 } : null,
        formatted,
        label,
        target: 38,
        value,
    }));
    const rows = { "card:1": CARD, "history:1": { explain: [], points, svg } };
    await mountScreen(KpiScreen, { about: "1", rows });
    const figure = queryFirst("figure");
    const { left, width } = figure.querySelector("svg").getBoundingClientRect();
    const tap = async (share) => {
        figure.dispatchEvent(new MouseEvent("click", { clientX: left + share * width }));
        await animationFrame();
    };
    await tap(0.5);
    expect("article p[role=status]").toHaveText("Sep 2026: 36.2% · target 38.0%");
    await tap(0.9);
    expect("article p[role=status]").toHaveText("Oct 2026: expected 37.0% · target 38.0%");
});

test("a KPI is shared as a picture that the app draws", async () => {
    const shared = [];
    patchWithCleanup(navigator, {
        canShare: () => true,
        share: async (given) => shared.push(given),
    });
    await mountScreen(KpiScreen, { about: "1", rows: { "card:1": CARD } });
    await contains("article button:contains(Share)").click();
    await waitUntil(() => shared.length);
    const [file] = shared[0].files;
    expect([file.name, file.type]).toEqual(["Win Rate.png", "image/png"]);
    const { height, width } = await createImageBitmap(file);
    expect([width, height]).toEqual([1080, 608]);
});

test("the first dashboards are asked for without being opened", async () => {
    const rows = { dashboards: [1, 2, 3, 4, 5, 6, 7].map((id) => ({ id, name: `Board ${id}` })) };
    const phone = await mountScreen(More, { rows });
    phone.digests = { "dashboard:3": "x", "dashboard:9": "y" };
    expect(phone._listMissingBoards()).toEqual(["dashboard:1", "dashboard:2", "dashboard:4"]);
});

test("the alert of a notification is shown alone", async () => {
    const alert = { can_act: true, reason: "", rule: "Low", since: "2026-10-01", state: "firing" };
    const alerts = [7, 9].map((id) => ({ ...alert, id, ids: [id], kpi: `KPI ${id}` }));
    const phone = await mountScreen(Alerts, { about: "9", rows: { alerts } });
    expect(queryAllTexts("article > button")).toEqual(["KPI 9"]);
    await contains("button:contains(All Alerts)").click();
    expect(phone.went).toEqual([["alerts"]]);
});

test("an approval is decided as it was shown, and only with reception", async () => {
    const step = { document: "Sick Leave", facts: [], seen: "0a1b2c3d", step_id: 4 };
    const phone = await mountScreen(Approve, { rows: { approvals: [step] } });
    const asked = [];
    phone.ask = async (...question) => {
        asked.push(question.slice(0, -1));
        return { state: "conflict", message: "It has changed" };
    };
    await contains("textarea").edit("Thank you", { confirm: false });
    await contains("button:contains(/^Approve$/)").click();
    expect(phone.state.later).toBe("Approved: Sick Leave");
    expect("article").toHaveCount(0);
    expect(asked).toEqual([]);
    await advanceTime(5000);
    await animationFrame();
    expect(asked).toEqual([["decide", 4, "approve", "Thank you", "0a1b2c3d", false, ""]]);
    expect("[role=alert]").toHaveText("It has changed");
    phone.state.isOnline = false;
    await animationFrame();
    expect("article button:enabled").toHaveCount(0);
});

test("a decision is undone within five seconds", async () => {
    const step = { document: "Sick Leave", facts: [], seen: "0a1b2c3d", step_id: 4 };
    const phone = await mountScreen(Approve, { rows: { approvals: [step] } });
    const asked = [];
    phone.ask = async (...question) => asked.push(question);
    await contains("button:contains(/^Reject$/)").click();
    phone.undoLater();
    await animationFrame();
    expect("article").toHaveCount(1);
    await advanceTime(6000);
    expect(asked).toEqual([]);
});

test("a second tap before the first one is drawn decides nothing more", async () => {
    const step = { document: "Sick Leave", facts: [], seen: "0a1b2c3d", step_id: 4 };
    const phone = await mountScreen(Approve, { rows: { approvals: [step] } });
    const asked = [];
    phone.ask = async (...question) => {
        asked.push(question[2]);
        return { state: "done", message: "" };
    };
    const button = queryFirst("button:contains(/^Approve$/)");
    button.click();
    button.click();
    await animationFrame();
    await phone.finishLater();
    expect(asked).toEqual(["approve"]);
});

test("what the system may end is decided at once", async () => {
    const step = { document: "Sick Leave", facts: [], seen: "0a1b2c3d", step_id: 4 };
    const phone = await mountScreen(Approve, { rows: { approvals: [step] } });
    const asked = [];
    phone.ask = async (...question) => {
        asked.push(question[2]);
        return { state: "done", message: "" };
    };
    await contains("button:contains(/^Approve$/)").click();
    await phone.finishLater();
    expect(asked).toEqual(["approve"]);
});

test("a late approval asks for the delay reason", async () => {
    const step = { document: "Laptops", facts: [], is_late: true, seen: "0a1b2c3d", step_id: 4 };
    const terms = { delay_reasons: [{ id: 7, name: "Workload" }] };
    const phone = await mountScreen(Approve, { rows: { approvals: [step], terms } });
    const asked = [];
    phone.ask = async (...question) => {
        asked.push(question.slice(0, -1));
        return { state: "done", message: "" };
    };
    await contains("select").select("7");
    await contains("input").edit("Month end", { confirm: false });
    await contains("button:contains(/^Approve$/)").click();
    await phone.finishLater();
    expect(asked).toEqual([["decide", 4, "approve", "", "0a1b2c3d", 7, "Month end"]]);
});

test("a late rejection without a delay reason says so and keeps what was typed", async () => {
    const step = { document: "Laptops", facts: [], is_late: true, seen: "0a1b2c3d", step_id: 4 };
    const terms = { delay_reasons: [{ id: 7, name: "Workload" }] };
    const phone = await mountScreen(Approve, { rows: { approvals: [step], terms } });
    const asked = [];
    phone.ask = async (...question) => {
        asked.push(question.slice(0, -1));
        return { state: "done", message: "" };
    };
    await contains("textarea").edit("Too expensive", { confirm: false });
    await contains("button:contains(/^Reject$/)").click();
    await animationFrame();
    expect("[role=alert]").toHaveText("The decision is overdue. Choose a delay reason.");
    expect("textarea").toHaveValue("Too expensive");
    await contains("select").select("7");
    await contains("button:contains(/^Reject$/)").click();
    await phone.finishLater();
    expect(asked).toEqual([["decide", 4, "reject", "Too expensive", "0a1b2c3d", 7, ""]]);
});

describe("questions", () => {
    /** A browser that hears `said`, or fails. */
    async function hear(said) {
        class SpeechRecognition {
            start() {
                said
                    ? this.onresult({ results: [[{ transcript: said }]] })
                    : this.onerror({ error: "not-allowed" });
            }
        }
        patchWithCleanup(window, { SpeechRecognition });
        await writeShell("voice", true);
        after(() => writeShell("voice", false));
    }

    test("what was said is asked, without reception among the KPIs that are here", async () => {
        await hear("What is my win rate?");
        const phone = await mountScreen(Ask, { rows: cards });
        phone.ask = async () => Promise.reject(new Unreachable("down"));
        await contains("button:contains(Speak)").click();
        expect("input").toHaveValue("What is my win rate?");
        expect(names()).toEqual(["Win Rate"]);
    });

    test("who is spoken to is no part of the question; candidates are tapped", async () => {
        await hear("Hey Odoo, what's my sales KPI?");
        const phone = await mountScreen(Ask, { rows: cards });
        expect("input").toHaveAttribute("placeholder", "What is Order Value?");
        const asked = [];
        const candidates = ["Sales North", "Sales South"].map((text) => ({ text, question: text }));
        phone.ask = async (_method, text) => {
            asked.push(text);
            return asked.length === 1
                ? { candidates, rows: [], sentences: ["Which one?"] }
                : { rows: [], sentences: ["Sales South: 4"] };
        };
        await contains("button:contains(Speak)").click();
        expect(queryAllTexts(".o_kpi_phone_chips button")).toEqual(["Sales North", "Sales South"]);
        await contains(".o_kpi_phone_chips button:contains(South)").click();
        expect("[role=status]").toHaveText("Sales South: 4");
        expect(asked).toEqual(["what's my sales KPI?", "Sales South"]);
    });

    test("what is said is typed on the pad, and saved by hand", async () => {
        await hear("sick leave four point seven percent");
        const drafts = {};
        const phone = await mountScreen(Enter, { drafts, rows: { entries: [CELL] } });
        await contains("button:contains(Speak)").click();
        expect("input[inputmode=none]").toHaveValue("4.7");
        expect(phone.entered).toEqual([]);
        await contains(".o_kpi_phone_button:contains(Done)").click();
        expect(phone.entered[0].data.value).toBe(4.7);
    });

    test("what was said and fits nothing is shown", async () => {
        await hear("parcels seven");
        await mountScreen(Enter, { rows: { entries: [CELL] } });
        await contains("button:contains(Speak)").click();
        expect("[role=status]").toHaveText(/parcels seven/);
        expect("input[inputmode=none]").toHaveCount(0);
    });

    test("an answer is said in words, with the KPIs that it is about", async () => {
        const phone = await mountScreen(Ask, { rows: cards });
        const sentences = ["Order Value: 629 k€"];
        phone.ask = async () => ({ kpi: { id: 3 }, rows: [{ id: 1 }], sentences });
        await contains("input").edit("How are they?", { confirm: false });
        await contains("button:contains(Ask)").click();
        expect("[role=status]").toHaveText(sentences[0]);
        expect(names()).toEqual(["Order Value", "Win Rate"]);
    });

    test("after a failed start only typing is offered", async () => {
        await hear("");
        await mountScreen(Ask, { rows: cards });
        await contains("button:contains(Speak)").click();
        expect("button:contains(Speak)").toHaveCount(0);
        expect("input").toHaveCount(1);
    });
});

test("a KPI stands between its neighbours; a note waits to be sent", async () => {
    const phone = await mountScreen(KpiScreen, { about: "1", rows: cards });
    expect(queryAllTexts("article h2")).toEqual(["Order Value", "Win Rate"]);
    expect("[inert] article").toHaveCount(1);
    await contains("button[aria-label='Previous KPI']").click();
    expect(phone.went).toEqual([["kpi", 3, { isSame: true }]]);
    await contains(":not([inert]) > article button:contains(Show as Table)").click();
    expect(queryAllTexts(":not([inert]) > article tbody tr:first td")).toEqual(["–", "38.0%"]);
    await contains(":not([inert]) > article button:contains(Add Note)").click();
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
        about: { name: "Sick Leave", text: "4%", unit: CELL.unit },
    };
    const replaced = [];
    item.outbox = { replace: async (_, each) => replaced.push(each) };
    await mountScreen(Waiting, { items: [item] });
    expect("article").toHaveText(/Now: 7.0% · Ann/);
    expect("button:contains(Save)").not.toBeEnabled();
    await contains("textarea").edit("Counted again", { confirm: false });
    await contains("button:contains(Keep Mine)").click();
    const sure = { ...data, force: true, note: "Counted again" };
    expect(replaced).toEqual([sure]);
    await contains("input[inputmode=decimal]").edit("6,5", { confirm: false });
    await contains("button:contains(Save)").click();
    expect(replaced[1]).toEqual({ ...sure, value: 6.5 });
});

test("what waits is deleted by the second click, and asked about when signing out", async () => {
    const item = { kind: "note", uuid: "u1", data: {}, about: { text: "Two offers" } };
    const removed = [];
    item.outbox = { remove: async ({ uuid }) => removed.push(uuid) };
    const phone = await mountScreen(Waiting, { items: [item] });
    phone.readItems = async () => {};
    await contains("button:contains(/^Delete$/)").click();
    expect(removed).toEqual([]);
    await contains("button:contains(Delete Permanently)").click();
    expect(removed).toEqual(["u1"]);
});

test("signing out asks first where something was not sent", async () => {
    const items = [{ kind: "note", uuid: "u1", data: {} }];
    const phone = await mountScreen(More, { items });
    let left = 0;
    phone.signOut = () => (left += 1);
    await contains("button:contains(Sign Out)").click();
    expect(left).toBe(0);
    await contains("dialog button:contains(Delete and Sign Out)").click();
    expect(left).toBe(1);
});

class Report extends Component {
    static template = xml`<p/>`;
    static props = ["*"];
}

for (const isReadable of [false, true]) {
    test(`a screen of a model that is ${isReadable ? "" : "not "}readable`, async () => {
        phoneScreens.add("report", { component: Report, model: "x_report", word: "A report" });
        after(() => phoneScreens.remove("report"));
        expect(listModelKeys()).toInclude("model:x_report");
        const rows = { "model:kpi.nlp.processor": true, "model:x_report": true };
        await mountScreen(More, { rows: isReadable ? rows : {} });
        expect("button:contains(A report)").toHaveCount(Number(isReadable));
        expect("button:contains(Ask a question)").toHaveCount(Number(isReadable));
    });
}

test("as of when: a time today, days ago in words", () => {
    allowTranslations();
    mockTimeZone(0);
    const now = new Date("2026-10-05T09:41:00Z");
    expect(writeAsOf(momentOf("2026-10-05 08:55:00"), now)).toMatch(/^as of .*55/);
    expect(writeAsOf(momentOf("2026-10-02 08:55:00"), now)).toMatch(/3 days ago$/);
    expect(ageInDays(momentOf("2026-10-06T08:55:00Z"), now)).toBe(0); // a clock a day slow
});

test("an address that is no screen shows today", () => {
    const open = (path) => screenOf(new URL(`/scoped_app/kpi/${path}`, location.origin));
    expect(open("kpi/7")).toEqual({ name: "kpi", about: "7" });
    expect(open("alerts#7")).toEqual({ name: "alerts", about: "7" });
    expect(open("nothing").name).toBe("today");
});
