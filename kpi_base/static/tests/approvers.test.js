import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Deferred, destroy, expect, test } from "@odoo/hoot";
import { queryFirst, waitFor } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    makeMockEnv,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { useServiceProtectMethodHandling } from "@web/core/utils/hooks";
import { Approvers, ApproversWidget } from "@kpi_base/screens/approvers/approvers";
import { describeApprovers, listApprovers } from "@kpi_base/screens/approvers/approvers_words";

const people = (...names) => names.map((name) => ({ name, in_place_of: false }));
const level = (needed, names, values = {}) => ({
    level: 1,
    needed,
    group: false,
    people: people(...names),
    ...values,
});
const preview = (...levels) => ({ workflow: "Orders", is_automatic: false, levels });

const CASES = [
    [preview(level(1, ["Ann"])), "Ann"],
    [preview(level(1, ["Ann", "Bo"])), "Ann or Bo"],
    [preview(level(2, ["Ann", "Bo"])), "Ann and Bo"],
    [preview(level(1, ["Ann", "Bo", "Cy"])), "any of 3 people"],
    [preview(level(3, ["Ann", "Bo", "Cy"])), "all 3 people"],
    [preview(level(2, ["Ann", "Bo", "Cy"])), "2 of 3 people"],
    [
        preview(
            level(1, ["Jonas Keller"]),
            level(1, ["Ann", "Bo", "Cy"], { group: "KPI Officer", level: 2 }),
        ),
        "Jonas Keller, then any of 3 people (KPI Officer)",
    ],
    [preview(level(1, [], { people: [{ name: "Bo", in_place_of: "Ann" }] })), "Bo (for Ann)"],
    [
        preview(level(1, ["Ann", "Bo"], { within: "8 working hours" }), level(1, ["Cy"])),
        "Ann or Bo (8 working hours), then Cy",
    ],
    [preview(level(1, [])), "no available approver"], // it would be refused
    [preview(), "Approved automatically."],
    [{ ...preview(level(1, ["Ann"])), is_automatic: true }, "Approved automatically."],
    [{ workflow: false, is_automatic: true, levels: [] }, "No approval needed."],
];

class Order extends models.Model {
    _name = "x_order";
    name = fields.Char();
    amount = fields.Float();
    _records = [{ id: 1, name: "Tools" }];
}

defineMailModels();
defineModels([Order]);

test("says in a line who will approve", async () => {
    await makeMockEnv();
    for (const [given, text] of CASES) {
        expect(describeApprovers(given)).toBe(text);
    }
});

test("names all of them on hover", async () => {
    const given = preview(level(1, ["Ann"]), level(1, ["Bo", "Cy"], { level: 2 }));
    await mountWithCleanup(Approvers, { props: { preview: given } });
    expect(listApprovers(given)).toBe("Level 1: Ann\nLevel 2: Bo and Cy");
    expect(".o_kpi_approvers").toHaveText("Approvers: Ann, then Bo or Cy");
    expect(queryFirst(".o_kpi_approvers [title]").title).toBe(listApprovers(given));
});

test("asks for the document of the form, once it is stored", async () => {
    onRpc("x_order", "preview_approvers", ({ args }) => {
        expect.step(args);
        return preview(level(1, ["Ann"]));
    });
    const arch = `<form><field name="name" /><widget name="kpi_approvers" /></form>`;
    await mountView({ type: "form", resModel: "x_order", resId: 1, arch });
    await expect.waitForSteps([[[1], {}]]);
    expect(".o_kpi_approvers").toHaveText("Approvers: Ann");
});

test("says it of a new document as soon as its workflow is known", async () => {
    onRpc("x_order", "preview_approvers", ({ args: [ids, values] }) => {
        expect.step([ids, values.amount]);
        return values.amount ? preview(level(1, ["Ann"])) : { ...preview(), workflow: false };
    });
    const arch = `
        <form><field name="name" /><field name="amount" /><widget name="kpi_approvers" /></form>`;
    await mountView({ type: "form", resModel: "x_order", arch });
    await expect.waitForSteps([[[], 0]]);
    expect(".o_kpi_approvers").toHaveCount(0);
    await contains("[name=amount] input").edit("5");
    await expect.waitForSteps([[[], 5]]);
    await waitFor(".o_kpi_approvers");
    expect(".o_kpi_approvers").toHaveText("Approvers: Ann");
    await contains(".o_form_button_save").click();
    await expect.waitForSteps([[[1 + 1], undefined]]);
});

test("a form that was left meanwhile asks for nothing more", async () => {
    patchWithCleanup(useServiceProtectMethodHandling, {
        fn: () => Promise.reject(new Error("Component is destroyed")),
    });
    onRpc("x_order", "preview_approvers", () => preview(level(1, ["Ann"])));
    let widget;
    patchWithCleanup(ApproversWidget.prototype, {
        setup() {
            super.setup();
            widget = this;
        },
    });
    const arch = `<form><field name="name" /><widget name="kpi_approvers" /></form>`;
    const form = await mountView({ type: "form", resModel: "x_order", resId: 1, arch });
    await waitFor(".o_kpi_approvers");
    const changes = new Deferred();
    const asked = widget.load({ getChanges: () => changes, resId: 1, resModel: "x_order" });
    destroy(form);
    changes.resolve({});
    expect(await asked).toBe(undefined);
});
