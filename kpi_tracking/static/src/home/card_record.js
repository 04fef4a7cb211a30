import { compact as formatKpi } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "../eager/kpi_format/kpi_unit";

/** A card of the server as the data of a `kpi.report` record, which formatters take. */
export function recordOf(card) {
    const unit = unitOfAnswer(card.unit);
    return {
        achievement: card.achievement,
        aggregation_time: card.aggregation_time,
        currency_id: unit.currencyId ? { id: unit.currencyId } : false,
        current_value: card.value,
        decimals: unit.decimals,
        direction: card.direction,
        duration_unit: unit.durationUnit,
        has_previous: card.previous !== null,
        has_value: card.value !== null,
        is_running: card.period.is_running,
        name: card.name,
        previous_value: card.previous,
        sparkline: { points: card.trend },
        status: card.status,
        target_value: card.target,
        unit: unit.kind,
        unit_symbol: unit.symbol,
    };
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
