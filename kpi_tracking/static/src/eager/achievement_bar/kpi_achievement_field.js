import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatAchievement } from "../kpi_format/kpi_format";
import { STATUSES } from "../status_chip/status_chip";

/**
 * Achievement of a KPI as a bar with its number, full from 100 on; a dash where there is
 * no value or no target. One component each, as lists have hundreds of them.
 */
export class KpiAchievementField extends Component {
    static template = "kpi_tracking.KpiAchievementField";
    static props = { ...standardFieldProps };

    /** What is drawn; null: nothing is known. */
    get bar() {
        const { data } = this.props.record;
        const { tone } = STATUSES[data.status] || STATUSES.no_data;
        if (tone === "muted") {
            return null;
        }
        const percent = data[this.props.name];
        const label = data.is_running ? _t("Achievement to date") : _t("Achievement");
        return {
            classes: `o_kpi_status_${tone}${data.is_running ? " o_kpi_achievement_running" : ""}`,
            label,
            text: formatAchievement(percent),
            title: `${label}: ${formatFloat(percent, { digits: [0, 1] })}\u202f%`,
            width: Math.min(Math.max(percent, 0), 100),
        };
    }
}

export const kpiAchievementField = {
    component: KpiAchievementField,
    displayName: _t("KPI achievement"),
    supportedTypes: ["float"],
    listViewWidth: [110, 160],
    isEmpty: () => false,
    fieldDependencies: [
        { name: "status", type: "selection", selection: [] },
        { name: "is_running", type: "boolean" },
    ],
};

registry.category("fields").add("kpi_achievement", kpiAchievementField);

// The average of a group, which has none where no KPI of it has a value and a target.
registry
    .category("formatters")
    .add("kpi_achievement", (percent) =>
        typeof percent === "number" ? formatAchievement(percent) : "",
    );
