import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { useInputField } from "@web/views/fields/input_field_hook";
import { useNumpadDecimal } from "@web/views/fields/numpad_decimal_hook";
import { parsePercentage } from "@web/views/fields/parsers";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";
import { percentText } from "@kpi_base/eager/formatting/formatting";

/** A share that may be missing: left or made empty it is not known, not 0%. */
export class RatioField extends PercentageField {
    /** @override */
    setup() {
        useInputField({
            getValue: () => this.number,
            refName: "numpadDecimal",
            parse: (text) => (text.trim() ? parsePercentage(text) : false),
        });
        useNumpadDecimal();
    }

    get number() {
        const value = this.props.record.data[this.props.name];
        return value === false
            ? ""
            : formatPercentage(value, { digits: this.props.digits || [16, 1], noSymbol: true });
    }

    /** @override */
    get formattedValue() {
        return this.number && percentText(this.number);
    }
}

registry.category("fields").add("kpi_bi_ratio", {
    ...percentageField,
    component: RatioField,
    displayName: _t("Share, blank if unknown"),
});
