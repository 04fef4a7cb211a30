import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { unitOf, UNIT_FIELDS } from "../kpi_format/kpi_unit";
import { drawSparkline, trendLabel } from "./sparkline";

/** The last periods of a KPI. */
export class KpiSparklineField extends Component {
    static template = "kpi_tracking.KpiSparklineField";
    static props = {
        ...standardFieldProps,
        height: { type: Number, optional: true },
        width: { type: Number, optional: true },
    };

    get trend() {
        return this.props.record.data[this.props.name] || {};
    }

    get points() {
        return this.trend.points || [];
    }

    /** What the template draws: no component of its own, as lists have hundreds of them. */
    get drawn() {
        const { height, width } = this.props;
        const { label, points, trend } = this;
        return drawSparkline({ height, isRunning: Boolean(trend.running), label, points, width });
    }

    /** First and last value of the trend, in words. */
    get label() {
        return trendLabel(this.points, unitOf(this.props.record.data));
    }
}

export const kpiSparklineField = {
    component: KpiSparklineField,
    displayName: _t("KPI sparkline"),
    supportedTypes: ["json"],
    listViewWidth: 130,
    isEmpty: () => false,
    fieldDependencies: UNIT_FIELDS,
    extractProps: ({ options }) => ({ height: options.height, width: options.width }),
};

registry.category("fields").add("kpi_sparkline", kpiSparklineField);
