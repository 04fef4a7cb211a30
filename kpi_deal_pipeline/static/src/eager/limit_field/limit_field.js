import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { parseMonetary } from "@web/views/fields/parsers";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** An amount that need not be there: left empty, or 0, there is no limit, and it says so. */
export class LimitField extends MonetaryField {
    static props = { ...MonetaryField.props, placeholder: { type: String, optional: true } };

    get inputOptions() {
        const parse = (text) =>
            (text.trim() && parseMonetary(text, { allowOperation: true })) || false;
        return { ...super.inputOptions, parse };
    }

    get formattedValue() {
        if (this.value) {
            return super.formattedValue;
        }
        return this.props.readonly ? this.props.placeholder || _t("No limit") : "";
    }
}

registry.category("fields").add("kpi_limit", {
    ...monetaryField,
    component: LimitField,
    displayName: _t("Limit"),
    isEmpty: () => false, // its text is a value
    extractProps: (field, dynamic) => ({
        ...monetaryField.extractProps(field, dynamic),
        placeholder: field.placeholder,
    }),
});
