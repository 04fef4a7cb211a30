import { registry } from "@web/core/registry";
import { KpiHistory } from "../history_chart/kpi_history";

/** The history of the scorecard of a form: its weighted achievement by period. */
export class ScorecardHistory extends KpiHistory {
    static template = "kpi_tracking.ScorecardHistory";

    get dependencies() {
        const { data, resId } = this.props.record;
        return [resId, data.achievement, data.counted_weight, String(data.last_measured_at)];
    }

    get unit() {
        return { kind: "percent", decimals: 0 };
    }

    get startsAtZero() {
        return true;
    }
}

registry.category("lazy_components").add("kpi_tracking.ScorecardHistory", ScorecardHistory);
