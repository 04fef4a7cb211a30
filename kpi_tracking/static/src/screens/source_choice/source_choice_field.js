import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// In the order in which people look for their case; others follow as their field says.
const SOURCES = {
    records: { title: _t("Odoo records"), text: _t("Counted by itself") },
    manual: { title: _t("Entered by people"), text: _t("A form each period") },
    formula: { title: _t("Other KPIs"), text: _t("A formula") },
    external: { title: _t("Another system"), text: _t("File, API, connector") },
};

/** Where the number of a KPI comes from: a card for each source. */
export class SourceChoiceField extends Component {
    static template = "kpi_tracking.SourceChoiceField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get sources() {
        const labels = Object.fromEntries(this.props.record.fields[this.props.name].selection);
        const keys = [...new Set([...Object.keys(SOURCES), ...Object.keys(labels)])];
        return keys
            .filter((key) => key in labels)
            .map((key) => ({
                key,
                isChosen: key === this.value,
                text: "",
                title: labels[key],
                ...SOURCES[key],
            }));
    }

    choose(key) {
        return this.props.record.update({ [this.props.name]: key });
    }
}

registry.category("lazy_components").add("kpi_tracking.SourceChoiceField", SourceChoiceField);
