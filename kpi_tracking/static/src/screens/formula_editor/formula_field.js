import { onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { debounce } from "@web/core/utils/timing";
import { TextField } from "@web/views/fields/text/text_field";

const PAUSE = 500; // milliseconds after the last key
const TOKEN = /^(\w+|\S)?/u;

/** A formula: checked while it is written, after a short pause; its mistake is marked. */
export class FormulaField extends TextField {
    static template = "kpi_tracking.FormulaField";

    setup() {
        super.setup();
        this.state = useState({ draft: null });
        this.commit = debounce(() => {
            const value = this.parse(this.textareaRef.el?.value ?? "");
            this.props.record.update({ [this.props.name]: value });
        }, PAUSE);
        onWillUnmount(() => this.commit.cancel());
    }

    onInput() {
        this.state.draft = this.textareaRef.el.value;
        this.commit();
    }

    /** The text around the mistake; nothing while it has not been checked again. */
    get marked() {
        const { name, record } = this.props;
        const position = record.data.formula_error_position;
        const text = record.data[name] || "";
        const { draft } = this.state;
        if (!position || (draft !== null && this.parse(draft) !== text)) {
            return null;
        }
        const lines = text.split("\n").slice(0, position.line);
        const line = Array.from(lines.pop()); // columns count characters, not their halves
        lines.push(line.slice(0, position.column - 1).join(""));
        const before = lines.join("\n");
        const [wrong] = text.slice(before.length).match(TOKEN);
        return {
            before,
            wrong: wrong || "\u00a0",
            after: text.slice(before.length + wrong.length),
        };
    }
}

registry.category("lazy_components").add("kpi_tracking.FormulaField", FormulaField);
