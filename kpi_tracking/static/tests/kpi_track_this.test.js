import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { shownView, trackThisItem } from "@kpi_tracking/eager/track_this/track_this";
import { FirstSteps } from "@kpi_tracking/eager/first_steps/first_steps";
import { user } from "@web/core/user";

class KpiReport extends models.Model {
    _name = "kpi.report";

    name = fields.Char();
}

defineMailModels();
defineModels([KpiReport]);

const searchModel = (context, groupBys = []) => ({
    resModel: "sale.order",
    domain: [["state", "=", "sale"]],
    query: [{ searchItemId: 2 }],
    searchItems: {
        1: { id: 1, type: "dateFilter", fieldName: "create_date" },
        2: { id: 2, type: "dateFilter", fieldName: "date_order" },
        3: { id: 3, type: "filter" },
    },
    getPreFavoriteValues: () => ({ context, groupBys }),
});

test("a graph gives its measure and groups, a date filter that is on its date", () => {
    const context = { graph_measure: "amount_total", graph_groupbys: ["team_id"] };
    expect(shownView(searchModel(context), "graph")).toEqual({
        domain: [["state", "=", "sale"]],
        measure: "amount_total",
        group_by: ["team_id"],
        date_fields: ["date_order"],
    });
});

test("a pivot gives its first measure that is no count, rows before columns", () => {
    const context = {
        pivot_measures: ["__count", "margin"],
        pivot_row_groupby: ["user_id"],
        pivot_column_groupby: ["date_order:month"],
    };
    const view = shownView(searchModel(context), "pivot");
    expect(view.measure).toBe("margin");
    expect(view.group_by).toEqual(["user_id", "date_order:month"]);
    expect(shownView(searchModel({}), "pivot").measure).toBe("__count");
});

test("a list has no measure to give", () => {
    const view = shownView(searchModel({}, ["team_id"]), "list");
    expect(view.measure).toBe(undefined);
    expect(view.group_by).toEqual(["team_id"]);
});

test("only officers see it, and only on business records", async () => {
    let isOfficer = true;
    patchWithCleanup(user, { hasGroup: async () => isOfficer });
    const isDisplayed = (resModel, viewType = "list") =>
        trackThisItem.isDisplayed({ config: { viewType }, searchModel: { resModel } });
    expect(await isDisplayed("sale.order")).toBe(true);
    expect(await isDisplayed("sale.order", "form")).toBe(false);
    expect(await isDisplayed("ir.cron")).toBe(false);
    expect(await isDisplayed("kpi.report")).toBe(false);
    isOfficer = false;
    expect(await isDisplayed("sale.order")).toBe(false);
});

test("only open steps have a text, and only the next one a framed button", async () => {
    const step = { button: "Go", action: "some.action" };
    onRpc("kpi.report", "get_first_steps", () => [
        { ...step, key: "a", title: "First KPI", text: "Turn on KPIs.", is_done: true },
        { ...step, key: "b", title: "First target", text: "Set targets.", is_done: false },
        { ...step, key: "c", title: "First alert", text: "Rules notify.", is_done: false },
    ]);
    await mountWithCleanup(FirstSteps);
    expect(queryAllTexts(".o_kpi_first_steps_text")).toEqual(["Set targets.", "Rules notify."]);
    expect(".o_kpi_first_steps_step .btn").toHaveCount(2);
    expect(".o_kpi_first_steps_step:eq(1) .btn").toHaveClass("btn-secondary");
    expect(".o_kpi_first_steps_step:eq(2) .btn").toHaveClass("btn-link");
    expect(".o_kpi_first_steps").not.toHaveClass("o_kpi_first_steps_last");
});

test("the last open step is in the line of those that are done", async () => {
    const step = { button: "Go", action: "some.action", text: "Turn on KPIs." };
    onRpc("kpi.report", "get_first_steps", () => [
        { ...step, key: "a", title: "First KPI", is_done: true },
        { ...step, key: "b", title: "First target", is_done: false },
    ]);
    await mountWithCleanup(FirstSteps);
    expect(".o_kpi_first_steps").toHaveClass("o_kpi_first_steps_last");
    expect(".o_kpi_first_steps_step .btn").toHaveCount(1);
});

test("the first steps lead to what is not done, and can be closed", async () => {
    const step = { text: "", button: "Go", action: "some.action" };
    let isDone = false;
    onRpc("kpi.report", "get_first_steps", () => [
        { ...step, key: "a", title: "Choose KPIs", is_done: true },
        { ...step, key: "b", title: "Set a target", is_done: isDone },
    ]);
    onRpc("kpi.report", "close_first_steps", () => {
        expect.step("closed");
        return true;
    });
    mockService("action", {
        doAction: (action, { onClose }) => {
            expect.step(action);
            isDone = true;
            return onClose();
        },
    });
    await mountWithCleanup(FirstSteps);
    expect(".o_kpi_first_steps_step").toHaveCount(2);
    expect(".o_kpi_first_steps_done").toHaveText("Choose KPIs");
    expect(".o_kpi_first_steps_step .btn").toHaveCount(1);
    await click(".o_kpi_first_steps_step .btn");
    await animationFrame();
    expect(".o_kpi_first_steps_done").toHaveCount(2);
    await click(".o_kpi_first_steps_close");
    await animationFrame();
    expect(".o_kpi_first_steps").toHaveCount(0);
    expect.verifySteps(["some.action", "closed"]);
});
