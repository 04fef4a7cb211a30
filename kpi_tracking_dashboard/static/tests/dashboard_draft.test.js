import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeMockEnv,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { user } from "@web/core/user";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { getDefaultConfig } from "@web/views/view";
import { Dashboard } from "@kpi_tracking_dashboard/screens/dashboard/dashboard";
import { VersionsDialog } from "@kpi_tracking_dashboard/screens/dashboard/versions/versions_dialog";
import { answer, card } from "./dashboard_answer";

defineMailModels();

const PUBLISHED = 5;
const DRAFT = 9;
const UPDATE = { age_seconds: 60, is_incomplete: false, state: "idle", progress: 0 };
const QUESTION = "Olga changed Sales on 5 Nov.";

/**
 * A dashboard that others look at, and its draft.
 *
 * @returns {Promise<{called: Array[], dashboard: Dashboard}>} methods with their arguments
 */
async function open(resId = PUBLISHED, header = {}) {
    const called = [];
    patchWithCleanup(user, { hasGroup: async () => true });
    onRpc("kpi.job", "get_update", () => UPDATE);
    onRpc("kpi.dashboard", "scopes", () => []);
    onRpc("kpi.dashboard", "count_view", () => true);
    onRpc("kpi.dashboard", "data", ({ args: [[id]] }) => {
        const draft = id === DRAFT ? { draft_of_id: PUBLISHED } : {};
        const { dashboard } = answer([]);
        return answer([card()], {
            dashboard: { ...dashboard, id, is_private: false, ...header, ...draft },
        });
    });
    const results = {
        discard_draft: () => PUBLISHED,
        leave_draft: () => PUBLISHED,
        publish: (over) =>
            over === 4
                ? { dashboard_id: PUBLISHED }
                : { dashboard_id: PUBLISHED, question: QUESTION, revision: 4 },
        start_draft: () => DRAFT,
    };
    for (const [method, result] of Object.entries(results)) {
        onRpc("kpi.dashboard", method, ({ args: [[id], ...rest] }) => {
            called.push([method, id, ...rest]);
            return result(...rest);
        });
    }
    const env = await makeMockEnv({ config: { ...getDefaultConfig(), breadcrumbs: [] } });
    await mountWithCleanup(MainComponentsContainer, { env, noMainContainer: true });
    const dashboard = await mountWithCleanup(Dashboard, {
        env,
        noMainContainer: true,
        props: { action: {}, resId, updateActionState: () => {} },
    });
    await animationFrame();
    await animationFrame();
    return { called, dashboard };
}

test.tags("desktop");
test("what others look at is arranged in its draft", async () => {
    const { called } = await open();
    expect(".o_kpi_dashboard_draft").toHaveCount(0);
    await contains(".o_control_panel button:contains(Edit)").click();
    await animationFrame();
    expect(called).toEqual([["start_draft", PUBLISHED]]);
    expect(".o_kpi_dashboard_draft").toHaveText(/Others see the published version/);
    expect(".o_kpi_dashboard_editing").toHaveCount(1);
    await contains(".o_control_panel button:contains(Cancel)").click();
    await animationFrame();
    expect(called.at(-1)).toEqual(["leave_draft", DRAFT]);
    expect(".o_kpi_dashboard_draft").toHaveCount(0);
});

test("what nobody else sees is arranged at once", async () => {
    const { called } = await open(PUBLISHED, { is_private: true });
    await contains(".o_control_panel button:contains(Edit)").click();
    expect(called).toEqual([]);
    expect(".o_kpi_dashboard_editing").toHaveCount(1);
    expect(".o_control_panel button:contains(Publish)").toHaveCount(0);
});

test("newer changes are replaced only by who knows of them", async () => {
    const { called } = await open(DRAFT);
    await contains(".o_control_panel button:contains(Publish)").click();
    await animationFrame();
    expect(".modal-body").toHaveText(QUESTION);
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect(called).toEqual([
        ["publish", DRAFT, null],
        ["publish", DRAFT, 4],
    ]);
    expect(".o_kpi_dashboard_draft").toHaveCount(0);
    expect(".o_notification").toHaveText(/“Sales” is published/);
});

test("a draft is discarded when that was meant", async () => {
    const { called } = await open(DRAFT);
    await contains(".o_kpi_dashboard_draft button").click();
    expect(called).toEqual([]);
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect(called).toEqual([["discard_draft", DRAFT]]);
});

test.tags("desktop");
test("a draft has no links, mails or files", async () => {
    await open(DRAFT);
    await contains(".o_control_panel button[title='More']").click();
    expect(queryAllTexts(".o-dropdown--menu .o-dropdown-item")).toEqual(["Settings"]);
});

test("a draft that somebody left is offered", async () => {
    const moment = "2026-11-05T12:00:00Z";
    await open(PUBLISHED, { draft: { id: DRAFT, user: "Olga", moment } });
    expect(".o_kpi_dashboard_draft").toHaveText(/changed by Olga/);
    await contains(".o_kpi_dashboard_draft button").click();
    await animationFrame();
    expect(".o_kpi_dashboard_draft").toHaveText(/Others see/);
});

test("who has a draft open is led to what was published", async () => {
    const { dashboard } = await open(DRAFT);
    dashboard.changeOf({ dashboard_id: DRAFT, published_id: PUBLISHED });
    await animationFrame();
    await animationFrame();
    expect(".o_kpi_dashboard_draft").toHaveCount(0);
    expect(".o_notification").toHaveText(/Someone else published or discarded/);
});

test.tags("desktop");
test("what was not saved yet is not taken away with the draft", async () => {
    const { dashboard } = await open(DRAFT);
    await contains(".o_control_panel button:contains(Edit)").click();
    dashboard.editing.layout.widen(dashboard.model.tiles[0].id, 2);
    dashboard.changeOf({ dashboard_id: DRAFT, published_id: PUBLISHED });
    await animationFrame();
    expect(".o_kpi_dashboard_editing").toHaveCount(1);
    expect(".o_notification").toHaveText(/Unsaved changes cannot be saved/);
});

test("versions name what changed, and bring it back", async () => {
    const changes = [
        { kind: "removed", tile_id: 3, title: "Pipeline", can_return: true },
        { kind: "changed", tile_id: 4, title: "Win Rate", can_return: false },
    ];
    onRpc("kpi.dashboard", "list_versions", () => [
        { id: 22, user: "Olga", moment: "2026-11-05T12:00:00Z", is_now: true, changes },
        { id: 21, user: "Ada", moment: "2026-11-01T12:00:00Z", is_now: false, changes: [] },
    ]);
    const called = [];
    for (const method of ["bring_back", "restore"]) {
        onRpc("kpi.dashboard.version", method, ({ args }) => {
            called.push([method, ...args]);
            return { dashboard_id: DRAFT, notes: [] };
        });
    }
    const shown = [];
    const props = { dashboardId: PUBLISHED, name: "Sales", show: (id) => shown.push(id) };
    await mountWithCleanup(MainComponentsContainer);
    getService("dialog").add(VersionsDialog, props);
    await animationFrame();
    expect(queryAllTexts(".o_kpi_version_changes li")).toEqual([
        "Removed: PipelineRestore Tile",
        "Changed: Win Rate",
    ]);
    await contains("button:contains(Restore Tile)").click();
    getService("dialog").add(VersionsDialog, props);
    await animationFrame();
    await contains("button:contains(/^Restore$/)").click();
    expect(called).toEqual([
        ["bring_back", [21], 3],
        ["restore", [21], null],
    ]);
    expect(shown).toEqual([DRAFT, DRAFT]);
});
