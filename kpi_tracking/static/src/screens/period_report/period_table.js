import { Component, onMounted, onPatched, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { CertifiedBadge } from "@kpi_tracking/eager/certified/certified_badge";
import { drawSparkline, trendLabel } from "@kpi_tracking/eager/sparkline/sparkline";
import { StatusChip, statusLook } from "@kpi_tracking/eager/status_chip/status_chip";
import { noteOf, RowScale, sharedNote, shortLabels, toneOfChange } from "./period_rows";

const JUDGED = ["on_target", "at_risk", "off_target"];
const CHIPS = [...JUDGED, "not_due"];
const TREND_HEADS = {
    day: _t("12 Days"),
    week: _t("12 Weeks"),
    month: _t("12 Months"),
    quarter: _t("12 Quarters"),
    year: _t("12 Years"),
};
/** Figures that have a column of their own anyway. */
export const BUILT_IN = ["actual", "target", "previous_percent"];

/**
 * A table of KPIs by period: a row each, with its trend, the values of the periods, and of the
 * last one the target, the status and the change.
 */
export class PeriodTable extends Component {
    static template = "kpi_tracking.PeriodTable";
    static components = { CertifiedBadge, StatusChip };
    static props = {
        figures: { type: Array },
        grain: { type: String },
        isDetailed: { type: Boolean, optional: true }, // figures of each period, below it
        isOfCompany: { type: Boolean, optional: true }, // the title says of which
        onCell: { type: Function },
        onKpi: { type: Function },
        table: { type: Object },
    };

    setup() {
        this.scroller = useRef("scroller");
        this.heads = useRef("heads");
        this.shown = null;
        onMounted(() => this.showLatest());
        onPatched(() => this.showLatest());
    }

    get columns() {
        const { columns } = this.props.table;
        const labels = shortLabels(columns);
        return columns.map((column, at) => ({ ...column, short: labels[at] }));
    }

    /** The column that what follows is about: the running period, or the last one. */
    get latestIndex() {
        const running = this.props.table.columns.findIndex(({ is_running }) => is_running);
        return running < 0 ? this.props.table.columns.length - 1 : running;
    }

    get latest() {
        return this.columns[this.latestIndex];
    }

    /** The period before, short where it is one of the columns. */
    get previousLabel() {
        const { columns, latest } = this;
        const label = latest.previous_label;
        return columns.find((column) => column.label === label)?.short || label;
    }

    get trendTitle() {
        return TREND_HEADS[this.props.grain];
    }

    /** Further figures of the last period, as chosen. */
    get moreFigures() {
        const { figures, isDetailed } = this.props;
        return isDetailed ? [] : figures.filter(({ key }) => !BUILT_IN.includes(key));
    }

    get width() {
        return this.columns.length + this.moreFigures.length + 5;
    }

    get note() {
        return sharedNote(this.props.table.sections.flatMap(({ rows }) => rows));
    }

    /** What a row shows, written out. */
    describe(row) {
        const { isOfCompany } = this.props;
        const { is_running } = this.latest;
        const { latest } = row;
        const scale = new RowScale(row);
        const cell = row.cells[this.latestIndex];
        const { trend } = latest;
        const note = noteOf(row);
        const hasTrend = trend.some(({ value }) => typeof value === "number");
        return {
            name: isOfCompany ? latest.name : row.name,
            unit: scale.label,
            values: row.cells.map((each) => this.writeValue(each, scale)),
            target: scale.writeTarget(latest, is_running) || "–",
            targetNote: scale.writeTarget(latest, is_running) ? "" : _t("No target"),
            status: CHIPS.includes(cell.status) ? cell.status : "",
            change: scale.writeChange(latest),
            tone: toneOfChange(latest),
            note: note === this.note ? "" : note,
            trend:
                hasTrend &&
                drawSparkline({
                    isRunning: is_running,
                    label: trendLabel(trend, scale.unit),
                    points: trend,
                }),
        };
    }

    writeValue(cell, scale) {
        const { actual } = cell.numbers;
        return typeof actual === "number" ? scale.write(actual) : cell.texts.actual;
    }

    /** The value in full, with its period and how it was rated. */
    titleOf(row, cell, column) {
        const words = [`${column.label}: ${cell.texts.actual} ${row.unit}`.trim()];
        if (JUDGED.includes(cell.status)) {
            words.push(statusLook(cell.status, column.is_running).word);
        }
        return words.join(" · ");
    }

    /** The value has a line of its own; what else is known follows below it. */
    others(row) {
        const { figures, isDetailed } = this.props;
        return isDetailed ? figures.slice(1).filter(({ key }) => row.figures.includes(key)) : [];
    }

    /** New columns are read from the latest on; who scrolls back stays there. */
    showLatest() {
        const starts = this.props.table.columns.map((column) => column.start).join();
        if (this.shown === starts) {
            return;
        }
        this.shown = starts;
        const { el } = this.scroller;
        const sign = getComputedStyle(el).direction === "rtl" ? -1 : 1;
        el.scrollLeft = sign * el.scrollWidth;
        // on a phone the names would cover the value that all that follows is about
        const { children } = this.heads.el; // of names, trends, each period, …
        const [names, latest] = [children[0], children[2 + this.latestIndex]].map((head) =>
            head.getBoundingClientRect(),
        );
        const covered = sign > 0 ? names.right - latest.left : latest.right - names.left;
        el.scrollLeft -= sign * Math.max(0, covered);
    }

    /** A figure as the values of its row, in their scale; percentages and words as they are. */
    writeFigure(row, cell, { is_percent, key }) {
        const number = cell.numbers[key];
        const scale = new RowScale(row);
        return scale.letter && !is_percent && typeof number === "number"
            ? scale.write(number)
            : (cell.texts[key] ?? "–");
    }
}
