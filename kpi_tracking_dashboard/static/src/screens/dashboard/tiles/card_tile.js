import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { withoutYear } from "@kpi_tracking/card/card_record";
import { KpiCard } from "@kpi_tracking/card/kpi_card";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { trendLabel } from "@kpi_tracking/eager/sparkline/sparkline";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";
import { expectedAlong } from "../expected";
import { comparisonsOf, recordOf } from "../kpi_data";
import { tiles } from "./tile_registry";

const ICONS = {
    "trending-up": "fa-line-chart",
    "trending-down": "fa-level-down",
    target: "fa-bullseye",
    "alert-triangle": "fa-exclamation-triangle",
    "check-circle": "fa-check-circle",
    clock: "fa-clock-o",
};
const ALERTS = {
    alert: { icon: "fa-bell", word: _t("Alert"), tone: "danger" },
    approval: { icon: "fa-gavel", word: _t("Approval") },
    off_target: STATUSES.off_target,
    overdue: { icon: "fa-clock-o", word: _t("Overdue") },
};

/** A KPI as a number: alone, with its trend, among others, or what is wrong. */
export class CardTile extends Component {
    static template = "kpi_tracking_dashboard.CardTile";
    static components = { KpiCard };
    static props = { actions: { type: Object }, tile: { type: Object } };

    get kpi() {
        return this.props.tile.kpi;
    }

    get card() {
        return this.props.tile.card;
    }

    /** One KPI in the lines of a card. */
    get lines() {
        const { card, kpi } = this;
        const { message, way } = this.props.tile;
        const others = card.comparisons.filter((key) => key !== "target");
        const { label } = kpi.period || { label: "" };
        const short = (period) => withoutYear(period, label);
        return {
            action: way && { text: way.text, run: () => this.props.actions.follow(way) },
            before: kpi.has_value ? comparisonsOf(kpi, others, short)[0] || label : "",
            data: recordOf(kpi),
            details: this.details,
            hasDistance: card.comparisons.includes("target"),
            hasTrend: card.style === "trend",
            icon: ICONS[card.icon] || "",
            points: this.points,
            reason: message || "",
            trendText: this.trendText,
        };
    }

    /** All comparisons, the period, and who entered it. */
    get details() {
        const { period, who } = this.kpi;
        const entered = who ? _t("entered by %s", who) : "";
        const said = comparisonsOf(this.kpi, this.card.comparisons);
        return [...said, period?.label, entered].filter(Boolean).join(" · ");
    }

    /** Periods of the trend; where it goes on, with those that are to come. */
    get points() {
        const { coming, expected, points = [] } = this.kpi.sparkline || {};
        if (!expected) {
            return points;
        }
        const further = coming.categories.map((label) => ({ label, value: null, isComing: true }));
        const along = expectedAlong(expected, points.length);
        return [...points, ...further].map((point, at) => ({ ...point, expected: along[at] }));
    }

    /** Where the trend starts and ends, and what is expected last, in words. */
    get trendText() {
        const unit = unitOfAnswer(this.kpi.unit);
        const text = trendLabel(this.points, unit);
        const last = this.points.findLast(({ expected }) => expected);
        const format = (value) => formatKpi(value, unit);
        return last ? `${text} · ${last.label}: ${expectedText(last.expected, format)}` : text;
    }

    /** KPIs below each other; ranked ones have a bar, their share of the largest. */
    get rows() {
        const largest = Math.max(...this.card.rows.map((kpi) => Math.abs(kpi.value || 0)));
        return this.card.rows.map((kpi) => ({
            kpi,
            name: kpi.label,
            status: STATUSES[kpi.status] || STATUSES.no_data,
            text: kpi.has_value ? formatKpi(kpi.value, unitOfAnswer(kpi.unit)) : "–",
            width: kpi.has_value && largest ? (100 * Math.max(kpi.value, 0)) / largest : 0,
        }));
    }

    get alerts() {
        return this.card.items.map((item) => ({
            ...item,
            look: ALERTS[item.kind] || ALERTS.overdue,
        }));
    }

    open(reportId) {
        return this.props.actions.drill(this.props.tile, { report_id: reportId });
    }
}

tiles.add("card", { component: CardTile });
