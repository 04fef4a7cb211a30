import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** An amount that may be missing: left or made empty it is not known, not 0. */
export class OptionalMoneyField extends MonetaryField {
    /** @override */
    get inputOptions() {
        const options = super.inputOptions;
        return { ...options, parse: (text) => (text.trim() ? options.parse(text) : false) };
    }
}

registry.category("fields").add("kpi_optional_money", {
    ...monetaryField,
    component: OptionalMoneyField,
    displayName: _t("Amount (blank if unknown)"),
});
