import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { percent, plain } from "../formatting/formatting";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

const DIGITS = 2; // of what has none

/**
 * A share as the reader's language writes it: “12%”, in German “12 %”; nothing where
 * it is missing, which Odoo would write as 0.
 */
export function formatShare(value, options) {
    if (value === false) {
        return "";
    }
    const digits = (options?.digits || options?.field?.digits || [16, DIGITS])[1];
    return options?.noSymbol ? plain(100 * value, digits) : percent(value, digits);
}
formatShare.extractOptions = formatPercentage.extractOptions;

/** Odoo's percentage, written as KPIs write theirs; its input says what it is of. */
export class KpiPercentageField extends PercentageField {
    static template = "kpi_base.PercentageField";

    get formattedValue() {
        const { record, name, digits } = this.props;
        return formatShare(record.data[name], { digits, field: record.fields[name] });
    }
}

registry.category("fields").add("kpi_percentage", {
    ...percentageField,
    component: KpiPercentageField,
    displayName: _t("KPI percentage"),
});
registry.category("formatters").add("kpi_percentage", formatShare);

/** What is 0 to 100 already, with the sign of percent as the reader's language has it. */
export class PercentNumberField extends Component {
    static template = xml`<span t-out="text"/>`;
    static props = { ...standardFieldProps, digits: { type: Array, optional: true } };

    get text() {
        const value = this.props.record.data[this.props.name];
        const digits = this.props.digits || this.props.record.fields[this.props.name].digits;
        return typeof value === "number" ? percent(value / 100, (digits || [16, DIGITS])[1]) : "";
    }
}

registry.category("fields").add("kpi_percent_number", {
    component: PercentNumberField,
    displayName: _t("Number with percent sign"),
    supportedTypes: ["float", "integer"],
    extractProps: ({ attrs, options }) => ({
        digits: attrs.digits ? JSON.parse(attrs.digits) : options.digits,
    }),
});
