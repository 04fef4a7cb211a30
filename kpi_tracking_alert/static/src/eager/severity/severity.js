import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export const SEVERITIES = {
    info: { icon: "fa-info-circle", word: _t("Information"), tone: "info" },
    warning: { icon: "fa-exclamation-triangle", word: _t("Warning"), tone: "warning" },
    critical: { icon: "fa-exclamation-circle", word: _t("Critical"), tone: "danger" },
    urgent: { icon: "fa-bolt", word: _t("Urgent"), tone: "danger" },
};

/** How bad an alert is, as word, icon and colour. */
export class SeverityField extends Component {
    static template = "kpi_tracking_alert.SeverityField";
    static props = { ...standardFieldProps };

    get shown() {
        return SEVERITIES[this.props.record.data[this.props.name]] || SEVERITIES.info;
    }
}

registry.category("fields").add("kpi_severity", {
    component: SeverityField,
    displayName: _t("KPI alert severity"),
    supportedTypes: ["selection"],
    listViewWidth: 120,
});
