import { Component } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ModelSelector } from "@web/core/model_selector/model_selector";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { findModels } from "./model_search";

/** Odoo's selector with the models that a KPI can be computed from; on phones as well. */
export class MeasurableModelSelector extends ModelSelector {
    static template = "kpi_tracking.MeasurableModelSelector";

    setup() {
        super.setup();
        this.technical = new Set();
        this.showsTechnical = false;
    }

    async _fetchAvailableModels() {
        const models = await this.orm.call("kpi.definition", "get_measurable_models");
        this.technical = new Set(models.filter((each) => each.technical).map(({ model }) => model));
        return models;
    }

    /** What people work with; the rest once it is asked for. */
    filterModels(request) {
        const found = findModels(this.models, request);
        const isShown = ({ data }) => this.showsTechnical || !this.technical.has(data.technical);
        const shown = found.filter(isShown);
        const options = shown.slice(0, this.nbVisibleModels);
        if (shown.length > options.length) {
            options.push({ label: _t("Start typing..."), cssClass: "o_m2o_start_typing" });
        }
        const hidden = found.length - shown.length;
        if (hidden) {
            options.push({
                label: _t("Show technical (%s)", hidden),
                cssClass: "o_kpi_show_technical",
                onSelect: () => this.showTechnical(),
            });
        }
        return options;
    }

    /** The list closes where something is chosen: it opens again, with what was typed. */
    showTechnical() {
        this.showsTechnical = true;
        browser.setTimeout(() => this.input.el?.click());
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
