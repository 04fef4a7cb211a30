import { Component } from "@odoo/owl";
import { ModelSelector } from "@web/core/model_selector/model_selector";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Odoo's selector with the models that a KPI can be computed from; on phones as well. */
export class MeasurableModelSelector extends ModelSelector {
    static template = "kpi_tracking.MeasurableModelSelector";

    _fetchAvailableModels() {
        return this.orm.call("kpi.definition", "get_measurable_models");
    }
}

/** The records of a KPI: a model, chosen by name by somebody who may not read models. */
export class KpiModelField extends Component {
    static template = "kpi_tracking.KpiModelField";
    static components = { MeasurableModelSelector };
    static props = { ...standardFieldProps, placeholder: { type: String, optional: true } };

    get label() {
        return this.props.record.data.model_label || this.props.record.data[this.props.name] || "";
    }

    select({ technical }) {
        return this.props.record.update({ [this.props.name]: technical });
    }
}

registry.category("lazy_components").add("kpi_tracking.KpiModelField", KpiModelField);
