import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { CertifiedBadge } from "../eager/certified/certified_badge";
import { comparisons } from "../eager/comparison/comparisons";
import { reportGauge } from "../eager/gauge/report_gauge";
import {
    compact as formatKpi,
    full as formatKpiFull,
    compactParts as kpiParts,
} from "@kpi_base/eager/formatting/formatting";
import { isGrowing, targetUnitOf, unitOfAnswer } from "../eager/kpi_format/kpi_unit";
import { onDemand } from "../eager/on_demand/on_demand";
import { Sparkline } from "../eager/sparkline/sparkline";
import { Star } from "../eager/star/star";
import { StatusChip, UNJUDGED } from "../eager/status_chip/status_chip";
import { ownLabel, recordOf, trendLabel } from "./card_record";

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
