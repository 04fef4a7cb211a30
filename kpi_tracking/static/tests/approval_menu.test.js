import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { after, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, freezeTime } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { ApprovalMenu } from "@kpi_tracking/eager/approval_menu/approval_menu";

defineMailModels();

test("the badge counts what waits, follows the bus and opens the list", async () => {
    const counts = [100, 2];
    onRpc("kpi.approval.item", "get_waiting_count", () => {
        expect.step("count");
        return counts.shift();
    });
    let tell;
    mockService("bus_service", {
        subscribe(type, callback) {
            tell = type === "kpi_base.approvals_changed" ? callback : tell;
        },
    });
    mockService("action", { doAction: (action) => expect.step(action) });
    freezeTime(); // it counts after a random moment, which may pass while the page is made
    await mountWithCleanup(ApprovalMenu);
    expect.verifySteps([]); // the page does not wait for it
    await advanceTime(2000);
    await animationFrame();
    expect.verifySteps(["count"]);
    expect(".o_kpi_approval_count").toHaveText("99+");
    expect("[role=status]").toHaveText("");
    tell({});
    tell({}); // asked for once
    await advanceTime(2000);
    await animationFrame();
    expect(".o_kpi_approval_count").toHaveText("2");
    expect("[role=status]").toHaveText("Approvals waiting for you: 2");
    await contains(".o_kpi_approval_toggler").click();
    expect.verifySteps(["count", "kpi_base.kpi_approval_step_action_mine"]);
});

test("nothing that waits has no badge", async () => {
    onRpc("kpi.approval.item", "get_waiting_count", () => 0);
    await mountWithCleanup(ApprovalMenu);
    await advanceTime(2000);
    await animationFrame();
    expect(".o_kpi_approval_count").toHaveCount(0);
    expect(".o_kpi_approval_toggler").toHaveAttribute("title", "Approvals");
});

test("the menus beside it are fitted anew when its width changes", async () => {
    const counts = [7, 8, 12];
    onRpc("kpi.approval.item", "get_waiting_count", () => counts.shift());
    let tell;
    mockService("bus_service", {
        subscribe(type, callback) {
            tell = type === "kpi_base.approvals_changed" ? callback : tell;
        },
    });
    const fit = () => expect.step("fit");
    registry.category("systray").addEventListener("UPDATE", fit);
    after(() => registry.category("systray").removeEventListener("UPDATE", fit));
    freezeTime();
    await mountWithCleanup(ApprovalMenu);
    await document.fonts.ready;
    expect.verifySteps(["fit"]); // the icons are there
    for (const steps of [["fit"], [], ["fit"]]) {
        await advanceTime(2000);
        await animationFrame();
        await document.fonts.ready;
        expect.verifySteps(steps);
        tell({});
    }
});
