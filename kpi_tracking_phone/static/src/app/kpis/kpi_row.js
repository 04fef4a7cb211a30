import { Component } from "@odoo/owl";
import { comparisons } from "@kpi_tracking/eager/comparison/comparisons";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { Sparkline, trendLabel } from "@kpi_tracking/eager/sparkline/sparkline";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { usePhone } from "../phone";
import { Swipe } from "../shell/swipe";
import { recordOf } from "@kpi_tracking/card/card_record";

const SHOWN = 12; // periods

/** The periods up to the one that a card shows. */
export function trendOf({ period, periods }) {
    return periods.filter(({ period_start }) => period_start <= period.start);
}

/** A card as a record, as that of the overview. */
export function recordOfCard(card) {
    return recordOf({ ...card, trend: trendOf(card) });
}

export function formatCard(card) {
    return card.value === null ? "–" : formatKpi(card.value, unitOfAnswer(card.unit));
}

/** A KPI in a list: number, status and trend; opens it. */
export class KpiRow extends Component {
    static template = "kpi_tracking_phone.KpiRow";
    static components = { Sparkline, StatusChip, Swipe };
    static props = { card: { type: Object } };

    setup() {
        this.phone = usePhone();
    }

    get value() {
        return formatCard(this.props.card);
    }

    get points() {
        return trendOf(this.props.card).slice(-SHOWN);
    }

    get trendLabel() {
        return trendLabel(this.points, unitOfAnswer(this.props.card.unit));
    }

    get about() {
        const { card } = this.props;
        return [card.scope, comparisons(recordOfCard(card))[0] || card.reason]
            .filter(Boolean)
            .join(" · ");
    }

    /** The KPI with the sheet of a note. */
    note() {
        this.phone.views.note = this.props.card.report_id;
        this.open();
    }

    open() {
        this.env.go.to("kpi", this.props.card.report_id);
    }
}
