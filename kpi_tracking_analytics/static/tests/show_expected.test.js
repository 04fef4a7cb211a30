import { expect, test } from "@odoo/hoot";
import { runAllTimers } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import "@kpi_tracking_dashboard/screens/dashboard/tile_form/tile_preview";

class Dashboard extends models.Model {
    _name = "kpi.dashboard";
    name = fields.Char();
    _records = [{ id: 5, name: "Sales" }];
}

class Definition extends models.Model {
    _name = "kpi.definition";
    name = fields.Char();
    _records = [{ id: 7, name: "Won Revenue" }];
}

class Tile extends models.Model {
    _name = "kpi.dashboard.tile";
    kind = fields.Char();
    span = fields.Integer();
    dashboard_id = fields.Many2one({ relation: "kpi.dashboard" });
    definition_ids = fields.Many2many({ relation: "kpi.definition" });
    report_ids = fields.Many2many({ relation: "kpi.definition" });
    show_expected = fields.Boolean();
    _records = [{ id: 1, kind: "line", span: 6, dashboard_id: 5, definition_ids: [7] }];
    _views = {
        form: `
            <form>
                <field name="dashboard_id" /><field name="kind" /><field name="span" />
                <field name="definition_ids" /><field name="report_ids" />
                <field name="show_expected" /><widget name="kpi_tile_preview" />
            </form>`,
    };
}

defineMailModels();
defineModels([Dashboard, Definition, Tile]);

test("a tile that is to go on is shown so beside its form, and stored", async () => {
    onRpc("kpi.dashboard", "preview", ({ args: [ids, { kind, show_expected }] }) => {
        expect.step([ids, kind, show_expected]);
        const tile = { id: 0, kind: "text", title: "Tile", span: 6, height: 1, state: "ok" };
        return { tile: { ...tile, html: "", message: "" }, title: "Tile", breakdowns: [] };
    });
    onRpc("web_save", ({ args }) => expect.step(args[1]));
    await mountView({ type: "form", resModel: "kpi.dashboard.tile", resId: 1 });
    expect.verifySteps([[[5], "line", false]]);
    await contains("[name=show_expected] input").click();
    await runAllTimers();
    expect.verifySteps([[[5], "line", true]]);
    await contains(".o_form_button_save").click();
    expect.verifySteps([{ show_expected: true }]);
});
