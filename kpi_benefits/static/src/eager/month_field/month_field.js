import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DateTimeField, dateField } from "@web/views/fields/datetime/datetime_field";
import { month } from "@kpi_base/eager/formatting/formatting";

/** A month, stored as its first day: “Jul 2026”. */
export class MonthField extends DateTimeField {
    /** @override */
    getFormattedValue(valueIndex) {
        const value = this.values[valueIndex];
        return value ? month(value) : "";
    }
}

registry.category("fields").add("kpi_month", {
    ...dateField,
    component: MonthField,
    displayName: _t("Month"),
});
