import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { reactive } from "@odoo/owl";
import {
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";
import { AlertMenu } from "@kpi_tracking_alert/eager/centre/alert_menu";
import { AlertCentre } from "@kpi_tracking_alert/home/alert_centre";

defineMailModels();

const CHANGED = "kpi_tracking_alert.changed";
const ALERT = {
    id: 7,
    report_id: 3,
    kpi: "Revenue",
    rule: "Below Target",
    reason: "70, below 90",
    period: "Oct 2026",
    severity: "critical",
    state: "firing",
    since: "2026-11-09 10:00:00",
    snoozed_until: false,
    assignee: "",
    is_assigned_to_me: false,
    can_act: true,
    ids: [7],
    waiting_ids: [7],
    others: [],
};
const MILDER = { ...ALERT, id: 9, rule: "Watch It", reason: "70, below 95", severity: "info" };
const TAKEN = {
    ...ALERT,
    id: 8,
    kpi: "Complaints",
    reason: "",
    severity: "warning",
    state: "acknowledged",
    assignee: "A. Roy",
    waiting_ids: [],
};
const NEED = {
    kind: "approval",
    text: "Leads, October",
    date: null,
    model: "kpi.submission",
    res_id: 4,
    action: null,
    count: 1,
    urgency: 1,
};

function answer(centre) {
    onRpc("kpi.alert.event", "get_centre", () => {
        expect.step("centre");
        return centre();
    });
    onRpc("kpi.alert.event", "action_acknowledge", ({ args: [ids] }) => {
        expect.step(["acknowledge", ...ids]);
        return true;
    });
    mockService("action", {
        doAction: (action) => {
            expect.step(action.res_model ? [action.res_model, action.res_id] : action);
        },
    });
}

/** The centre, with what its counter shares with it. */
async function open(centre) {
    mockDate("2026-11-10 10:00:00");
    answer(centre);
    const menu = reactive({ count: 0, version: 0 });
    const props = { close: () => expect.step("close"), menu };
    await mountWithCleanup(AlertCentre, { props });
    await animationFrame();
    return menu;
}

test("the centre lists alerts, who has them, and what else waits", async () => {
    const menu = await open(() => ({ alerts: [ALERT, TAKEN], count: 1, needs: [NEED] }));
    expect(menu.count).toBe(1);
    expect(queryAllTexts(".o_kpi_alert_row .o_kpi_home_name > span")).toEqual([
        "Revenue",
        "Complaints",
    ]);
    expect(queryAllTexts(".o_kpi_alert_row small")).toEqual([
        "Below Target: 70, below 90 · Oct 2026",
        "1 day ago · unassigned",
        "Below Target · Oct 2026",
        "1 day ago · assigned to A. Roy",
    ]);
    expect(".o_kpi_alert_row .btn").toHaveCount(1);
    expect("section:last .o_kpi_home_row").toHaveText(/Leads, October\s*To approve/);
    expect.verifySteps(["centre"]);
});

test("acknowledged in place it is asked for anew, and counted no more", async () => {
    let isFirst = true;
    const menu = await open(() => {
        const taken = { ...ALERT, state: "acknowledged", waiting_ids: [] };
        const alerts = isFirst ? [ALERT] : [taken];
        const count = isFirst ? 1 : 0;
        isFirst = false;
        return { alerts, count, needs: [] };
    });
    await contains(".o_kpi_alert_row .btn").click();
    await animationFrame();
    expect.verifySteps(["centre", ["acknowledge", 7], "centre"]);
    expect(".o_kpi_alert_row .btn").toHaveCount(0);
    expect(menu.count).toBe(0);
});

test("a KPI has one row with all its alerts, which are acknowledged together", async () => {
    const alert = { ...ALERT, ids: [7, 9], waiting_ids: [7, 9], others: [MILDER] };
    await open(() => ({ alerts: [alert], count: 1, needs: [] }));
    expect(queryAllTexts(".o_kpi_alert_row small")).toEqual([
        "Below Target: 70, below 90 · Oct 2026",
        "Watch It: 70, below 95 · Oct 2026",
        "1 day ago · unassigned",
    ]);
    expect(".o_kpi_alert_row small [role=img]").toHaveAttribute("aria-label", "Information");
    await contains(".o_kpi_alert_row .btn").click();
    expect.verifySteps(["centre", ["acknowledge", 7, 9], "centre"]);
});

test("levels of one KPI are one row that opens", async () => {
    const below = { ...MILDER, id: 11, report_id: 5, kpi: "Revenue – Sales" };
    const alert = { ...ALERT, ids: [7, 11], waiting_ids: [7, 11], others: [below] };
    onRpc("kpi.alert.event", "action_open_together", ({ args: [ids] }) => `list ${ids}`);
    await open(() => ({ alerts: [alert], count: 1, needs: [] }));
    expect(".o_kpi_alert_below summary").toHaveText("1 more for this KPI");
    await contains(".o_kpi_alert_below summary").click();
    await contains(".o_kpi_alert_below .o_kpi_home_row").click();
    await contains(".o_kpi_alert_row > .o_kpi_home_row").click();
    expect.verifySteps(["centre", "close", ["kpi.alert.event", 11], "close", "list 7,11"]);
});

test("what somebody else has acknowledged says so, and is asked for anew", async () => {
    await open(() => ({ alerts: [ALERT], count: 1, needs: [] }));
    onRpc("kpi.alert.event", "action_acknowledge", () => ({ tag: "display_notification" }));
    await contains(".o_kpi_alert_row .btn").click();
    await animationFrame();
    expect.verifySteps(["centre", { tag: "display_notification" }, "centre"]);
    expect(".o_kpi_alert_row .btn").toHaveCount(1);
});

test("rows lead to their alert, the rest to lists; the centre closes", async () => {
    await open(() => ({ alerts: [ALERT], count: 1, needs: [NEED] }));
    await contains(".o_kpi_alert_row .o_kpi_home_row").click();
    expect.verifySteps(["centre", "close", ["kpi.alert.event", 7]]);
    await contains("section:last .o_kpi_home_row").click();
    expect.verifySteps(["close", ["kpi.submission", 4]]);
    await contains("footer .btn:last").click();
    expect.verifySteps(["close", "kpi_tracking_alert.kpi_smart_alert_action"]);
});

test("without alerts the centre says so", async () => {
    await open(() => ({ alerts: [], count: 0, needs: [] }));
    expect("section").toHaveCount(1);
    expect(".o_kpi_centre_none").toHaveText("You have no open alerts.");
    expect.verifySteps(["centre"]);
});

test("while it is open, the centre follows what others do", async () => {
    const menu = await open(() => ({ alerts: [ALERT], count: 1, needs: [] }));
    menu.version += 1;
    await animationFrame();
    expect.verifySteps(["centre", "centre"]);
});

test("the number follows what others do, and is announced", async () => {
    patchWithCleanup(session, { kpi_waiting_alerts: 100 });
    onRpc("kpi.alert.event", "get_waiting_count", () => {
        expect.step("count");
        return 2;
    });
    let tell;
    mockService("bus_service", {
        subscribe(type, callback) {
            tell = type === CHANGED ? callback : tell;
        },
    });
    await mountWithCleanup(AlertMenu);
    expect(".o_kpi_centre_count").toHaveText("99+");
    expect("[role=status]").toHaveText("");
    tell({});
    tell({}); // asked for once
    await advanceTime(2000);
    await animationFrame();
    expect.verifySteps(["count"]);
    expect(".o_kpi_centre_count").toHaveText("2");
    expect("[role=status]").toHaveText("KPI alerts. KPIs that need attention: 2");
    expect(".o_kpi_centre_toggler").toHaveAttribute("aria-expanded", "false");
});
