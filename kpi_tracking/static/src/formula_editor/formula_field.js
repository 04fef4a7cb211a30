import { onWillUnmount } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { debounce } from "@web/core/utils/timing";
import { TextField, textField } from "@web/views/fields/text/text_field";

const PAUSE = 500; // milliseconds after the last key

/** A formula: checked while it is written, after a short pause. */
export class FormulaField extends TextField {
    static template = "kpi_tracking.FormulaField";

    setup() {
        super.setup();
        this.commit = debounce(() => {
            const value = this.parse(this.textareaRef.el?.value ?? "");
            this.props.record.update({ [this.props.name]: value });
        }, PAUSE);
        onWillUnmount(() => this.commit.cancel());
    }
}

registry.category("fields").add("kpi_formula", {
    ...textField,
    component: FormulaField,
    displayName: _t("KPI formula"),
    supportedTypes: ["text"],
});
