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

const SPAN = " – ";
const YEAR = /(?:[,،]|\sdel?)?\s(\d{4})$/u; // “Sep 8, 2026”, “set. de 2026”

/** The name of a period without its year, where that is the year of the one shown, too. */
export function withoutYear(label, shown) {
    const yearOf = (text) => text.match(YEAR)?.[1];
    const ends = label.split(SPAN);
    const isSame = yearOf(shown) && ends.every((end) => yearOf(end) === yearOf(shown));
    return isSame ? ends.map((end) => end.replace(YEAR, "")).join(SPAN) : label;
}

/** The period of a KPI where the title names another one. */
export function ownLabel({ period }, mainLabel) {
    return period.label === mainLabel ? "" : period.label;
}
