import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { CertifiedBadge } from "./certified_badge";

/** The badge of a KPI, on definitions and on tracked KPIs. */
export class KpiCertifiedField extends Component {
    static template = "kpi_tracking.KpiCertifiedField";
    static components = { CertifiedBadge };
    static props = { ...standardFieldProps, isIconOnly: { type: Boolean, optional: true } };

    get state() {
        return this.props.record.data[this.props.name] || "";
    }

    /** The definition itself is the page that it would lead to. */
    get hasLink() {
        return this.props.record.resModel !== "kpi.definition";
    }

    /** @returns {number|false} false of a record that is not saved yet, or a sample */
    get definitionId() {
        const { data, resId, resModel } = this.props.record;
        return resModel === "kpi.definition" ? resId : data.definition_id?.id;
    }
}

registry.category("fields").add("kpi_certified", {
    component: KpiCertifiedField,
    displayName: _t("KPI certification"),
    supportedTypes: ["selection"],
    listViewWidth: ({ options }) => (options.icon_only ? 36 : 130),
    extractProps: ({ options }) => ({ isIconOnly: Boolean(options.icon_only) }),
});
