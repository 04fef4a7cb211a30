import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { StatusChip, statusLook } from "./status_chip";

/** Status of a KPI as a chip: a component of its own, as lists have hundreds of them. */
export class KpiStatusField extends StatusChip {
    static props = { ...standardFieldProps };

    get shown() {
        const { name, record } = this.props;
        const { is_likely_miss, is_running } = record.data;
        return statusLook(is_likely_miss ? "likely_miss" : record.data[name], is_running);
    }
}

export const kpiStatusField = {
    component: KpiStatusField,
    displayName: _t("KPI status"),
    supportedTypes: ["selection"],
    listViewWidth: [130, 200],
    // A forecast is of the end of its period: it is not so far, but may miss the target.
    fieldDependencies: ({ name }) => [
        { name: name === "status" ? "is_running" : "is_likely_miss", type: "boolean" },
    ],
};

registry.category("fields").add("kpi_status", kpiStatusField);
