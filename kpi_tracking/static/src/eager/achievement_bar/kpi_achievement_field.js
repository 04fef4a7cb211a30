import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatAchievement } from "../kpi_format/kpi_format";
import { AchievementBar } from "./achievement_bar";

/** Achievement of a KPI; a dash where there is no value or no target. */
export class KpiAchievementField extends Component {
    static template = "kpi_tracking.KpiAchievementField";
    static components = { AchievementBar };
    static props = { ...standardFieldProps };

    get isKnown() {
        return !["no_data", "no_target", false].includes(this.props.record.data.status);
    }

    get percent() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return formatAchievement(this.percent);
    }

    get title() {
        return `${this.label}: ${formatFloat(this.percent, { digits: [0, 1] })}\u202f%`;
    }

    get label() {
        return this.props.record.data.is_running ? _t("Achievement to date") : _t("Achievement");
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
