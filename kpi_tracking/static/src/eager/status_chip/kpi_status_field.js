import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { StatusChip } from "./status_chip";

/** Status of a KPI as a chip. */
export class KpiStatusField extends Component {
    static template = "kpi_tracking.KpiStatusField";
    static components = { StatusChip };
    static props = { ...standardFieldProps };

    get status() {
        return this.props.record.data[this.props.name] || "no_data";
    }

    /** Of records that have one: the view loads ``band`` for them. */
    get band() {
        return this.props.record.data.band || "";
    }

    get isRunning() {
        return Boolean(this.props.record.data.is_running);
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
