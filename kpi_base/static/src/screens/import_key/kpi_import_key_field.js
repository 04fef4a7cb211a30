import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a column of a file is, of what can be imported (`choices`: pairs of key and label). */
export class ImportKeyField extends Component {
    static template = "kpi_base.ImportKeyField";
    static props = { ...standardFieldProps, isInline: { type: Boolean, optional: true } };

    get choices() {
        return this.props.record.data.choices || [];
    }

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    /** In a list that is filled row by row, the choice is there without a click first. */
    get isReadonly() {
        return this.props.readonly && !this.props.isInline;
    }

    get label() {
        const choice = this.choices.find(([key]) => key === this.value);
        return choice ? choice[1] : _t("(not imported)");
    }

    onChange(ev) {
        this.props.record.update({ [this.props.name]: ev.target.value || false });
    }
}

registry.category("lazy_components").add("kpi_base.ImportKeyField", ImportKeyField);
