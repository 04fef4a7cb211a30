import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
    compact as formatKpi,
    full as formatKpiFull,
    compactParts as kpiParts,
} from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { expectedText } from "@kpi_tracking/eager/kpi_format/expected_text";
import { Sparkline } from "@kpi_tracking/eager/sparkline/sparkline";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";
import { expectedAlong } from "../expected";
import { comparisonsOf } from "../kpi_data";
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
    static components = { Sparkline };
    static props = { actions: { type: Object }, tile: { type: Object } };

    get kpi() {
        return this.props.tile.kpi;
    }

    get card() {
        return this.props.tile.card;
    }

    get icon() {
        return ICONS[this.card.icon] || "";
    }

    get unit() {
        return unitOfAnswer(this.kpi?.unit);
    }

    get parts() {
        return kpiParts(this.kpi.value, this.unit);
    }

    get exact() {
        return formatKpiFull(this.kpi.value, this.unit);
    }

    get comparisons() {
        return comparisonsOf(this.kpi, this.card.comparisons);
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

    get isTrendRunning() {
        return Boolean(this.kpi.sparkline?.running);
    }

    /** Where the trend starts and ends, and what is expected last, in words. */
    get trendText() {
        const known = this.points.filter((point) => typeof point.value === "number");
        const ends = known.length > 1 ? [known[0], known.at(-1)] : known;
        const said = ({ label, value }) => `${label}: ${formatKpi(value, this.unit)}`;
        const text = ends.map(said).join(" → ") || _t("No values");
        const last = this.points.findLast(({ expected }) => expected);
        const format = (value) => formatKpi(value, this.unit);
        return last ? `${text} · ${last.label}: ${expectedText(last.expected, format)}` : text;
    }

    /** One line of context; the others, the period and who entered it are its tooltip. */
    get context() {
        return this.comparisons[0] || this.kpi.period?.label || "";
    }

    get source() {
        const { period, who } = this.kpi;
        const entered = who ? _t("entered by %s", who) : "";
        return [...this.comparisons, period?.label, entered].filter(Boolean).join(" · ");
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
