import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { StatusChip, statusLook } from "./status_chip";

/** Status of a KPI as a chip: a component of its own, as lists have hundreds of them. */
export class KpiStatusField extends StatusChip {
    static props = { ...standardFieldProps };

    /** The rating only where the view loads it: on the form of a KPI. */
    get shown() {
        const { name, record } = this.props;
        const { band, is_running } = record.data;
        return statusLook(record.data[name], is_running, band);
    }
}

export const kpiStatusField = {
    component: KpiStatusField,
    displayName: _t("KPI status"),
    supportedTypes: ["selection"],
    listViewWidth: [130, 200],
    // What is forecast for the end of a period is not so far.
    fieldDependencies: ({ name }) =>
        name === "status" ? [{ name: "is_running", type: "boolean" }] : [],
};

registry.category("fields").add("kpi_status", kpiStatusField);
