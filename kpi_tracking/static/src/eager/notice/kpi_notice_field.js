import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A small sign where a value is missing or incomplete; the reason on hover. */
export class KpiNoticeField extends Component {
    static template = "kpi_tracking.KpiNoticeField";
    static props = { ...standardFieldProps };

    get notice() {
        const { computation_error, unpriced_count } = this.props.record.data;
        if (computation_error) {
            return computation_error;
        }
        if (unpriced_count === 1) {
            return _t("One record without an exchange rate is excluded.");
        }
        if (unpriced_count) {
            return _t("%s records without an exchange rate are excluded.", unpriced_count);
        }
        return "";
    }
}

export const kpiNoticeField = {
    component: KpiNoticeField,
    displayName: _t("KPI notice"),
    supportedTypes: ["char"],
    listViewWidth: 28,
    label: false,
    isEmpty: () => false,
    fieldDependencies: [
        { name: "computation_error", type: "char" },
        { name: "unpriced_count", type: "integer" },
    ],
};

registry.category("fields").add("kpi_notice", kpiNoticeField);
