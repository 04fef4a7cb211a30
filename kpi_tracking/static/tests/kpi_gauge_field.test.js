import { after, expect, test } from "@odoo/hoot";
import { click, edit, press, queryAllAttributes, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";
import { getTable, setTable } from "@kpi_base/eager/formatting/formatting";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class Deal extends models.Model {
    _name = "deal";

    name = fields.Char();
    amount = fields.Float({ string: "Amount", digits: [16, 2] });
    goal = fields.Float();
    count = fields.Integer({ string: "Deals" });
    zones = fields.Text({ string: "Zones" });
    zone_unit = fields.Selection({
        selection: [
            ["percent", "%"],
            ["value", "Unit"],
        ],
    });
    _records = [
        { id: 1, name: "A", amount: 82.5, goal: 100, count: 3, zone_unit: "percent" },
        { id: 2, name: "B", amount: 100, goal: 100, count: -7, zone_unit: "percent" },
    ];
}

defineMailModels();
defineModels([Deal]);

const mount = (type, arch, resId) => mountView({ type, resModel: "deal", arch, resId });
const spoken = () => queryAllAttributes("[role=meter]", "aria-valuetext");

test("a float of a list is a bar with a status, by the target of another field", async () => {
    await mount(
        "list",
        `<list><field name="amount" widget="kpi_gauge" options="{'target_field': 'goal'}"/></list>`,
    );
    expect(".o_data_row .o_kpi_gauge_bar").toHaveCount(2);
    expect(spoken()).toEqual(["82.5, target 100, At risk", "100, target 100, On track"]);
    const icon = ".o_data_row:eq(0) .o_kpi_status_warning title";
    expect(icon).toHaveProperty("textContent", "At risk");
});

test("zones that are none leave the number alone", async () => {
    for (const zones of ["'red'", "[3]", "[None]", "[['a', 'b', 'danger']]", "{'from': 1}"]) {
        await mount(
            "form",
            `<form><field name="amount" widget="kpi_gauge"
                options="{'max': 200, 'zones': ${zones}}"/></form>`,
            1,
        );
        expect(spoken().at(-1)).toBe("82.5");
    }
});

test("lower is better turns the zones and not the scale", async () => {
    await mount(
        "list",
        `<list><field name="amount" widget="kpi_gauge"
            options="{'target': 50, 'direction': 'lower', 'max': 200}"/></list>`,
    );
    expect(spoken()[0]).toBe("82.5, target 50, Off track");
    const [drawn] = queryAllAttributes(".o_data_row:eq(0) .o_kpi_gauge_bar", "style");
    const zones = drawn.split("linear-gradient(90deg,")[1];
    const tones = zones.matchAll(/--kpi-(success|warning|danger)\) (\S+)/g);
    expect([...tones].map(([, tone, start]) => [tone, start])).toEqual([
        ["success", "0%"],
        ["warning", "26.32%"],
        ["danger", "31.25%"],
    ]);
    expect("[role=meter]:first").toHaveAttribute("aria-valuemin", "0");
});

const styles = () => queryAllAttributes(".o_kpi_gauge_bar", "style");

test("a bar begins where reading does, and its number reads from the left", async () => {
    const arch = `<list><field name="count" widget="kpi_gauge"
        options="{'target': 5, 'min': -10, 'max': 10}"/></list>`;
    await mount("list", arch);
    // Of the half left to the scale the target is at three quarters; 3 is filled from zero on.
    expect(styles()[0]).toInclude("background-position:37.5% 50%,27.03% 24%,0% 88%,0% 24%");
    patchWithCleanup(localization, { direction: "rtl" });
    const ltr = getTable();
    after(() => setTable(ltr));
    setTable({ ...ltr, rtl: true });
    await mount("list", arch);
    expect(styles().at(-2)).toInclude("background-position:62.5% 50%,72.97% 24%,100% 88%,100% 24%");
    expect(styles().at(-2)).toInclude("linear-gradient(270deg,");
    expect(queryAllTexts(".o_kpi_gauge_bar").at(-1)).toBe("\u2068\u200e-7\u2069");
});

test("nothing stands between a row and its gauge once gauges are loaded", async () => {
    const loaded = registry.category("lazy_components").get("kpi_tracking.KpiGaugeField");
    expect(registry.category("fields").get("kpi_gauge").component).toBe(loaded);
});

test.tags("desktop");
test("pointing at a bar tells what it shows", async () => {
    await mount(
        "list",
        `<list><field name="amount" widget="kpi_gauge" options="{'target_field': 'goal'}"/></list>`,
    );
    await contains(".o_kpi_gauge_bar:eq(0)").hover();
    expect(queryAllTexts(".o_kpi_gauge_details dd")).toEqual(["82.5", "100", "At risk"]);
    await contains(".o_kpi_gauge_bar:eq(1)").hover();
    expect(queryAllTexts(".o_kpi_gauge_details dd")).toEqual(["100", "100", "On track"]);
});

test("an integer of a card is drawn in the style of the view, negative too", async () => {
    await mount(
        "kanban",
        `<kanban><templates><t t-name="card"><field name="count" widget="kpi_gauge"
            options="{'style': 'speedometer', 'min': -10, 'max': 10}"/></t></templates></kanban>`,
    );
    await waitFor(".o_kpi_gauge_needle");
    expect(".o_kpi_gauge_speedometer .o_kpi_gauge_needle").toHaveCount(2);
    expect(queryAllTexts(".o_kpi_gauge_value")).toEqual(["3", "-7"]);
});

test("a form draws zones of the view", async () => {
    await mount(
        "form",
        `<form><field name="amount" widget="kpi_gauge" options="{'style': 'circular',
            'zones': [[None, 50, 'danger'], [50, None, 'info']]}"/></form>`,
        1,
    );
    expect(".o_kpi_gauge_zone").toHaveCount(2);
    expect(".o_kpi_status").toHaveText("Blue zone");
    expect(".o_kpi_gauge_animated").toHaveCount(1);
});

test("zones of a field that cannot be read leave those of the target", async () => {
    Deal._records[0].zones = "{";
    await mount(
        "form",
        `<form><field name="amount" widget="kpi_gauge"
            options="{'target': 100, 'zones_field': 'zones'}"/></form>`,
        1,
    );
    expect(".o_kpi_gauge_zone").toHaveCount(3);
});

const ZONE_FORM = `<form><field name="zone_unit"/><field name="zones" widget="kpi_color_zones"/></form>`;

test("own zones begin with the usual ones, and are moved by keys", async () => {
    await mount("form", ZONE_FORM, 1);
    await click(".o_kpi_zones .btn-secondary");
    await animationFrame();
    expect(queryAllTexts("[role=slider]")).toEqual(["80%", "95%"]);
    await contains("[role=slider]:eq(0)").focus();
    await press("ArrowRight");
    await animationFrame();
    expect("[role=slider]:eq(0)").toHaveAttribute("aria-valuenow", "81");
});

test("a limit is typed, a word given, a zone added and removed", async () => {
    await mount("form", ZONE_FORM, 1);
    await contains(".o_kpi_zones .btn-secondary").click();
    await contains(".o_kpi_zones_row:eq(0) .o_kpi_zones_to input").edit("70");
    expect("[role=slider]:eq(0)").toHaveText("70%");
    await contains(".o_kpi_zones .btn-secondary").click();
    expect(".o_kpi_zones_row").toHaveCount(4);
    await contains(".o_kpi_zones_row:eq(0) button").click();
    expect(".o_kpi_zones_row").toHaveCount(3);
});

test("limits in the wrong order are said and not saved", async () => {
    await mount("form", ZONE_FORM, 1);
    await contains(".o_kpi_zones .btn-secondary").click();
    await click(".o_kpi_zones_row:eq(0) .o_kpi_zones_to input");
    await edit("99", { confirm: "blur" });
    await animationFrame();
    expect(".o_kpi_zones [role=alert]").toHaveText("Zone 2 must end above its start.");
});
