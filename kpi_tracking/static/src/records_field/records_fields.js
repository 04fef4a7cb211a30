import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DomainField, domainField } from "@web/views/fields/domain/domain_field";
import { fieldSelectorField } from "@web/views/fields/field_selector/field_selector_field";

/** A filter that says so where nothing passes it: a condition may be left unfilled. */
class FilterField extends DomainField {
    static template = "kpi_tracking.FilterField";
}

/**
 * A field of Odoo that asks a model for its fields, made to show its text alone where
 * `records_notice` says why that model does not answer.
 */
function recordsField(field, displayName) {
    class RecordsField extends Component {
        static template = "kpi_tracking.RecordsField";
        static props = field.component.props;

        get component() {
            return field.component;
        }
    }
    return {
        ...field,
        component: RecordsField,
        displayName,
        fieldDependencies: [{ name: "records_notice", type: "char" }],
    };
}

const filterField = { ...domainField, component: FilterField };
registry.category("fields").add("kpi_domain", recordsField(filterField, _t("Filter of records")));
registry
    .category("fields")
    .add("kpi_path", recordsField(fieldSelectorField, _t("Field of records")));
