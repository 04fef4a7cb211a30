import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { getDefaultConfig } from "@web/views/view";
import { makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { adviceOn } from "@kpi_base/screens/servers/advice";
import { Servers } from "@kpi_base/screens/servers/servers";

defineMailModels();

const SERVER = {
    name: "one",
    address: "10.0.0.11",
    release: "19.0.1 (aaaa)",
    leads: true,
    lanes: 1,
    workers: 2,
    clock: 0.021,
    silence: 12,
    replica: "10.0.0.21",
    replica_behind: 0.3,
    replica_share: 0.61,
    has_files: true,
    has_sessions: true,
};
const PAGE = {
    servers: [SERVER],
    problems: {},
    lanes: 2,
    waiting: 0,
    oldest_seconds: null,
    longest: [],
};

/** Texts with ordinary spaces. */
const textsOf = (selector) => queryAllTexts(selector).map((text) => text.replace(/\u202f/g, " "));

async function show(page) {
    onRpc("kpi.server", "get_page", () => ({ ...PAGE, ...page }));
    const env = await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(Servers, { env, props: { action: {}, actionId: 1 } });
}

test("one server that is well", async () => {
    await show({});
    expect(".o_kpi_servers_headline").toHaveText("No problems found");
    expect(".o_kpi_servers_problem").toHaveCount(0);
    expect(".o_kpi_servers_server .badge").toHaveText("runs the timer");
    expect(textsOf(".o_kpi_servers_server dd")).toEqual([
        "10.0.0.11",
        "19.0.1 (aaaa)",
        "1 of 2 cron workers",
        "+0.02 s",
        "12 s ago",
    ]);
    expect(textsOf(".o_kpi_servers_shared dd")).toEqual([
        "0.3 s behind, 61% of rows read",
        "on one server",
        "on one server",
    ]);
    expect(textsOf(".o_kpi_servers_jobs dd")).toEqual(["0", "2"]);
});

test("what is amiss is marked, said with ways out, and counted", async () => {
    const other = { ...SERVER, name: "two", clock: -9.1, leads: false, has_files: false };
    await show({
        servers: [SERVER, { ...other, has_sessions: false, replica_behind: null }],
        problems: { files: ["two"], clock: ["two"], sessions: ["two"] },
        waiting: 3,
        oldest_seconds: 240,
        longest: [["Opportunities", 5.4]],
    });
    expect(".o_kpi_servers_headline").toHaveText("Problems found: 2"); // sessions can be meant so
    expect(".o_kpi_servers_problem").toHaveCount(3);
    expect("[data-code=clock]").toHaveText(/two/);
    expect(".o_kpi_servers_server .fa-exclamation-triangle").toHaveCount(1);
    expect(textsOf(".o_kpi_servers_shared dd").slice(1)).toEqual(["not shared", "not shared"]);
    expect(textsOf(".o_kpi_servers_jobs dd")).toEqual([
        "3, the oldest for 4 min",
        "Opportunities, 5.4 s",
        "2",
    ]);
});

test("each problem has ways out", () => {
    const codes = ["nobody", "silent", "pooled", "files", "release", "clock"];
    for (const code of [...codes, "replica", "workers", "sessions"]) {
        const { title, ways } = adviceOn(code, "two");
        expect(title).not.toBe("");
        expect(ways.length).toBeGreaterThan(0);
    }
});
