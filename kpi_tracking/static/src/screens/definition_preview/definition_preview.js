import { Component, useState } from "@odoo/owl";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { HistoryChart } from "@kpi_tracking/screens/history_chart/history_chart";

const PAUSE = 600; // milliseconds without a change
const FIELDS = [
    ...["calendar_id", "company_field", "company_id", "computation", "currency_id"],
    ...["date_field", "date_to_field", "domain", "duration_from_field", "duration_to_field"],
    ...["duration_unit", "factor_field", "frequency", "history_start", "kind", "measure"],
    ...["measure_field", "model_name", "numerator_domain", "operand", "percentile"],
    ...["unit", "weight_field", "without_company", "without_company_id"],
    ...["working_calendar_id"],
];
const TITLES = {
    day: _t("Preview: last 12 days"),
    week: _t("Preview: last 12 weeks"),
    month: _t("Preview: last 12 months"),
    quarter: _t("Preview: last 12 quarters"),
    year: _t("Preview: last 12 years"),
};

/** What the KPI of a form would count, while it is being defined. */
export class DefinitionPreview extends Component {
    static template = "kpi_tracking.DefinitionPreview";
    static components = { HistoryChart };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({ error: "", preview: null });
        const load = useDebounced(() => this.load(), PAUSE);
        let asked;
        useRecordObserver((record) => {
            this.values = valuesOf(record);
            const wanted = JSON.stringify([record.resId, this.values]);
            if (wanted !== asked) {
                asked = wanted;
                load();
            }
        });
    }

    get title() {
        return TITLES[this.props.record.data.frequency] || "";
    }

    get points() {
        return this.state.preview?.points || [];
    }

    get hasValues() {
        return this.points.some((point) => point.value);
    }

    get message() {
        return this.state.error || this.state.preview?.message || "";
    }

    get statesText() {
        const { labels } = this.state.preview.states;
        return _t("Also counted: %s.", labels.join(", "));
    }

    async load() {
        const call = this.orm.silent.call("kpi.definition", "get_preview", [
            this.values,
            this.props.record.resId,
        ]);
        try {
            const preview = await this.last.add(call);
            Object.assign(this.state, { error: "", preview });
        } catch {
            this.state.error = _t("The preview could not be loaded.");
        }
    }

    leaveOut() {
        return this.props.record.update({ domain: this.state.preview.states.domain });
    }

    format(value) {
        return formatKpi(value, unitOf(this.props.record.data));
    }
}

/** What a form holds of the fields that a preview depends on, as the server takes it. */
function valuesOf(record) {
    const known = FIELDS.filter((name) => name in record.data);
    return Object.fromEntries(known.map((name) => [name, valueOf(record, name)]));
}

function valueOf({ data, fields }, name) {
    const value = data[name];
    if (!value) {
        return value;
    }
    const convert = { date: serializeDate, many2one: ({ id }) => id }[fields[name].type];
    return convert ? convert(value) : value;
}

registry.category("lazy_components").add("kpi_tracking.DefinitionPreview", DefinitionPreview);
