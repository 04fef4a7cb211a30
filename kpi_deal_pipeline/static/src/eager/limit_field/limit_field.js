import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { parseInteger, parseMonetary } from "@web/views/fields/parsers";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/**
 * An amount or a whole number that need not be there: left empty, or 0, there is no limit,
 * and it says so.
 */
export class LimitField extends MonetaryField {
    static template = "kpi_deal_pipeline.LimitField";
    static props = { ...MonetaryField.props, placeholder: { type: String, optional: true } };

    get noLimit() {
        return this.props.placeholder || _t("No limit");
    }

    /** None beside “No limit”. */
    get currency() {
        return this.state?.value ? super.currency : null;
    }

    get isWhole() {
        return this.props.record.fields[this.props.name].type === "integer";
    }

    get currencyId() {
        return this.isWhole ? undefined : super.currencyId;
    }

    get inputOptions() {
        const read = this.isWhole ? parseInteger : parseMonetary;
        const parse = (text) =>
            (text.trim() && read(text, { allowOperation: true })) || (this.isWhole ? 0 : false);
        return { ...super.inputOptions, parse };
    }

    get formattedValue() {
        if (this.value) {
            return this.isWhole ? formatInteger(this.value) : super.formattedValue;
        }
        return this.props.readonly ? this.noLimit : "";
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
