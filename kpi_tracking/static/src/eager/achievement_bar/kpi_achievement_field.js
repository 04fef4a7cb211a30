import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { achievement as formatAchievement } from "@kpi_base/eager/formatting/formatting";
import { STATUSES } from "../status_chip/status_chip";

/**
 * Achievement of a KPI as a bar with its number, full from 100 on, or as the number alone;
 * a dash where there is no value or no target. One component each, as lists have hundreds.
 */
export class KpiAchievementField extends Component {
    static template = "kpi_tracking.KpiAchievementField";
    static props = { ...standardFieldProps, isPlain: { type: Boolean, optional: true } };

    get label() {
        const { is_running: isRunning } = this.props.record.data;
        return isRunning ? _t("Achievement to date") : _t("Achievement");
    }

    /** What is drawn; null: nothing is known. */
    get bar() {
        const { data } = this.props.record;
        const { tone } = STATUSES[data.status] || STATUSES.no_data;
        const value = data[this.props.name];
        // A number that may be missing is false then.
        if (tone === "muted" || value === false) {
            return null;
        }
        const { label } = this;
        const text = formatAchievement(value);
        return {
            classes: `o_kpi_status_${tone}${data.is_running ? " o_kpi_achievement_running" : ""}`,
            label,
            text,
            title: `${label}: ${text}`,
            width: Math.min(Math.max(value, 0), 100),
        };
    }
}

export const kpiAchievementField = {
    component: KpiAchievementField,
    displayName: _t("KPI achievement"),
    supportedTypes: ["float"],
    supportedOptions: [{ label: _t("Without a bar"), name: "plain", type: "boolean" }],
    listViewWidth: ({ options }) => (options.plain ? [80, 110] : [110, 160]),
    isEmpty: () => false,
    extractProps: ({ options }) => ({ isPlain: Boolean(options.plain) }),
    fieldDependencies: [
        { name: "status", type: "selection", selection: [] },
        { name: "is_running", type: "boolean" },
    ],
};

registry.category("fields").add("kpi_achievement", kpiAchievementField);

// The average of a group, which has none where no KPI of it has a value and a target.
registry
    .category("formatters")
    .add("kpi_achievement", (value) => (typeof value === "number" ? formatAchievement(value) : ""));
