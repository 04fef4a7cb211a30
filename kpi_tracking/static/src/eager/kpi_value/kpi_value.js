import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import {
    full as formatKpiFull,
    compactParts as kpiParts,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf, UNIT_FIELDS } from "../kpi_format/kpi_unit";

/** A number of a KPI with its unit; nothing where there is no number. */
export class KpiValueField extends Component {
    static template = "kpi_tracking.KpiValueField";
    static props = {
        ...standardFieldProps,
        known: { type: String, optional: true },
        isLarge: { type: Boolean, optional: true },
    };

    get value() {
        const { known, name, record } = this.props;
        const value = record.data[name];
        // A number that may be missing is false then.
        return value === false || (known && !record.data[known]) ? null : value;
    }

    get parts() {
        return kpiParts(this.value, unitOf(this.props.record.data));
    }

    get exact() {
        return formatKpiFull(this.value, unitOf(this.props.record.data));
    }
}

export const kpiValueField = {
    component: KpiValueField,
    displayName: _t("KPI value"),
    supportedTypes: ["float"],
    supportedOptions: [
        { label: _t("“Has value” field"), name: "known", type: "string" },
        { label: _t("Large"), name: "large", type: "boolean" },
    ],
    listViewWidth: [90, 130],
    isEmpty: () => false,
    fieldDependencies: ({ options }) => [
        ...UNIT_FIELDS,
        ...(options.known ? [{ name: options.known, type: "boolean" }] : []),
    ],
    extractProps: ({ options }) => ({ known: options.known, isLarge: Boolean(options.large) }),
};

registry.category("fields").add("kpi_value", kpiValueField);
