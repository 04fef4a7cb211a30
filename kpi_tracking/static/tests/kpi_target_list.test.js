import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mockService,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

class KpiDefinition extends models.Model {
    _name = "kpi.definition";

    name = fields.Char();

    _records = [
        { id: 1, name: "Order Value" },
        { id: 2, name: "Win Rate" },
    ];
}

class KpiTarget extends models.Model {
    _name = "kpi.target";

    definition_id = fields.Many2one({ string: "KPI", relation: "kpi.definition" });
    scope_name = fields.Char({ string: "For" });
    rule_in_words = fields.Char({ string: "Target" });
    next_target = fields.Char({ string: "Next" });
    next_year_label = fields.Char();
    frequency = fields.Selection({
        selection: [
            ["month", "Monthly"],
            ["week", "Weekly"],
        ],
    });
    period_label = fields.Char();
    status = fields.Selection({
        selection: [
            ["on_target", "On track"],
            ["off_target", "Off track"],
        ],
    });
    is_running = fields.Boolean();
    achievement = fields.Float({ string: "Achievement" });

    _records = [
        {
            id: 1,
            definition_id: 1,
            scope_name: "Nordwind",
            rule_in_words: "805,000 €",
            next_year_label: "2027",
            frequency: "month",
            period_label: "Oct 2026",
            status: "off_target",
            achievement: 73,
        },
        {
            id: 2,
            definition_id: 1,
            scope_name: "Anna Berg",
            rule_in_words: "97,800 €",
            next_target: "Jan 2027: 102,000 €",
            frequency: "month",
            period_label: "Oct 2026",
            status: "on_target",
            achievement: 104,
        },
        {
            id: 3,
            definition_id: 2,
            scope_name: "Nordwind",
            rule_in_words: "38.3%",
            frequency: "week",
            period_label: "W44 2026",
            status: "on_target",
            achievement: 99,
        },
    ];
}

defineMailModels();
defineModels([KpiDefinition, KpiTarget]);

const ARCH = `
    <list js_class="kpi_target_list" expand="1">
        <field name="definition_id"/>
        <field name="scope_name"/>
        <field name="rule_in_words"/>
        <field name="next_target" widget="kpi_next_target"/>
        <field name="status" string="Last Period" widget="kpi_status"/>
        <field name="achievement" widget="kpi_achievement" options="{'plain': true}"/>
        <field name="frequency" column_invisible="1"/>
        <field name="period_label" column_invisible="1"/>
    </list>`;

const mountTargets = (options = {}) =>
    mountView({ type: "list", resModel: "kpi.target", arch: ARCH, ...options });

beforeEach(() => {
    onRpc("kpi.target", "get_scope_texts", ({ args }) => {
        expect.step(args[0]);
        return { 1: "company, 1 person", 2: "company" };
    });
});

test.tags("desktop");
test("targets are grouped by KPI, which says for whom it has any", async () => {
    await mountTargets({ groupBy: ["definition_id"] });
    expect.verifySteps([[1, 2]]);
    expect(queryAllTexts(".o_kpi_target_summary")).toEqual([
        "2 targets · company, 1 person",
        "1 target · company",
    ]);
    expect("th[data-name=definition_id]").toHaveCount(0);
    expect("th[data-name=scope_name]").toHaveText("KPI");
    expect(queryAllTexts(".o_data_cell[name=scope_name]")).toEqual([
        "Nordwind",
        "Anna Berg",
        "Nordwind",
    ]);
});

test.tags("desktop");
test("a list that is not grouped names the KPI of each row", async () => {
    await mountTargets();
    expect.verifySteps([]);
    expect("th[data-name=definition_id]").toHaveCount(1);
    expect("th[data-name=scope_name]").toHaveText("For");
});

test.tags("desktop");
test("a column is headed by a period that all of its rows share", async () => {
    await mountTargets({ domain: [["frequency", "=", "month"]] });
    expect("th[data-name=status]").toHaveText("Oct 2026");
    expect("th[data-name=rule_in_words]").toHaveText("Target per Month");
});

test.tags("desktop");
test("rows of different periods are those of their last one", async () => {
    await mountTargets();
    expect("th[data-name=status]").toHaveText("Last Period");
    expect("th[data-name=rule_in_words]").toHaveText("Target");
});

test.tags("desktop");
test("what follows is named, and the year to set where nothing does", async () => {
    mockService("action", {
        doActionButton: ({ name, resId }) => expect.step([name, resId]),
    });
    await mountTargets();
    expect(queryAllTexts(".o_data_cell[name=next_target]")).toEqual([
        "Set 2027",
        "Jan 2027: 102,000 €",
        "",
    ]);
    await contains(".o_data_cell[name=next_target] button").click();
    expect.verifySteps([["action_set_next", 1]]);
});

test.tags("desktop");
test("how much of the target was reached is a number without a bar", async () => {
    await mountTargets();
    expect(queryAllTexts(".o_data_cell[name=achievement]")).toEqual(["73%", "104%", "99%"]);
    expect(".o_kpi_achievement_track").toHaveCount(0);
});
