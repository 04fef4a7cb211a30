import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { StatusChip } from "./status_chip";

/** Status of a KPI as a chip: a component of its own, as lists have hundreds of them. */
export class KpiStatusField extends StatusChip {
    static props = { ...standardFieldProps };
    static defaultProps = {};

    /** A band of records that have one: the view loads it for them. */
    get about() {
        const { data } = this.props.record;
        return {
            band: data.band || "",
            isRunning: Boolean(data.is_running),
            status: data[this.props.name] || "no_data",
        };
    }
}

export const kpiStatusField = {
    component: KpiStatusField,
    displayName: _t("KPI status"),
    supportedTypes: ["selection"],
    listViewWidth: 110,
    fieldDependencies: [{ name: "is_running", type: "boolean" }],
};

registry.category("fields").add("kpi_status", kpiStatusField);
