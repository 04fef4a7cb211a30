import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatAchievement } from "../kpi_format/kpi_format";

const MINUS = "\u2212";

/** The one figure of a scorecard, in large type; a dash where no KPI counts. */
export class KpiScoreField extends Component {
    static template = "kpi_tracking.KpiScoreField";
    static props = { ...standardFieldProps };

    get text() {
        const { data } = this.props.record;
        return data.counted_weight > 0 ? formatAchievement(data[this.props.name]) : "–";
    }
}

registry.category("fields").add("kpi_score", {
    component: KpiScoreField,
    displayName: _t("Scorecard figure"),
    supportedTypes: ["float"],
    isEmpty: () => false,
    fieldDependencies: [{ name: "counted_weight", type: "float" }],
});

/** What a KPI costs its scorecard; nothing where it does not count or reaches all. */
export class KpiPointsField extends Component {
    static template = "kpi_tracking.KpiPointsField";
    static props = { ...standardFieldProps };

    get text() {
        const points = this.props.record.data[this.props.name];
        return points >= 0.05 ? MINUS + formatFloat(points, { digits: [0, 1] }) : "";
    }
}

registry.category("fields").add("kpi_points", {
    component: KpiPointsField,
    displayName: _t("Points lost"),
    supportedTypes: ["float"],
    isEmpty: () => false,
});
