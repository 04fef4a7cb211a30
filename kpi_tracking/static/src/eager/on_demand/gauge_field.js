import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { onDemand } from "./on_demand";

const NUMBERS = ["integer", "float", "monetary"];
const STYLES = ["circular", "speedometer", "linear", "thermometer"];

const NAME = "kpi_tracking.KpiGaugeField";
const stub = onDemand(NAME);

const kpiGaugeField = {
    /** Nothing between a row and its gauge once that has come: rows are many. */
    get component() {
        return registry.category("lazy_components").get(NAME, stub);
    },
    displayName: _t("Gauge"),
    supportedTypes: NUMBERS,
    supportedOptions: [
        {
            label: _t("Style"),
            name: "style",
            type: "selection",
            choices: STYLES.map((style) => ({ label: style, value: style })),
            default: "linear",
        },
        { label: _t("Start of the scale"), name: "min", type: "number" },
        { label: _t("End of the scale"), name: "max", type: "number" },
        {
            label: _t("Scale end field"),
            name: "max_field",
            type: "field",
            availableTypes: NUMBERS,
        },
        { label: _t("Target"), name: "target", type: "number" },
        { label: _t("Target field"), name: "target_field", type: "field", availableTypes: NUMBERS },
        {
            label: _t("Scale start field"),
            name: "baseline_field",
            type: "field",
            availableTypes: NUMBERS,
        },
        {
            label: _t("Zones field"),
            name: "zones_field",
            type: "field",
            availableTypes: ["json", "text", "char"],
        },
        {
            label: _t("Direction"),
            name: "direction",
            type: "selection",
            choices: [
                { label: _t("Higher is better"), value: "higher" },
                { label: _t("Lower is better"), value: "lower" },
            ],
            default: "higher",
        },
        { label: _t("Animation"), name: "animation", type: "boolean", default: true },
    ],
    listViewWidth: [130, 200],
    isEmpty: () => false,
    fieldDependencies: ({ options }) =>
        ["max_field", "target_field", "baseline_field", "zones_field"]
            .filter((name) => options[name])
            .map((name) => ({
                name: options[name],
                type: name === "zones_field" ? "json" : "float",
                readonly: true,
            })),
    extractProps: ({ options, string, viewType }) => ({
        animation: options.animation,
        baselineField: options.baseline_field,
        direction: options.direction,
        label: string,
        max: options.max,
        maxField: options.max_field,
        min: options.min,
        target: options.target,
        targetField: options.target_field,
        style: options.style,
        viewType,
        zones: options.zones,
        zonesField: options.zones_field,
    }),
};

registry.category("fields").add("kpi_gauge", kpiGaugeField);
