import { Component, useState } from "@odoo/owl";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import {
    compact as formatKpi,
    compactParts,
    full as formatFull,
} from "@kpi_base/eager/formatting/formatting";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { HistoryChart } from "@kpi_tracking/screens/history_chart/history_chart";
import { PreviewBars } from "./preview_bars";

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
    day: _t("Last 12 days"),
    week: _t("Last 12 weeks"),
    month: _t("Last 12 months"),
    quarter: _t("Last 12 quarters"),
    year: _t("Last 12 years"),
};
const USUAL = {
    day: (value) => _t("%s per day on average", value),
    week: (value) => _t("%s per week on average", value),
    month: (value) => _t("%s per month on average", value),
    quarter: (value) => _t("%s per quarter on average", value),
    year: (value) => _t("%s per year on average", value),
};
const COUNTED = ["count", "distinct", "sum"]; // what bars stand for, and an average says

/** What the KPI of a form would count, while it is being defined. */
export class DefinitionPreview extends Component {
    static template = "kpi_tracking.DefinitionPreview";
    static components = { HistoryChart, PreviewBars };
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
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

    get unit() {
        return unitOf(this.props.record.data);
    }

    get isCounted() {
        const { kind, measure } = this.props.record.data;
        return COUNTED.includes(measure) && kind !== "snapshot";
    }

    /** The last value, as a number and of which period; null without one. */
    get latest() {
        const last = this.points.findLast(({ value }) => typeof value === "number");
        return (
            last && {
                exact: formatFull(last.value, this.unit),
                parts: compactParts(last.value, this.unit),
                period: last.running ? _t("in %s so far", last.label) : _t("in %s", last.label),
            }
        );
    }

    /** The value before it, and what is usual: of closed periods that are counted. */
    get comparison() {
        const closed = this.points.filter(
            ({ running, value }) => !running && typeof value === "number",
        );
        if (!closed.length) {
            return "";
        }
        const { label, value } = closed.at(-1);
        const before = _t("%(value)s in %(period)s", { period: label, value: this.format(value) });
        if (!this.isCounted || closed.length < 2) {
            return before;
        }
        const usual = closed.reduce((sum, each) => sum + each.value, 0) / closed.length;
        const said = USUAL[this.props.record.data.frequency]?.(this.format(usual));
        return [before, said].filter(Boolean).join(" · ");
    }

    /** The records counted in the last period; null where there are none. */
    get counted() {
        const records = this.state.preview?.records;
        return (
            records && {
                ...records,
                title: _t("Counted in %s", records.period),
                all:
                    records.count === 1
                        ? _t("Open the record")
                        : _t("All %s records", formatInteger(records.count)),
            }
        );
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

    openCounted() {
        const { ids, model, title } = this.counted;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: title,
            res_model: model,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [["id", "in", ids]],
            context: { active_test: false, create: false },
            target: "new",
        });
    }

    leaveOut() {
        return this.props.record.update({ domain: this.state.preview.states.domain });
    }

    format(value) {
        return formatKpi(value, this.unit);
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
