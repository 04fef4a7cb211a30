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
import { BenefitMap } from "@kpi_benefits/screens/benefit_map/benefit_map";
import { placeMap } from "@kpi_benefits/screens/benefit_map/benefit_map_geometry";

defineMailModels();

const node = (kind, name, place, values = {}) => ({
    can_open: true,
    id: place[0] + 1,
    key: name,
    kind,
    label: "",
    model: "kpi.benefit.node",
    name,
    place,
    status: "",
    value: "",
    ...values,
});
const MAP = {
    hidden: 0,
    kinds: { enabler: "Enabler", change: "Change", benefit: "Benefit", objective: "Objective" },
    left: -0.5,
    links: [
        { bends: [], source: "No paper", target: "Less work" },
        { bends: [], source: "Less work", target: "Margin" },
    ],
    nodes: [
        node("change", "No paper", [0, 0], { can_open: false }),
        node("benefit", "Less work", [1, 0], {
            label: "At risk",
            model: "kpi.benefit.realization",
            value: "$ 6,000",
        }),
        node("objective", "Margin", [2, 0]),
    ],
    right: 0.5,
};

async function openMap(map = MAP) {
    onRpc("kpi.benefit.map", "get_choices", () => [{ count: 1, id: 7, name: "Digital" }]);
    onRpc("kpi.benefit.map", "get_map", ({ args }) => {
        expect.step(`map of ${args[0]}`);
        return map;
    });
    mockService("action", {
        doAction: (action) => expect.step(`${action.res_model}, ${action.res_id}`),
    });
    const env = await makeMockEnv({ config: getDefaultConfig() });
    const props = { action: {}, actionId: 1, updateActionState: () => {} };
    await mountWithCleanup(BenefitMap, { env, props });
    await animationFrame();
}

test.tags("desktop");
test("boxes, links and bands are drawn from left to right", async () => {
    await openMap();
    expect.verifySteps(["map of 7"]);
    expect(queryAllTexts(".o_kpi_benefit_map_band")).toEqual(["Change", "Benefit", "Objective"]);
    expect(queryAllTexts(".o_kpi_map_name")).toEqual(["No paper", "Less work", "Margin"]);
    expect(".o_kpi_map_line").toHaveCount(2);
    expect(queryAll(".o_kpi_map_node")[1]).toHaveAttribute(
        "aria-label",
        "Benefit, Less work, $ 6,000, At risk, needs No paper, leads to Margin",
    );
});

test.tags("desktop");
test("the keyboard opens what may be opened", async () => {
    await openMap();
    const nodes = queryAll(".o_kpi_map_node");
    nodes[0].focus();
    await press("Enter");
    nodes[1].focus();
    await press("Enter");
    expect.verifySteps(["map of 7", "kpi.benefit.realization, 2"]);
});

test.tags("desktop");
test("the map can be read as a table", async () => {
    await openMap();
    await contains("button:contains(Show as Table)").click();
    expect(".o_kpi_map_drawing").toHaveCount(0);
    expect(queryAllTexts("tbody tr:eq(1) td")).toEqual([
        "Benefit",
        "Less work",
        "No paper",
        "Margin",
        "$ 6,000",
        "At risk",
    ]);
    expect("tbody tr:eq(0) button").toHaveCount(0);
    expect.verifySteps(["map of 7"]);
});

test.tags("desktop");
test("another initiative is chosen", async () => {
    await openMap();
    await contains(".o_kpi_map_bar select").select("0");
    expect.verifySteps(["map of 7", "map of null"]);
});

test("an empty map says so", async () => {
    await openMap({ ...MAP, links: [], nodes: [] });
    expect(".o_kpi_screen_empty p").toHaveText("No planned benefits yet.");
    expect.verifySteps(["map of 7"]);
});

test("later layers stand further right", () => {
    const { links, nodes } = placeMap(MAP);
    expect(nodes[0].x < nodes[1].x && nodes[1].x < nodes[2].x).toBe(true);
    expect(links[0].d.startsWith(`M ${nodes[0].x + 86} ${nodes[0].y} `)).toBe(true);
});
