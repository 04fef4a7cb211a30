import { expect, test } from "@odoo/hoot";
import {
    manuallyDispatchProgrammaticEvent,
    press,
    queryAll,
    queryAllTexts,
    queryFirst,
    queryText,
    waitUntil,
} from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    makeMockEnv,
    makeServerError,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { router } from "@web/core/browser/router";
import { localization } from "@web/core/l10n/localization";
import { user } from "@web/core/user";
import { getDefaultConfig } from "@web/views/view";
import { Dashboard } from "@kpi_tracking_dashboard/screens/dashboard/dashboard";
import { answer, card, parts, tile } from "./dashboard_answer";

defineMailModels();

const SCOPES = [
    { type: "company", id: 1, name: "Company", depth: 0 },
    { type: "department", id: 3, name: "Sales", depth: 1 },
];

const UPDATE = { age_seconds: 60, is_incomplete: false, state: "idle", progress: 0 };

/** A dashboard as an action of the web client holds it. */
async function mountDashboard(props, breadcrumbs = []) {
    onRpc("kpi.job", "get_update", () => UPDATE);
    const env = await makeMockEnv({ config: { ...getDefaultConfig(), breadcrumbs } });
    await mountWithCleanup(Dashboard, { env, props: { action: {}, resId: 5, ...props } });
    // or time that is advanced before would count as a lost connection, which is caught up on
    await waitUntil(() => env.services.bus_service.workerState === "CONNECTED");
    await animationFrame();
}

/** @returns {{asked: Object[], addresses: Object[], views: number[]}} what it told */
async function open({ tiles = [card(), parts("doughnut")], state = {}, respond } = {}) {
    const told = { addresses: [], asked: [], views: [] };
    patchWithCleanup(user, { hasGroup: async () => true });
    patchWithCleanup(router, { current: state });
    onRpc("kpi.dashboard", "data", ({ args: [, options] }) => {
        told.asked.push(options);
        return respond
            ? respond()
            : answer(tiles, { options: { ...answer([]).options, ...options } });
    });
    onRpc("kpi.dashboard", "scopes", () => SCOPES);
    onRpc("kpi.dashboard", "count_view", ({ args: [[id]] }) => Boolean(told.views.push(id)));
    const updateActionState = (address) => told.addresses.push(JSON.parse(JSON.stringify(address)));
    await mountDashboard({ updateActionState });
    await animationFrame();
    await advanceTime(50);
    return told;
}

test("a dashboard is one call; its view is counted after it was painted", async () => {
    const { addresses, asked, views } = await open({
        state: { grain: "month", scope: "department-3" },
    });
    expect(asked).toEqual([{ grain: "month", scope: { type: "department", id: 3 } }]);
    expect(queryAllTexts(".o_kpi_tile_title")).toEqual(["A card", "A doughnut"]);
    expect(addresses).toEqual([{ resId: 5, grain: "month", scope: "department-3" }]);
    expect(views).toEqual([5]);
});

test("the form that a dashboard was opened from is not named beside it", async () => {
    const crumbs = ["Dashboards", "Sales", "Sales"].map((name) => ({ jsId: name, name }));
    onRpc("kpi.dashboard", "data", () => answer([card()]));
    onRpc("kpi.dashboard", "scopes", () => SCOPES);
    onRpc("kpi.dashboard", "count_view", () => true);
    patchWithCleanup(user, { hasGroup: async () => true });
    await mountDashboard({}, crumbs);
    await animationFrame();
    expect(crumbs.map(({ name }) => name)).toEqual(["Dashboards", "Sales"]);
});

test("periods are walked through and kept in the address", async () => {
    const { addresses, asked } = await open();
    expect("button[title='Next period']").toHaveAttribute("disabled");
    await contains("button[title='Previous period']").click();
    expect(asked.at(-1)).toEqual({ start: "2026-09-01" });
    expect(addresses.at(-1)).toEqual({ resId: 5, start: "2026-09-01" });
});

test("a part that is clicked filters all tiles; clicked again, it does no longer", async () => {
    const { addresses, asked } = await open();
    await contains(".o_kpi_parts_list button").click();
    expect(asked.at(-1).cross).toEqual({ breakdown: "city", key: "3" });
    expect(".o_kpi_bar_cross").toHaveText("North");
    await contains(".o_kpi_parts_list button").click();
    expect(asked.at(-1).cross).toBe(null);
    expect(".o_kpi_bar_cross").toHaveCount(0);
    expect(addresses.slice(1)).toEqual([{ resId: 5, cross: "city:3" }, { resId: 5 }]);
});

test("an error is told where the tiles would be, and can be tried again", async () => {
    let isBroken = true;
    const respond = () => {
        if (isBroken) {
            throw makeServerError({ message: "“eon” is no period." });
        }
        return answer([card()]);
    };
    await open({ respond });
    expect(".alert-danger").toHaveText(/“eon” is no period\./);
    expect(".o_kpi_tile").toHaveCount(0);
    isBroken = false;
    await contains(".alert-danger button").click();
    expect(".o_kpi_tile").toHaveCount(1);
});

test("what cannot be shown as asked for is shown without", async () => {
    let isAsked = true;
    const respond = () => {
        if (isAsked) {
            throw makeServerError({ message: "Ada is nobody here." });
        }
        return answer([card()]);
    };
    const { asked } = await open({ respond, state: { scope: "user-9" } });
    isAsked = false;
    await contains(".alert-danger button:contains(Reset Filters)").click();
    expect(asked.at(-1).scope).toBe(null);
    expect(".o_kpi_tile").toHaveCount(1);
});

test("an address for what one does not see is named as not available", async () => {
    const options = { ...answer([]).options, scope: { type: "user", id: 9 } };
    const respond = () => answer([card()], { options, scope: "" });
    await open({ respond, state: { scope: "user-9" } });
    expect(".o_kpi_bar_scope option:first").toHaveText("Not available");
    expect(".o_kpi_bar_scope").toHaveValue("user-9");
});

test("a tile that is moved by keys keeps the focus", async () => {
    const [one, two] = [card(), card()];
    await open({ tiles: [one, two] });
    await contains("button:contains(Edit)").click();
    const handle = queryFirst(".o_kpi_tile_handle");
    handle.focus();
    for (const [key, ids] of [
        ["ArrowRight", [two.id, one.id]],
        ["ArrowLeft", [one.id, two.id]],
    ]) {
        await press(key);
        await animationFrame();
        const tiles = [...document.querySelectorAll(".o_kpi_tile")];
        expect(tiles.map((tile) => Number(tile.dataset.id))).toEqual(ids);
        expect(document.activeElement).toBe(handle);
    }
});

for (const direction of ["ltr", "rtl"]) {
    test(`a tile is made larger by dragging its corner, ${direction}`, async () => {
        const [one, two] = [card(), card()];
        const saved = [];
        onRpc("kpi.dashboard", "save_layout", ({ args: [, , rows] }) => saved.push(...rows));
        await open({ tiles: [one, two] });
        patchWithCleanup(localization, { direction }); // the server's is known now
        await contains("button:contains(Edit)").click();
        const corner = queryFirst(".o_kpi_tile_corner");
        corner.setPointerCapture = () => {}; // no pointer of a browser's own here
        const grid = corner.closest(".o_kpi_grid");
        const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
        const [width, rem] = [grid.clientWidth / columns, 16];
        const forward = direction === "rtl" ? -1 : 1;
        const drag = (type, across, down) =>
            corner.dispatchEvent(
                new PointerEvent(type, {
                    clientX: 500 + forward * across * width,
                    clientY: 300 + down * rem,
                }),
            );
        drag("pointerdown", 0, 0);
        drag("pointermove", columns === 12 ? 2 : 0, 30);
        drag("pointerup", 2, 30);
        drag("pointermove", 5, 0); // the button is up: nothing follows
        await animationFrame();
        await contains("button:contains(Save)").click();
        const row = saved.find(({ id }) => id === one.id);
        expect(row.span).toBe(columns === 12 ? 6 : 4);
        expect(row.height).toBeGreaterThan(1);
    });
}

test("arranging by keys begins at its buttons and ends where it began", async () => {
    await open();
    queryFirst("button:contains(Edit)").focus();
    await press("Enter");
    await animationFrame();
    expect("button:contains(Save)").toBeFocused();
    await press("Enter"); // nothing has changed
    await animationFrame();
    expect("button:contains(Edit)").toBeFocused();
});

test("an empty dashboard has one sentence and one button", async () => {
    await open({ tiles: [] });
    expect(".o_kpi_screen_empty p").toHaveText("No tiles yet.");
    expect(".o_kpi_screen_empty button").toHaveText("Add Tile");
});

/** A dashboard that Una arranges while it is being arranged here. */
async function openOvertaken(theirs) {
    const [one, two] = ["One", "Two"].map((title) => ({ ...card(), title }));
    let [revision, stored] = [3, [one, two]];
    onRpc("kpi.dashboard", "save_layout", ({ args: [, known, rows] }) => {
        if (revision === 3) {
            [revision, stored] = [4, theirs(one, two)];
        }
        if (known !== revision) {
            throw makeServerError({ message: "Una changed it at 12:00." });
        }
        expect.step(rows.map(({ id, span }) => `${id === one.id ? "one" : "two"} ${span}`));
        return ++revision;
    });
    const respond = () => {
        const given = answer(stored);
        return { ...given, dashboard: { ...given.dashboard, revision } };
    };
    await open({ respond });
    await contains("button:contains(Edit)").click();
    await contains(".o_kpi_tile:first button[title=Wider]").click();
    await contains("button:contains(Save)").click();
    await animationFrame();
}

test.tags("desktop");
test("what somebody else arranged meanwhile is kept beside mine, and told", async () => {
    await openOvertaken((one, two) => [one, { ...two, span: 12 }]);
    expect(".modal").toHaveCount(0);
    expect.verifySteps([["one 5", "two 12"]]);
    expect(".o_notification").toHaveText(
        /Una changed it at 12:00\. Your changes and theirs were saved/,
    );
    expect("button:contains(Edit)").toHaveCount(1);
});

for (const [choice, saved] of [
    ["Use Mine", [["two 12", "one 5"]]],
    ["Use Theirs", []],
]) {
    test.tags("desktop");
    test(`a tile that two people resized is asked about: ${choice}`, async () => {
        await openOvertaken((one, two) => [
            { ...two, span: 12 },
            { ...one, span: 9 },
        ]);
        expect(".modal-body").toHaveText(/^Una changed it at 12:00\./);
        expect(".modal-body").toHaveText(/“One”/);
        expect(".modal-body").not.toHaveText(/“Two”/);
        await contains(`.modal-footer button:contains(${choice})`).click();
        await animationFrame();
        expect(".modal").toHaveCount(0);
        expect.verifySteps(saved);
        expect("button:contains(Edit)").toHaveCount(1);
    });
}

test("a dashboard of which nothing may be seen says so in one sentence", async () => {
    const left_out = { count: 2, message: "2 tiles need rights.", tiles: [] };
    const given = answer([tile("text", { html: "Read me" })], { left_out });
    const dashboard = { ...given.dashboard, is_editable: false };
    await open({ respond: () => ({ ...given, dashboard }) });
    expect(".o_kpi_tile").toHaveCount(0);
    expect(queryAllTexts(".o_kpi_screen_empty p")).toEqual([
        "You cannot access any KPI on this dashboard.",
        "2 tiles need rights.",
    ]);
});

test("what may not be seen is left out and told in one line; it is there to be arranged", async () => {
    const hidden = tile("gauge", { state: "unavailable", title: "Not available", place: 0 });
    const left_out = { count: 1, message: "1 tile has no KPI.", tiles: [hidden] };
    await open({ respond: () => answer([card()], { left_out }) });
    expect(".o_kpi_tile").toHaveCount(1);
    expect(".o_kpi_dashboard_left_out").toHaveText("1 tile has no KPI.");
    await contains("button:contains(Edit)").click();
    expect(queryAllTexts(".o_kpi_tile_said")).toEqual(["Not available"]);
    expect(".o_kpi_tile:first").toHaveAttribute("data-id", String(hidden.id));
    expect(".o_kpi_dashboard_left_out").toHaveCount(0);
});

test.tags("desktop");
test("a new tile is stored by Save, and gone after Cancel", async () => {
    const stored = card();
    onRpc("kpi.dashboard", "preview", () => ({ tile: { ...card(), id: 0, title: "New" } }));
    onRpc("kpi.dashboard", "save_layout", ({ args: [, , rows, added] }) => {
        expect.step([rows.length, added.map(({ kind, span }) => [kind, span])]);
        return 4;
    });
    mockService("dialog", {
        add: (_component, { onRecordSave }) => {
            const ids = { currentIds: [7], count: 1 };
            const data = { kind: "card", definition_ids: ids, report_ids: ids };
            onRecordSave({ data, checkValidity: async () => true });
        },
    });
    await open({ tiles: [stored] });
    await contains("button:contains(Edit)").click();
    await contains("button:contains(Add Tile)").click();
    await animationFrame();
    expect(queryAllTexts(".o_kpi_tile_title")).toEqual(["A card", "New"]);
    await contains("button:contains(Cancel)").click();
    expect(queryAllTexts(".o_kpi_tile_title")).toEqual(["A card"]);
    await contains("button:contains(Edit)").click();
    await contains("button:contains(Add Tile)").click();
    await animationFrame();
    await contains("button:contains(Save)").click();
    await animationFrame();
    expect.verifySteps([[1, [["card", 4]]]]);
});

test("a month is chosen in a year; months to come cannot be", async () => {
    mockDate("2026-11-21 12:00:00");
    const { asked } = await open();
    await contains(".o_kpi_bar_grain").click();
    expect(".o_kpi_months button:contains(Dec)").toHaveAttribute("disabled");
    await contains("button[title='Previous year']").click();
    await contains(".o_kpi_months button:contains(Mar)").click();
    expect(asked.at(-1)).toEqual({ start: "2025-03-01" });
    expect(".o_kpi_months").toHaveCount(0);
});

test.tags("desktop");
test("an arrangement that cannot be saved stays to be arranged", async () => {
    onRpc("kpi.dashboard", "save_layout", () => {
        throw makeServerError({ message: "You may not arrange this." });
    });
    await open();
    await contains("button:contains(Edit)").click();
    await contains(".o_kpi_tile:first button[title=Wider]").click();
    await contains("button:contains(Save)").click();
    await animationFrame();
    expect(".o_notification").toHaveText("You may not arrange this.");
    expect("button:contains(Save)").toHaveCount(1);
});

test("filters are kept by name, chosen again and forgotten", async () => {
    let filters = [];
    onRpc("kpi.dashboard.filter", "search_read", () => filters);
    onRpc("kpi.dashboard.filter", "create", ({ args: [[{ name, options }]] }) => {
        filters = [{ id: 9, name, options }];
        return [9];
    });
    onRpc("kpi.dashboard.filter", "unlink", () => {
        filters = [];
        return true;
    });
    const { asked } = await open({ state: { grain: "quarter", start: "2026-01-01" } });
    await contains("button[title='Favorite filters']").click();
    await contains(".o_kpi_bar_keep input").edit("Spring", { confirm: "enter" });
    await contains(".o-dropdown-item:contains(Spring)").click();
    const nothing = { comparison: null, cross: null, periods: null, scope: null };
    expect(asked.at(-1)).toEqual({ ...nothing, grain: "quarter", start: "2026-01-01" });
    await contains("button[title='Favorite filters']").click();
    await contains("[aria-label='Forget Spring']").click();
    expect(".o-dropdown-item:contains(Spring)").toHaveCount(0);
});

test("what it can be shown for comes when the tiles are there", async () => {
    const { asked } = await open();
    expect("select.o_kpi_bar_scope option").toHaveCount(2);
    expect("select.o_kpi_bar_scope").toHaveValue("company-1");
    await contains("select.o_kpi_bar_scope").select("department-3");
    expect(asked.at(-1).scope).toEqual({ type: "department", id: 3 });
});

test("on a TV dashboards take turns, stay fresh, and Esc leaves", async () => {
    const asked = [];
    onRpc("kpi.dashboard", "data", ({ args: [[id]] }) => {
        asked.push(id);
        const one = answer([card()]);
        return { ...one, dashboard: { ...one.dashboard, id } };
    });
    const views = [];
    onRpc("kpi.dashboard", "scopes", () => []);
    onRpc("kpi.dashboard", "count_view", ({ args: [[id], isOnTv] }) =>
        Boolean(views.push([id, isOnTv])),
    );
    patchWithCleanup(user, { hasGroup: async () => true });
    patchWithCleanup(router, { current: { tv: "5,6", interval: 10 } });
    await mountDashboard();
    expect(".o_kpi_tv_bar").toHaveCount(1);
    const before = asked.length;
    await advanceTime(10000);
    await advanceTime(10000);
    expect(asked.slice(before)).toEqual([6, 5]);
    await animationFrame();
    expect(views).toEqual([
        [5, true],
        [6, true],
    ]);
    await press("Escape");
    await animationFrame();
    expect(".o_kpi_tv_bar").toHaveCount(0);
    await advanceTime(20000);
    expect(asked.slice(before + 2)).not.toInclude(6);
    expect(views.at(-1)).toEqual([5, false]); // who left the show looks
});

test("a draft that an address names is not shown on a TV", async () => {
    onRpc("kpi.dashboard", "data", ({ args: [[id]] }) => {
        const { dashboard } = answer([]);
        const draft = id === 9 ? { draft_of_id: 6 } : {};
        return answer([card()], { dashboard: { ...dashboard, id, name: `Board ${id}`, ...draft } });
    });
    onRpc("kpi.dashboard", "scopes", () => []);
    onRpc("kpi.dashboard", "count_view", () => true);
    patchWithCleanup(user, { hasGroup: async () => true });
    patchWithCleanup(router, { current: { tv: "5,9", interval: 10 } });
    await mountDashboard();
    await advanceTime(10000);
    expect(".o_kpi_tv_bar").toHaveText(/Board 6/);
});

test("a dashboard that does not fit a TV is turned like pages, one that is gone left out", async () => {
    const asked = [];
    onRpc("kpi.dashboard", "data", ({ args: [[id]] }) => {
        asked.push(id);
        if (id === 6) {
            throw makeServerError({ message: "This dashboard is not available." });
        }
        const one = answer(Array.from({ length: 12 }, () => card()));
        return { ...one, dashboard: { ...one.dashboard, id } };
    });
    onRpc("kpi.dashboard", "count_view", () => true);
    patchWithCleanup(user, { hasGroup: async () => true });
    patchWithCleanup(router, { current: { tv: "5,6,7", interval: 10 } });
    await mountDashboard();
    const screen = queryFirst(".o_kpi_tv");
    Object.assign(screen.style, { blockSize: "500px", inset: "0 0 auto", minBlockSize: 0 });
    await manuallyDispatchProgrammaticEvent(window, "resize");
    await animationFrame();
    const grid = queryFirst(".o_kpi_grid");
    const pages = Number(queryText(".o_kpi_tv_page").match(/^Page 1 of (\d+)$/)[1]);
    expect(pages).toBeGreaterThan(1);
    const before = asked.length;
    const seen = new Set();
    for (let page = 1; page <= pages; page++) {
        expect(".o_kpi_tv_page").toHaveText(`Page ${page} of ${pages}`);
        const shown = grid.getBoundingClientRect();
        for (const [at, each] of queryAll(".o_kpi_tile").entries()) {
            const { bottom, top } = each.getBoundingClientRect();
            const isWhole = top >= shown.top - 1 && bottom <= shown.bottom + 1;
            const isGone = bottom <= shown.top + 1 || top >= shown.bottom - 1;
            expect(isWhole !== isGone).toBe(true, { message: `tile ${at} on page ${page}` });
            isWhole && seen.add(each);
        }
        if (page < pages) {
            await advanceTime(10000);
            await animationFrame();
        }
    }
    expect(seen.size).toBe(12);
    expect(asked.length).toBe(before);
    await advanceTime(10000);
    await animationFrame();
    expect(asked.slice(before)).toEqual([6, 7]);
    expect(".o_kpi_tv_page").toHaveText(/^Page 1 of/);
    await press("Escape");
    await animationFrame();
    expect(grid.style.blockSize).toBe("");
});

test("the head of a TV counts statuses as chips and names the period", async () => {
    const none = { has_value: false, report_id: 10, status: "no_data", value: null };
    const tiles = [
        card(),
        card("metric", {}, { report_id: 8, status: "on_target" }),
        card("metric", {}, { report_id: 8, status: "off_target" }), // once, as its worst
        card("metric", {}, { report_id: 9, status: "on_target", is_running: true }),
        card("metric", {}, none),
    ];
    onRpc("kpi.dashboard", "data", () => answer(tiles));
    onRpc("kpi.dashboard", "scopes", () => []);
    onRpc("kpi.dashboard", "count_view", () => true);
    patchWithCleanup(user, { hasGroup: async () => true });
    patchWithCleanup(router, { current: { tv: "5", interval: 10 } });
    await mountDashboard();
    expect(queryAllTexts(".o_kpi_tv_counts .o_kpi_status")).toEqual([
        "1 on track",
        "1 at risk",
        "1 off track",
    ]);
    expect(".o_kpi_tv_period").toHaveText("Oct 2026");
});

test("a tile leads to what the server answers", async () => {
    mockService("action", { doAction: (action) => expect.step(`opened ${action.name}`) });
    onRpc("kpi.dashboard.tile", "drill", ({ args: [, place, , reportId] }) => {
        expect.step(`${place} of ${reportId}`);
        return { name: "Won Revenue" };
    });
    await open();
    await contains(".o_kpi_tile_title button").click();
    expect.verifySteps(["null of 7", "opened Won Revenue"]);
});

test("a tile of records leads to the whole view", async () => {
    mockService("action", {
        doAction: ({ domain, name, res_model, views: [[, type]] }) =>
            expect.step(`${name}: ${type} of ${res_model}, ${JSON.stringify(domain)}`),
    });
    const view = { model: "res.partner", view_type: "list", domain: "[('id', '<', 9)]" };
    await open({ tiles: [tile("view", { state: "lazy", title: "Partners", view })] });
    await contains(".o_kpi_tile_title button").click();
    expect.verifySteps(['Partners: list of res.partner, [["id","<",9]]']);
    await contains(".o_kpi_tile_menu").click();
    expect(".o-dropdown-item:contains(Add a note)").toHaveCount(0);
});
