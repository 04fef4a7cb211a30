import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { JobProgressAction } from "@kpi_base/screens/job_progress/job_progress_action";

class KpiJob extends models.Model {
    _name = "kpi.job";

    state = fields.Selection({
        selection: [
            ["running", "Running"],
            ["done", "Done"],
        ],
    });
    progress_ratio = fields.Float();
    step_count = fields.Integer();
    step_done_count = fields.Integer();

    _records = [
        { id: 1, state: "running", progress_ratio: 0.25, step_count: 4, step_done_count: 1 },
    ];
}

defineMailModels();
defineModels([KpiJob]);

async function mountForm() {
    onRpc("kpi.job", "web_read", () => {
        expect.step("read");
    });
    await mountView({
        type: "form",
        resModel: "kpi.job",
        resId: 1,
        arch: `<form><field name="progress_ratio" widget="kpi_job_progress"/></form>`,
    });
    expect.verifySteps(["read"]);
}

test("a running job is read every two seconds until it is done", async () => {
    await mountForm();
    expect(".o_kpi_job_progress_text").toHaveText("1 of 4");
    expect("[role=progressbar]").toHaveAttribute("aria-valuenow", "25");
    await advanceTime(1900);
    expect.verifySteps([]);
    MockServer.env["kpi.job"].write([1], { step_done_count: 3, progress_ratio: 0.75 });
    await advanceTime(200);
    await animationFrame();
    expect.verifySteps(["read"]);
    expect(".o_kpi_job_progress_text").toHaveText("3 of 4");
    MockServer.env["kpi.job"].write([1], { state: "done", progress_ratio: 1 });
    await advanceTime(2000);
    await animationFrame();
    expect.verifySteps(["read"]);
    expect(".o_kpi_job_progress_text").toHaveText("100%");
    await advanceTime(10000);
    expect.verifySteps([]);
});

test("what is offered with the result stays when the dialog is gone", async () => {
    patchWithCleanup(KpiJob._records[0], { state: "done" });
    onRpc("my.ready", "find", ({ args }) => ({
        model: "my.ready",
        id: 7,
        method: "install",
        text: `A dashboard shows ${args[0]}`,
        button: "Install",
    }));
    onRpc("my.ready", "install", ({ args }) => ({ name: `installed ${args[0]}` }));
    mockService("action", { doAction: ({ name }) => expect.step(name) });
    const params = {
        job_id: 1,
        next: { name: "KPIs" },
        offer: { model: "my.ready", method: "find", args: ["all"] },
    };
    await mountWithCleanup(JobProgressAction, { props: { action: { params } } });
    await animationFrame();
    expect.verifySteps(["KPIs"]);
    expect(".o_notification").toHaveText(/A dashboard shows all/);
    await contains(".o_notification button:contains(Install)").click();
    expect.verifySteps(["installed 7"]);
    expect(".o_notification").toHaveCount(0);
});

test("nothing is read while nobody looks", async () => {
    let isHidden = true;
    patchWithCleanup(document, {
        get hidden() {
            return isHidden;
        },
    });
    await mountForm();
    await advanceTime(6000);
    expect.verifySteps([]);
    isHidden = false;
    await advanceTime(2000);
    expect.verifySteps(["read"]);
});
