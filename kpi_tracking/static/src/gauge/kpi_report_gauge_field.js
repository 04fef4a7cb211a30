import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { comparisons } from "../comparison/comparisons";
import {
    formatAchievement,
    formatKpi,
    formatKpiExact,
    formatKpiRounded,
    isGrowing,
    kpiParts,
    targetUnitOf,
    unitOf,
    UNIT_FIELDS,
} from "../kpi_format/kpi_format";
import { STATUSES } from "../status_chip/status_chip";
import { Gauge } from "./gauge";

const UNJUDGED = ["no_target", "no_data"];

/** A KPI's latest value on its scale; nothing where the number says as much. */
export class KpiReportGaugeField extends Component {
    static template = "kpi_tracking.KpiReportGaugeField";
    static components = { Gauge };
    static props = {
        ...standardFieldProps,
        isCompact: { type: Boolean, optional: true },
        isAnimated: { type: Boolean, optional: true },
    };

    get drawn() {
        return this.props.record.data[this.props.name];
    }

    get data() {
        return this.props.record.data;
    }

    get unit() {
        return unitOf(this.data);
    }

    /** @returns {Object} the props of the gauge */
    get gauge() {
        const { animated, high, low, style, value, zones } = this.drawn;
        const { isCompact, isAnimated } = this.props;
        const { before, number, after } = kpiParts(value, this.unit);
        return {
            details: () => this.details(),
            high,
            highText: isCompact ? "" : formatKpi(high, this.unit),
            isAnimated: isAnimated && animated,
            isCompact,
            isLazy: !isAnimated, // in a form it is seen at once
            isRunning: Boolean(this.data.is_running),
            label: this.data.name || "",
            low,
            lowText: isCompact ? "" : formatKpi(low, this.unit),
            marks: this.marks,
            number: isCompact ? "" : before + number, // it stands beside, in large type
            spoken: this.spoken,
            status: this.status,
            type: isCompact ? "linear" : style,
            unit: isCompact ? "" : after,
            value,
            zones,
        };
    }

    get status() {
        const shown = STATUSES[this.data.status] || STATUSES.no_data;
        const isOpen = this.data.is_running && shown.tone !== "muted";
        return isOpen ? { ...shown, icon: "fa-clock-o", word: _t("%s so far", shown.word) } : shown;
    }

    get marks() {
        const { baseline, target, whole } = this.drawn;
        const text = target === null ? "" : formatKpi(target, targetUnitOf(this.data));
        return [
            { kind: "whole", value: whole },
            { kind: "baseline", value: baseline },
            { kind: "target", text, value: target },
        ].filter((mark) => mark.value !== null);
    }

    get spoken() {
        const { target, value } = this.drawn;
        const unit = this.unit;
        const parts = [
            target === null
                ? formatKpi(value, unit)
                : _t("%(value)s of %(target)s", {
                      value: formatKpi(value, unit),
                      target: formatKpi(target, targetUnitOf(this.data)),
                  }),
            this.status.word,
            UNJUDGED.includes(this.data.status) ? "" : comparisons(this.data)[0],
        ];
        return parts.filter(Boolean).join(", ");
    }

    /** What a glance does not show; rows without an answer are left out. */
    details() {
        const { baseline, previous, target, value, who, whole } = this.drawn;
        const { achievement, last_measured_at, status } = this.data;
        const exact = (number) => (number === null ? "" : formatKpiExact(number, this.unit));
        const isPart = isGrowing(this.data) && whole !== null;
        const due = isPart ? formatKpiRounded(target, targetUnitOf(this.data)) : "";
        return [
            [_t("Value"), exact(value)],
            [isPart ? _t("Target so far") : _t("Target"), isPart ? due : exact(target)],
            [_t("Target of the whole period"), exact(whole)],
            [_t("Start"), exact(baseline)],
            [_t("Previous period"), exact(previous)],
            [_t("Achievement"), UNJUDGED.includes(status) ? "" : formatAchievement(achievement)],
            [_t("Status"), this.status.word],
            [_t("Last update"), last_measured_at ? formatDateTime(last_measured_at) : ""],
            [_t("Entered by"), who],
        ].filter(([, text]) => text);
    }
}

registry.category("fields").add("kpi_report_gauge", {
    component: KpiReportGaugeField,
    displayName: _t("KPI gauge"),
    supportedTypes: ["json"],
    supportedOptions: [{ label: _t("A slim bar"), name: "compact", type: "boolean" }],
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
