import { formatMoment } from "@kpi_base/eager/formatting/reader";
import { clock } from "@kpi_base/eager/formatting/formatting";
import { _t } from "@web/core/l10n/translation";
import { previousComparison, targetComparison } from "@kpi_tracking/eager/comparison/comparisons";
import {
    change as formatChange,
    compact as formatKpi,
} from "@kpi_base/eager/formatting/formatting";
import { recordOf as recordOfCard } from "@kpi_tracking/card/card_record";
import { isComparable, unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";

const { DateTime } = luxon;

/** A KPI of a tile as data of a `kpi.report` record, which all that words numbers takes. */
export function recordOf(kpi) {
    const { is_running, last_measured_at, previous = null, sparkline } = kpi;
    const card = { ...kpi, period: { is_running }, previous, trend: [] };
    return {
        ...recordOfCard(card),
        has_value: kpi.has_value,
        last_measured_at: last_measured_at && instant(last_measured_at),
        sparkline: sparkline || {},
    };
}

/** A moment of the server's in the reader's zone. */
export function instant(text) {
    return DateTime.fromISO(text);
}

const COMPARISONS = {
    previous: (record, _kpi, name) => previousComparison(record, name),
    target: (record) => targetComparison(record),
    year: (record, kpi) => yearComparison(record, kpi.year_before),
};

/**
 * A KPI against what it is to be compared with, in words; two at most.
 *
 * @param {Object} kpi
 * @param {string[]} wanted of `previous`, `target`, `year`
 * @param {(label: string) => string} [name] how the period before is named
 */
export function comparisonsOf(kpi, wanted, name) {
    if (!kpi.has_value) {
        return [];
    }
    const record = recordOf(kpi);
    const said = wanted.map((key) => COMPARISONS[key]?.(record, kpi, name));
    return said.filter(Boolean).slice(0, 2);
}

/** What still grows is not compared with a whole period: that one is named. */
function yearComparison(record, before) {
    if (typeof before !== "number") {
        return "";
    }
    const unit = unitOf(record);
    if (!isComparable(record)) {
        return _t("last year: %s", formatKpi(before, unit));
    }
    if (record.current_value === before) {
        return _t("same as last year");
    }
    return _t("%s vs last year", formatChange(record.current_value, before, unit));
}

/** A moment of the server's, such as "5 Nov, 14:30" here. */
export function momentText(text) {
    return formatMoment(instant(text));
}

/** Hour and minute of a moment, as the reader writes them. */
export function timeText(moment) {
    return clock(moment);
}
