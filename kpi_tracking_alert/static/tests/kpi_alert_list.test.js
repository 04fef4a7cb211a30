import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Definition extends models.Model {
    _name = "kpi.definition";
    name = fields.Char();
    _records = [
        { id: 1, name: "Revenue" },
        { id: 2, name: "Lost Deals" },
    ];
}

class Report extends models.Model {
    _name = "kpi.report";
    name = fields.Char();
    _records = [
        { id: 11, name: "Revenue – North" },
        { id: 12, name: "Revenue – Sales" },
        { id: 21, name: "Lost Deals – North" },
    ];
}

class Currency extends models.Model {
    _name = "res.currency";
}

const ALERTS = [
    alert(101, 1, 11, "North"),
    alert(102, 1, 12, "Sales", { rule_name: "Below 80%" }),
    alert(103, 1, 12, "Sales", { rule_name: "Below 90%" }),
    alert(104, 2, 21, "North"),
];

class Alert extends models.Model {
    _name = "kpi.alert.event";
    definition_id = fields.Many2one({ relation: "kpi.definition", string: "KPI Definition" });
    report_id = fields.Many2one({ relation: "kpi.report", string: "KPI" });
    rule_name = fields.Char();
    scope_name = fields.Char();
    period_label = fields.Char();
    period_value = fields.Float();
    target_value = fields.Float();
    target_share = fields.Float();
    status = fields.Selection({
        selection: [
            ["off_target", "Off track"],
            ["at_risk", "At risk"],
        ],
    });
    is_running = fields.Boolean();
    direction = fields.Selection({ selection: [["higher", "Higher"]] });
    aggregation_time = fields.Selection({ selection: [["sum", "Sum"]] });
    unit = fields.Selection({ selection: [["number", "Number"]] });
    decimals = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency" });
    unit_symbol = fields.Char();
    duration_unit = fields.Selection({ selection: [["day", "Days"]] });
    sparkline = fields.Json();
    fired_at = fields.Datetime();
    assignee_id = fields.Many2one({ relation: "res.users" });

    _records = ALERTS.map((each) => ({ ...each })); // taken by the server
}

function alert(id, definition_id, report_id, scope_name, values = {}) {
    return {
        id,
        definition_id,
        report_id,
        scope_name,
        period_label: "Oct 2026",
        period_value: 586,
        target_value: 800,
        target_share: 73.25,
        status: "off_target",
        direction: "higher",
        unit: "number",
        fired_at: "2026-11-02 06:00:00",
        ...values,
    };
}

defineMailModels();
defineModels([Definition, Report, Currency, Alert]);

const ARCH = `
    <list js_class="kpi_alert_list" default_group_by="definition_id">
        <header>
            <button name="action_snooze" type="object" string="Snooze"/>
        </header>
        <field name="scope_name" string="KPI"/>
        <field name="report_id"/>
        <field name="period_label" string="Period"/>
        <field name="period_value" string="Value" widget="kpi_value"/>
        <field name="target_value" string="Target" widget="kpi_target"/>
        <field name="target_share" string="Of Target" widget="kpi_target_share"/>
        <field name="status" string="Status" widget="kpi_status"/>
        <field name="fired_at" string="Since"/>
        <field name="assignee_id"/>
        <button name="action_acknowledge" type="object" string="Acknowledge" class="btn-secondary"/>
    </list>`;
const SEARCH = `
    <search>
        <filter name="by_rule" string="Rule" context="{'group_by': 'rule_name'}"/>
    </search>`;
const HEADS = {
    1: {
        alert_count: 3,
        assignees: [],
        level_count: 2,
        rule_count: 2,
        since: "2026-11-02 06:00:00",
        so_far: { label: "Nov 2026", status: "at_risk" },
        streak: "below 90% for 8 months",
        waiting_count: 3,
    },
    2: {
        alert_count: 2,
        assignees: [{ id: 7, name: "Clara Vogt" }],
        level_count: 1,
        rule_count: 1,
        since: "2026-11-02 06:00:00",
        so_far: false,
        streak: "",
        waiting_count: 1,
    },
};

/** The list, with the figures of its KPIs. */
async function open({ answer: acknowledged = true, rows = {}, ...options } = {}) {
    mockDate("2026-11-28 10:00:00");
    onRpc("kpi.alert.event", "web_read_group", async ({ parent }) => {
        const answer = await parent();
        for (const group of answer.groups) {
            const [id] = group.definition_id || [];
            const row = ALERTS.find(({ definition_id }) => definition_id === id);
            if (row) {
                group.kpi_head = { ...HEADS[id], row: { ...row, ...rows[id] } };
            }
        }
        return answer;
    });
    onRpc("kpi.definition", "action_acknowledge_alerts", ({ args }) => {
        expect.step(args);
        return acknowledged;
    });
    await mountView({
        type: "list",
        resModel: "kpi.alert.event",
        arch: ARCH,
        searchViewArch: SEARCH,
        ...options,
    });
}

const cells = (at) => queryAllTexts(`.o_kpi_alert_group:eq(${at}) > *`);
const plain = (text) => text.replace(/\s+/g, " ").trim();

test.tags("desktop");
test("the first KPI is unfolded when the list opens", async () => {
    await open();
    await animationFrame();
    expect(".o_kpi_alert_group:eq(0)").toHaveClass("o_group_open");
    expect(".o_kpi_alert_group:eq(1)").not.toHaveClass("o_group_open");
    expect(".o_data_row").toHaveCount(2);
    await contains(".o_kpi_alert_group:first .o_group_name").click();
    expect(".o_data_row").toHaveCount(0);
});

test.tags("desktop");
test("the row of a KPI has its figures, its chip and who has it", async () => {
    await open();
    expect(".o_kpi_alert_group").toHaveCount(2);
    const texts = cells(0).map(plain);
    expect(texts.slice(0, 8)).toEqual([
        "Revenue · 2 levels, 2 rules",
        "586",
        "800",
        "73%",
        "Off track",
        "Nov 2 · below 90% for 8 months",
        "Unassigned",
        "Acknowledge All",
    ]);
    expect(plain(cells(1)[0])).toBe("Lost Deals · North, 1 rule");
    expect(cells(1).slice(5, 8).map(plain)).toEqual(["Nov 2", "Clara Vogt", "Acknowledge 1"]);
});

test.tags("desktop");
test("KPIs and alerts are counted where a page has them all", async () => {
    await open();
    expect(".o_kpi_alert_count").toHaveText("2 KPIs, 4 alerts");
    expect(".o_cp_pager").not.toBeVisible();
});

test.tags("desktop");
test("KPIs of several pages have a pager", async () => {
    await open({ arch: ARCH.replace("<list", '<list groups_limit="1"') });
    expect(".o_kpi_alert_count").toHaveCount(0);
    expect(".o_cp_pager").toHaveText(/^1\s*\/\s*2$/);
});

test.tags("mobile");
test("on phones KPIs have value, status and button", async () => {
    await open();
    expect(cells(0).map(plain)).toEqual([
        "Revenue · 2 levels, 2 rules Acknowledge All",
        "586",
        "Off track",
    ]);
    await contains(".o_kpi_alert_group .btn-primary").click();
    expect.verifySteps([[[1], [["definition_id", "=", 1]]]]);
});

test.tags("desktop");
test("only the first button leads", async () => {
    await open();
    expect(".o_kpi_alert_group .btn-primary").toHaveText("Acknowledge All");
    expect(".o_kpi_alert_group .btn-secondary").toHaveText("Acknowledge 1");
});

test.tags("desktop");
test("all alerts that the list shows of a KPI are acknowledged by one button", async () => {
    await open({ domain: [["period_value", ">", 0]] });
    await contains(".o_kpi_alert_group .btn-primary").click();
    expect(".o_data_row").toHaveCount(2); // the row was not folded
    const shown = ["&", ["period_value", ">", 0], ["definition_id", "=", 1]];
    expect.verifySteps([[[1], shown]]);
});

test.tags("desktop");
test("a notification names the person who was first", async () => {
    mockService("action", { doAction: (action) => expect.step(action.tag) });
    await open({ answer: { tag: "display_notification" } });
    await contains(".o_kpi_alert_group .btn-primary").click();
    expect.verifySteps([[[1], [["definition_id", "=", 1]]], "display_notification"]);
});

test.tags("desktop");
test("below it there is one row for each level", async () => {
    await open();
    await animationFrame();
    expect(queryAllTexts(".o_data_row [name=scope_name]")).toEqual(["North", "Sales · 2 rules"]);
    expect(".o_data_row .btn").toHaveCount(0);
    expect(".o_data_row [name=report_id]").toHaveCount(0);
});

test.tags("desktop");
test("what is selected of a level are all of its alerts", async () => {
    await open();
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await animationFrame();
    expect(".o_selection_box").toHaveText(/2/);
    expect(".o_kpi_alert_group .btn-primary").toHaveCount(0);
    await contains(".o_data_row:eq(1) .o_list_record_selector input").click();
    await animationFrame();
    expect(".o_selection_box").toHaveCount(0);
});

test.tags("desktop");
test("the period that all share heads their values", async () => {
    await open();
    expect("th[data-name=period_value]").toHaveText("Oct 2026");
    expect("th[data-name=period_label]").toHaveCount(0);
});

test.tags("desktop");
test("where periods differ each row names its own", async () => {
    await open({ rows: { 2: { period_label: "Q3 2026" } } });
    expect("th[data-name=period_value]").toHaveText("Value");
    expect(cells(0)[1]).toBe("Oct 2026");
    expect(cells(1)[1]).toBe("Q3 2026");
});

test.tags("desktop");
test("the only KPI is unfolded, too", async () => {
    await open({ domain: [["definition_id", "=", 1]] });
    await animationFrame();
    expect(".o_kpi_alert_group").toHaveCount(1);
    expect(".o_data_row").toHaveCount(2);
});

test.tags("desktop");
test("below the list stands how KPIs are doing in the period that runs", async () => {
    await open();
    expect(plain(queryAllTexts(".o_kpi_alert_so_far")[0])).toBe(
        "Nov 2026 so far: Revenue At risk so far",
    );
});

test.tags("desktop");
test("other groups are those of Odoo, and rows name their KPI", async () => {
    await open({ groupBy: ["rule_name"] });
    expect(".o_kpi_alert_group").toHaveCount(0);
    expect(".o_group_header").toHaveCount(3);
    expect(".o_kpi_alert_so_far").toHaveCount(0);
    expect("th[data-name=report_id]").toHaveCount(1);
    expect("th[data-name=scope_name]").toHaveCount(0);
});
