import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a proposal changes, field by field: before and after side by side. */
export class BeforeAfter extends Component {
    static template = "kpi_base.BeforeAfter";
    static props = {
        rows: { type: Array, element: Object }, // label, before, after, is_other
    };
}

export class BeforeAfterField extends Component {
    static template = "kpi_base.BeforeAfterField";
    static components = { BeforeAfter };
    static props = { ...standardFieldProps };

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("lazy_components").add("kpi_base.BeforeAfterField", BeforeAfterField);
