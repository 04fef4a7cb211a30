import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { DomainField } from "@web/views/fields/domain/domain_field";
import { FieldSelectorField } from "@web/views/fields/field_selector/field_selector_field";

/** A filter that says so where nothing passes it: a condition may be left unfilled. */
class FilterField extends DomainField {
    static template = "kpi_tracking.FilterField";
}

/**
 * A field of Odoo that asks a model for its fields, made to show its text alone where
 * `records_notice` says why that model does not answer.
 */
function recordsField(component) {
    return class RecordsField extends Component {
        static template = "kpi_tracking.RecordsField";
        static props = component.props;

        get component() {
            return component;
        }
    };
}

registry
    .category("lazy_components")
    .add("kpi_tracking.RecordsFilterField", recordsField(FilterField))
    .add("kpi_tracking.RecordsPathField", recordsField(FieldSelectorField));
