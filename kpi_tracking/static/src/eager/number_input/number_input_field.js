import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/** A number as somebody types it, empty at first; phones show their number pad. */
export class NumberInputField extends CharField {
    static template = "kpi_tracking.NumberInputField";
}

registry.category("fields").add("kpi_number_input", {
    ...charField,
    component: NumberInputField,
    displayName: _t("Number, empty at first"),
    supportedTypes: ["char"],
});
