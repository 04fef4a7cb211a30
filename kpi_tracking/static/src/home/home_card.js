import { Component } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { CertifiedBadge } from "../eager/certified/certified_badge";
import { comparisons } from "../eager/comparison/comparisons";
import { reportGauge } from "../eager/gauge/report_gauge";
import {
    formatKpi,
    formatKpiFull,
    isGrowing,
    kpiParts,
    targetUnitOf,
    unitOfAnswer,
} from "../eager/kpi_format/kpi_format";
import { onDemand } from "../eager/on_demand/on_demand";
import { Sparkline } from "../eager/sparkline/sparkline";
import { Star } from "../eager/star/star";
import { StatusChip, UNJUDGED } from "../eager/status_chip/status_chip";

/** A card of the server as the data of a `kpi.report` record, which formatters take. */
export function recordOf(card) {
    const unit = unitOfAnswer(card.unit);
    return {
        achievement: card.achievement,
        aggregation_time: card.is_additive ? "sum" : "average",
        band: card.band,
        currency_id: unit.currencyId ? { id: unit.currencyId } : false,
        current_value: card.value,
        decimals: unit.decimals,
        direction: card.direction,
        duration_unit: unit.durationUnit,
        has_previous: card.previous !== null,
        has_value: card.value !== null,
        is_running: card.period.is_running,
        last_measured_at: card.measured_at && deserializeDateTime(card.measured_at),
        name: card.name,
        previous_value: card.previous,
        sparkline: { points: card.trend },
        status: card.status,
        target_value: card.target,
        unit: unit.kind,
        unit_symbol: unit.symbol,
    };
}

/** A KPI that matters to the reader: its number and trend, and a gauge where one is chosen. */
export class HomeCard extends Component {
    static template = "kpi_tracking.HomeCard";
    static components = {
        CertifiedBadge,
        Gauge: onDemand("kpi_tracking.Gauge"),
        Sparkline,
        Star,
        StatusChip,
    };
    static props = {
        areJudged: { type: Boolean },
        card: { type: Object },
        enter: { type: Function },
        mainLabel: { type: String },
        open: { type: Function },
        toggleStar: { type: Function },
    };

    get unit() {
        return unitOfAnswer(this.props.card.unit);
    }

    get hasStatus() {
        return this.props.areJudged || this.props.card.status !== "no_target";
    }

    get record() {
        return recordOf(this.props.card);
    }

    /** All its words stand around it, in larger type. */
    get gauge() {
        const { gauge } = this.props.card;
        if (!gauge) {
            return null;
        }
        const look = { isAnimated: true, isCompact: true, isLazy: false };
        const drawn = reportGauge(gauge, this.record, look);
        const marks = drawn.marks.map((mark) => ({ ...mark, text: "" }));
        return { ...drawn, details: undefined, marks, type: gauge.style };
    }

    get value() {
        return kpiParts(this.props.card.value, this.unit);
    }

    get exact() {
        return formatKpiFull(this.props.card.value, this.unit);
    }

    get about() {
        const { card, mainLabel } = this.props;
        return [card.scope, ownLabel(card, mainLabel)].filter(Boolean).join(" · ");
    }

    /** The target that the gauge and the comparison have, too. */
    get target() {
        const { direction, status, target } = this.props.card;
        if (target === null || direction === "range" || UNJUDGED.includes(status)) {
            return "";
        }
        const text = formatKpi(target, targetUnitOf(this.record));
        return isGrowing(this.record) ? _t("Target to date %s", text) : _t("Target %s", text);
    }

    /** How the value stands against its target, and against the one before. */
    get lines() {
        return comparisons(this.record);
    }

    get trendLabel() {
        return trendLabel(this.props.card.trend, this.unit);
    }
}

/** The period of a KPI where the title names another one. */
export function ownLabel({ period }, mainLabel) {
    return period.label === mainLabel ? "" : period.label;
}

/** First and last value of a trend, in words. */
export function trendLabel(trend, unit) {
    const known = trend.filter((point) => point.value !== null);
    const ends = known.length > 1 ? [known[0], known.at(-1)] : known;
    return ends.map(({ label, value }) => `${label}: ${formatKpi(value, unit)}`).join(" → ");
}
