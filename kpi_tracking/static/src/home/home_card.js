import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { ownLabel, recordOf, withoutYear } from "../card/card_record";
import { KpiCard } from "../card/kpi_card";
import { CertifiedBadge } from "../eager/certified/certified_badge";
import { previousComparison } from "../eager/comparison/comparisons";
import { isGrowing, targetUnitOf } from "../eager/kpi_format/kpi_unit";
import { Star } from "../eager/star/star";
import { UNJUDGED } from "../eager/status_chip/status_chip";

/** A KPI that matters to the reader, as a card; opens it. */
export class HomeCard extends Component {
    static template = "kpi_tracking.HomeCard";
    static components = { CertifiedBadge, KpiCard, Star };
    static props = {
        areJudged: { type: Boolean },
        card: { type: Object },
        enter: { type: Function },
        mainLabel: { type: String },
        mainScope: { type: String, optional: true },
        open: { type: Function },
        toggleStar: { type: Function },
    };

    get lines() {
        const { areJudged, card, enter } = this.props;
        const data = recordOf(card);
        return {
            about: this.about,
            action: card.can_enter ? { text: _t("Enter Value"), run: enter } : undefined,
            before: data.has_value ? previousComparison(data, this.shortLabel) : "",
            data,
            details: this.details(data),
            hasStatus: areJudged || card.status !== "no_target",
            reason: card.reason,
        };
    }

    /** Of whom or of when it is, where the title of the page does not say so. */
    get about() {
        const { card, mainLabel, mainScope } = this.props;
        const scope = card.scope === mainScope ? "" : card.scope;
        return [scope, ownLabel(card, mainLabel)].filter(Boolean).join(" · ");
    }

    get shortLabel() {
        return (label) => withoutYear(label, this.props.card.period.label);
    }

    details(data) {
        const previous = data.has_value ? previousComparison(data) : "";
        return [previous, targetWords(data), this.about].filter(Boolean).join(" · ");
    }
}

/** The target that the value is judged by. */
function targetWords(data) {
    const { direction, status, target_value } = data;
    if (target_value === null || direction === "range" || UNJUDGED.includes(status)) {
        return "";
    }
    const text = formatKpi(target_value, targetUnitOf(data));
    return isGrowing(data) ? _t("Target to date %s", text) : _t("Target %s", text);
}
