import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { UNIT_FIELDS } from "../kpi_format/kpi_unit";
import { onDemand } from "../on_demand/on_demand";
import { GaugeBar } from "./gauge_bar";
import { reportGauge } from "./report_gauge";
import { formatMoment } from "@kpi_base/eager/formatting/reader";

/** A KPI's latest value on its scale; nothing where the number says as much. */
export class KpiReportGaugeField extends GaugeBar {
    static template = "kpi_tracking.KpiReportGaugeField";
    // Rows of a list are the slim bar, at once.
    static components = { ...GaugeBar.components, Gauge: onDemand("kpi_tracking.Gauge") };
    static props = {
        ...standardFieldProps,
        isCompact: { type: Boolean, optional: true },
        isAnimated: { type: Boolean, optional: true },
    };

    get drawn() {
        return this.props.record.data[this.props.name];
    }

    /** @returns {Object} the props of the gauge */
    get gauge() {
        const { isAnimated, isCompact, record } = this.props;
        const isLazy = !isAnimated; // in a form it is seen at once
        const look = { isAnimated, isCompact, isLazy, formatMoment };
        return reportGauge(this.drawn, record.data, look);
    }
}

registry.category("fields").add("kpi_report_gauge", {
    component: KpiReportGaugeField,
    displayName: _t("KPI gauge"),
    supportedTypes: ["json"],
    supportedOptions: [{ label: _t("Slim bar"), name: "compact", type: "boolean" }],
    listViewWidth: [130, 200],
    isEmpty: () => false,
    fieldDependencies: [
        ...UNIT_FIELDS,
        { name: "achievement", type: "float" },
        { name: "aggregation_time", type: "selection", selection: [] },
        { name: "current_value", type: "float" },
        { name: "direction", type: "selection", selection: [] },
        { name: "has_previous", type: "boolean" },
        { name: "has_value", type: "boolean" },
        { name: "is_running", type: "boolean" },
        { name: "last_measured_at", type: "datetime" },
        { name: "name", type: "char" },
        { name: "previous_value", type: "float" },
        { name: "sparkline", type: "json" },
        { name: "status", type: "selection", selection: [] },
        { name: "target_value", type: "float" },
    ],
    extractProps: ({ options, viewType }) => ({
        isAnimated: viewType === "form",
        isCompact: Boolean(options.compact),
    }),
});
