import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MINUS = "\u2212";

/**
 * Progress from baseline to target: a bar from 0 to 100 %, and the true number, which may be
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
        const number = formatFloat(Math.abs(share * 100), { digits: [0, 0] });
        const text = `${share < 0 && number !== "0" ? MINUS : ""}${number}\u202f%`;
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
