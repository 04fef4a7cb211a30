import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { BinaryField } from "@web/views/fields/binary/binary_field";

/** A file that is read as soon as it is chosen: by the method that a button would call. */
export class ReadFileField extends BinaryField {
    static props = { ...BinaryField.props, button: { type: String } };

    /** @override */
    async update(file) {
        await super.update(file);
        const { button, record } = this.props;
        if (file.data) {
            await this.env.onClickViewButton({
                clickParams: { name: button, type: "object" },
                getResParams: () =>
                    pick(record, "context", "evalContext", "resId", "resIds", "resModel"),
            });
        }
    }
}

registry.category("lazy_components").add("kpi_tracking.ReadFileField", ReadFileField);
