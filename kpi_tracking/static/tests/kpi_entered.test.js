import { beforeEach, expect, test } from "@odoo/hoot";
import { click, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { showEntered } from "@kpi_tracking/eager/entered/entered";

defineMailModels();

let done;
beforeEach(async () => {
    done = [];
    await mountWithCleanup(WebClient);
    patchWithCleanup(getService("action"), {
        doAction: (action, options) => done.push([action.type || action, options]),
    });
});

const entered = (params) => {
    const services = {
        action: getService("action"),
        notification: getService("notification"),
        orm: getService("orm"),
    };
    const shared = { message: "89% entered.", submission_id: 8, corrected_id: false };
    return showEntered({ services }, { params: { ...shared, ...params } }, {});
};

test("what was entered is said, and can be corrected", async () => {
    onRpc("kpi.submission", "action_correct", ({ args }) => ({ type: `correct ${args[0]}` }));
    await entered({});
    expect(done.map(([type]) => type)).toEqual(["ir.actions.act_window_close"]);
    await waitFor(".o_notification:contains(89% entered.)");
    await click(".o_notification button:contains(Correct)");
    await animationFrame();
    await animationFrame();
    expect(done.at(-1)[0]).toBe("correct 8");
});

test("what was corrected elsewhere than on its screen opens nothing", async () => {
    await entered({ corrected_id: 7 });
    expect(done.length).toBe(1);
});
