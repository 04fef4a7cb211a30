import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { addSign, percent } from "@kpi_base/eager/formatting/formatting";

/**
 * Progress from baseline to target: a bar from 0 to 100%, and the true number, which may be
 * less or more. A dash where there is none.
 */
export class ProgressField extends Component {
    static template = "kpi_benefits.ProgressField";
    static props = { ...standardFieldProps };

    /** What is drawn; null: nothing is known. */
    get bar() {
        const share = this.props.record.data[this.props.name];
        if (typeof share !== "number") {
            return null;
        }
        const size = percent(Math.abs(share), 0);
        const text = share < 0 && /[1-9]/.test(size) ? addSign(share, size) : size;
        return {
            label: _t("Progress"),
            text,
            tone: share >= 1 ? "success" : share < 0 ? "danger" : "primary",
            width: Math.min(Math.max(share * 100, 0), 100),
        };
    }
}

registry.category("fields").add("kpi_progress", {
    component: ProgressField,
    displayName: _t("Progress to target"),
    supportedTypes: ["float"],
    listViewWidth: [110, 160],
    isEmpty: () => false,
});
