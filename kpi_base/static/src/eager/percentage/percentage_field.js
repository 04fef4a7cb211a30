import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

const NARROW_SPACE = "\u202f";

/**
 * A share as KPIs write theirs: “12 %” with a narrow space, which never breaks; nothing
 * where it is missing, which Odoo would write as 0.
 */
export function formatShare(value, options) {
    if (value === false) {
        return "";
    }
    const number = formatPercentage(value, { ...options, noSymbol: true });
    return options?.noSymbol ? number : `${number}${NARROW_SPACE}%`;
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
