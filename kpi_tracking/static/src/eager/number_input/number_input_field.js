import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";
import { findMistake } from "./typed_number";

/** A number as somebody types it, empty at first; phones show their number pad. */
export class NumberInputField extends CharField {
    static template = "kpi_tracking.NumberInputField";

    setup() {
        super.setup();
        this.typed = useState({ mistake: "" });
    }

    /** Mark what is no number while it is typed. */
    onType(ev) {
        const { unit_symbol, unit_text } = this.props.record.data;
        this.typed.mistake = findMistake(ev.target.value, { units: [unit_text, unit_symbol] });
    }
}

registry.category("fields").add("kpi_number_input", {
    ...charField,
    component: NumberInputField,
    displayName: _t("Number without default"),
    supportedTypes: ["char"],
});
