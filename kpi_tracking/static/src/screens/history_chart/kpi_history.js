import { Component, onWillStart, useEffect, useState } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import {
    compact as formatKpi,
    full as formatKpiFull,
    fixed as formatKpiRounded,
    achievement as formatAchievement,
} from "@kpi_base/eager/formatting/formatting";
import { formatDay } from "@kpi_base/eager/formatting/reader";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { changeLines, HistoryChart, restatedLines } from "./history_chart";

// Periods on the chart, where more are known: the last one and the same of the year before.
const CHART_PERIODS = { month: 13 };

/** The history of the KPI (or scorecard) of a form, as chart or as table, by any of its periods. */
export class KpiHistory extends Component {
    static template = "kpi_tracking.KpiHistory";
    static components = { HistoryChart, StatusChip };
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.state = useState({
            error: "",
            grain: null,
            history: null,
            isTable: false,
            isToday: false,
        });
        onWillStart(() => this.load());
        let isFirst = true;
        useEffect(
            () => {
                if (!isFirst) {
                    this.load();
                }
                isFirst = false;
            },
            () => this.dependencies,
        );
    }

    /** Values of the record that change with its history. */
    get dependencies() {
        const { data, resId } = this.props.record;
        return [resId, data.current_value, data.target_value, String(data.last_measured_at)];
    }

    get points() {
        const points = (this.state.history?.points || []).slice(this.first);
        const shown = this.state.isToday ? points.map(byToday) : points;
        return this.state.isTable ? shown : shown.map(withoutFall);
    }

    /** Where what is shown begins: the table has all that is known. */
    get first() {
        const { grain, history, isTable } = this.state;
        if (isTable || !(grain in CHART_PERIODS)) {
            return 0;
        }
        const points = history?.points || [];
        const known = points.filter(({ coming }) => !coming).length;
        const first = Math.max(0, known - CHART_PERIODS[grain]);
        const asked = points.findIndex(({ isAsked }) => isAsked);
        return asked < 0 ? first : Math.min(first, asked);
    }

    /** Mark the period that the form was opened with. */
    markAsked({ grain, points = [] }) {
        const asked = this.props.record.data.asked_period;
        const found = points.find(({ start }) => start === asked?.start);
        if (found && asked.grain === grain) {
            found.isAsked = true;
        }
    }

    /** Return whether a period had a different status then than it would have today. */
    get hasDifferences() {
        return (this.state.history?.points || []).some((point) => point.today);
    }

    /** What people noted in the periods shown, numbered as the marks on the chart. */
    get notes() {
        const notes = this.state.history?.notes || [];
        return notes
            .map((note) => ({ ...note, place: note.place - this.first }))
            .filter(({ place }) => place >= 0);
    }

    day({ date }) {
        return formatDay(deserializeDate(date));
    }

    get grains() {
        return this.state.history?.grains || [];
    }

    /** What is most important about the latest own period, or the KPI; none on other forms. */
    get title() {
        const { kpi_name, standing } = this.props.record.data;
        const [own] = this.grains[0] || [];
        const isOwn = this.state.grain === (own || null); // not of longer ones
        return (isOwn && standing?.finding) || kpi_name || "";
    }

    get label() {
        const { kpi_id: kpi, name } = this.props.record.data;
        return _t("History of %s", kpi ? kpi.display_name : name);
    }

    /** The KPI or scorecard of the form, or the KPI that the form is about. */
    get subject() {
        const { data, resId, resModel } = this.props.record;
        return data.kpi_id
            ? { resId: data.kpi_id.id, resModel: "kpi.report" }
            : { resId, resModel };
    }

    /** Ends of a range have columns of their own. */
    get columns() {
        const shown = {
            target: _t("Target"),
            low: _t("Lowest good"),
            high: _t("Highest good"),
            stretch: _t("Stretch"),
        };
        return Object.entries(shown).filter(([key]) =>
            this.points.some((p) => typeof p[key] === "number"),
        );
    }

    /** Return whether the axis starts at zero: for values that are counted or add up. */
    get startsAtZero() {
        const { aggregation_time, decimals, unit } = this.props.record.data;
        return aggregation_time === "sum" || (unit === "number" && !decimals);
    }

    get unit() {
        return unitOf(this.props.record.data);
    }

    async load(grain = this.state.grain) {
        const { resId, resModel } = this.subject;
        if (!resId) {
            this.state.history = {};
            return;
        }
        try {
            const call = this.orm.silent.call(resModel, "get_history", [resId, grain]);
            const history = await this.last.add(call);
            this.countView();
            this.markAsked(history);
            Object.assign(this.state, { error: "", grain: history.grain, history });
        } catch {
            this.state.error = _t("The chart could not be loaded.");
        }
    }

    /** Noted once for each KPI that is opened; nobody waits for it. */
    countView() {
        const { resId, resModel } = this.subject;
        if (resModel === "kpi.report" && this.viewedId !== resId) {
            this.viewedId = resId;
            this.orm.silent.call(resModel, "count_view", [[resId]]).catch(() => {});
        }
    }

    /** Describe the different status that a period had then; empty where it had none. */
    difference(point) {
        if (!point.today) {
            return "";
        }
        const other = this.state.isToday ? point.then : point.today;
        const judgement = this.judgement(other, point);
        if (!this.state.isToday && this.hasOtherValue(point)) {
            const value = this.rounded(point.rated_value);
            return _t("At closing: %(value)s. Now: %(judgement)s", {
                value,
                judgement,
            });
        }
        return this.state.isToday
            ? _t("At the time: %s", judgement)
            : _t("With current target: %s", judgement);
    }

    changeText(point) {
        const format = (value) => this.rounded(value);
        return [...changeLines(point), ...restatedLines(point, format)].join(". ");
    }

    /** What is expected of a period that runs or is to come; empty of others. */
    expectedOf(point) {
        const { expected } = point;
        return expected ? expectedText(expected, (value) => this.rounded(value)) : "";
    }

    hasOtherValue(point) {
        return typeof point.rated_value === "number" && point.rated_value !== point.value;
    }

    get canExplain() {
        return this.subject.resModel === "kpi.report";
    }

    /** Open what the value of one period is made of. */
    async explain(point) {
        const { resId, resModel } = this.subject;
        const args = [[resId], this.state.grain, point.start];
        this.action.doAction(await this.orm.call(resModel, "action_explain_period", args));
    }

    /** Achievement, target and value of a judgement, as far as they differ. */
    judgement(other, point) {
        const parts = [this.percent(other.achievement)];
        if (typeof other.target === "number" && other.target !== point.target) {
            parts.push(_t("target %s", this.rounded(other.target)));
        }
        if (this.state.isToday && point.rated_value !== point.value) {
            parts.push(_t("value %s", this.rounded(point.rated_value)));
        }
        return parts.join(", ");
    }

    /** A target as far as the period is judged by it: a running sum by the part that is due. */
    dueTarget(point, key) {
        const due = key === "high" ? point.due_high : point.due;
        return typeof point[key] === "number" && this.isToDate(point)
            ? due && point[key] * due
            : point[key];
    }

    isToDate({ due, running }) {
        return Boolean(running) && due < 1;
    }

    /** Say beside a number of a running sum that it is of the part that is due. */
    dueNote(point, number) {
        return this.isToDate(point) && typeof number === "number" ? _t("to date") : "";
    }

    format(value) {
        return formatKpi(value, this.unit);
    }

    rounded(value) {
        return typeof value !== "number" ? "–" : formatKpiRounded(value, this.unit);
    }

    exact(value) {
        return typeof value !== "number" ? "" : formatKpiFull(value, this.unit);
    }

    percent(value) {
        return typeof value !== "number" ? "–" : formatAchievement(value);
    }
}

/** A point without the 0 of a period that began today, to which a line would only fall. */
function withoutFall(point) {
    return point.untouched ? { ...point, value: null } : point;
}

/** A period as today's target judges it; what was judged then stays beside it. */
function byToday(point) {
    return point.today ? { ...point, ...point.today, then: point } : point;
}

registry.category("lazy_components").add("kpi_tracking.KpiHistory", KpiHistory);
