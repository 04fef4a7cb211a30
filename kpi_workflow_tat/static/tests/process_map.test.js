import { expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";
import {
    fromAddress,
    toAddress,
    toOptions,
} from "@kpi_workflow_tat/screens/process_map/map_choice";
import { MapDrawing } from "@kpi_workflow_tat/screens/process_map/map_drawing";
import { splitName } from "@kpi_tracking/eager/map/map_text";
import { placeMap } from "@kpi_workflow_tat/screens/process_map/map_geometry";
import { tellTime } from "@kpi_workflow_tat/screens/process_map/map_words";
import { ProcessMap } from "@kpi_workflow_tat/screens/process_map/process_map";

defineMailModels();

const HOUR = 3600;
const path = (source, target, count, values = {}) => ({
    bends: [],
    case_count: count,
    count,
    return_count: 0,
    source,
    target,
    wall_seconds: source < 0 || target < 0 ? null : 26 * HOUR,
    worked_seconds: source < 0 || target < 0 ? null : 10 * HOUR,
    ...values,
});
const MAP = {
    activities: [
        { case_count: 2, count: 3, name: "Ask", number: 0, place: [1, 0], rework_count: 1 },
        { case_count: 2, count: 2, name: "Approve", number: 1, place: [2, 0], rework_count: 0 },
    ],
    case_count: 2,
    ends: { begin: [0, 0], end: [3, 0] },
    event_count: 5,
    hidden_activities: 1,
    hidden_paths: 4,
    is_cut: false,
    left: -0.5,
    paths: [path(-1, 0, 2), path(0, 1, 2), path(0, 0, 1, { return_count: 1 }), path(1, -1, 2)],
    right: 0.5,
    variant_count: 2,
    variants: [
        { activities: ["Ask", "Approve"], count: 1 },
        { activities: ["Ask", "Ask", "Approve"], count: 1 },
    ],
};
const CHOICES = {
    date_from: "2025-04-01",
    departments: [],
    templates: [{ count: 2, id: 7, name: "Purchases" }],
};
const ASKED =
    '{"date_from":"2025-04-01","date_to":false,"department_id":false,"share":80,"template_id":7}';

async function openMap(onAction = () => {}) {
    onRpc("kpi.tat.process.map", "get_choices", () => CHOICES);
    onRpc("kpi.tat.process.map", "get_map", ({ args }) => {
        expect.step(JSON.stringify(args[0]));
        return MAP;
    });
    onRpc("kpi.tat.process.map", "open_requests", ({ args }) => {
        expect.step(JSON.stringify(args[1]));
        return { type: "ir.actions.act_window" };
    });
    mockService("action", { doAction: onAction });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(ProcessMap, { env, props });
    await animationFrame();
}

test("activities and paths are drawn with their numbers", async () => {
    await mountWithCleanup(MapDrawing, {
        props: { map: MAP, onActivity: () => {}, onPath: () => {}, shown: "count" },
    });
    expect(queryAllTexts(".o_kpi_map_name")).toEqual(["Ask", "Approve"]);
    expect(".o_kpi_map_rework").toHaveText("↻ 1");
    expect(queryAllTexts(".o_kpi_map_label text")).toEqual(["2", "2", "1", "2"]);
    expect(".o_kpi_map_return").toHaveCount(1);
});

test("paths tell the median time", async () => {
    await mountWithCleanup(MapDrawing, {
        props: { map: MAP, onActivity: () => {}, onPath: () => {}, shown: "worked" },
    });
    expect(queryAllTexts(".o_kpi_map_label text")).toEqual(["10 h", "10 h"]);
});

test("a click on an activity opens its requests", async () => {
    await openMap(() => expect.step("opened"));
    await contains(".o_kpi_map_node:first").click();
    expect.verifySteps([ASKED, '{"source":null,"target":"Ask"}', "opened"]);
});

test("a choice asks anew", async () => {
    const asked = (template_id, share) =>
        JSON.stringify({
            date_from: "2025-04-01",
            date_to: false,
            department_id: false,
            share,
            template_id,
        });
    await openMap();
    await contains("select:first").select("0");
    await animationFrame();
    await contains("select:last").select("100");
    await animationFrame();
    expect.verifySteps([asked(7, 80), asked(false, 80), asked(false, 100)]);
});

test("the keyboard opens the requests of a path", async () => {
    await openMap(() => expect.step("opened"));
    queryAll(".o_kpi_map_path")[0].focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([ASKED, '{"source":-1,"target":"Ask"}', "opened"]);
});

test("the map can be read as tables", async () => {
    await openMap();
    await contains("button:contains(Show as Table)").click();
    expect(".o_kpi_map_drawing").toHaveCount(0);
    expect(queryAllTexts(".o_kpi_map_table:last tbody tr:first td")).toEqual([
        "Start → Ask",
        "2",
        "2",
        "–",
        "–",
    ]);
    expect.verifySteps([ASKED]);
});

test("a choice is stored in the address and read from it", () => {
    const usual = fromAddress({}, CHOICES);
    expect(usual).toEqual({
        department: 0,
        figure: "count",
        from: "2025-04-01",
        isTable: false,
        share: 80,
        template: 7,
        to: "",
    });
    const chosen = {
        ...usual,
        figure: "wall",
        isTable: true,
        share: 100,
        template: 0,
        to: "2026-02-28",
    };
    expect(fromAddress(toAddress(chosen), CHOICES)).toEqual(chosen);
    // all requests, also where the page is loaded again
    const all = { ...usual, from: "" };
    expect(fromAddress(toAddress(all), CHOICES)).toEqual(all);
    expect(toOptions(chosen).date_to).toBe("2026-03-01");
    expect(fromAddress({ detail: "7", figure: "x", from: "soon", template: "x" }, CHOICES)).toEqual(
        {
            ...usual,
            from: "",
            template: 0,
        },
    );
});

test("long names are cut to two lines", () => {
    expect(splitName("Closed")).toEqual(["Closed"]);
    expect(splitName("Request For Payment FINAL_APPROVED by SUPERVISOR")).toEqual([
        "Request For Payment",
        "FINAL_APPROVED by SUP…",
    ]);
});

test("times have three digits that count", async () => {
    await makeMockEnv(); // texts and numbers of a language
    const told = [30, 90, 26 * HOUR, 72 * HOUR].map((seconds) => tellTime(seconds));
    expect(told).toEqual(["30 s", "1.5 min", "26 h", "3 d"]);
    expect(tellTime(72 * HOUR, true)).toBe("72 h");
    expect(tellTime(null)).toBe("");
});

test("nothing is drawn outside of the picture", () => {
    const { height, nodes, width } = placeMap(MAP);
    for (const node of nodes) {
        expect(node.x > 0 && node.x < width && node.y > 0 && node.y < height).toBe(true);
    }
});
