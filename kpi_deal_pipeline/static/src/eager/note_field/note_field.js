import { registry } from "@web/core/registry";
import {
    HtmlComposerMessageField,
    htmlComposerMessageField,
} from "@mail/views/web/fields/html_composer_message_field/html_composer_message_field";

/** Text of a note: the cursor stands in it, and not in the subject, when the dialog opens. */
export class NoteField extends HtmlComposerMessageField {
    getConfig() {
        const config = super.getConfig();
        return {
            ...config,
            onEditorReady: () => this.editor.shared.selection.focusEditable(),
        };
    }
}

registry.category("fields").add("kpi_deal_note", {
    ...htmlComposerMessageField,
    component: NoteField,
});
