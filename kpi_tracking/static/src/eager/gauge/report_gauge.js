import { _t } from "@web/core/l10n/translation";
import { comparisons } from "../comparison/comparisons";
import {
    achievement as formatAchievement,
    compact as formatKpi,
    full as formatKpiFull,
    fixed as formatKpiRounded,
    compactParts as kpiParts,
} from "@kpi_base/eager/formatting/formatting";
import { isGrowing, targetUnitOf, unitOf } from "../kpi_format/kpi_unit";
import { statusLook, UNJUDGED } from "../status_chip/status_chip";

/**
 * The props of a `Gauge` that shows a KPI.
 *
 * @param {Object} drawn value of `kpi.report.gauge`
 * @param {Object} data of a `kpi.report` record
 * @param {{isAnimated: boolean, isCompact: boolean, isLazy: boolean,
 *      formatMoment: Function}} look how a moment of the record is written
 */
export function reportGauge(drawn, data, { formatMoment, isAnimated, isCompact, isLazy }) {
    const { animated, high, low, style, value, zones } = drawn;
    const unit = unitOf(data);
    const { before, number, after } = kpiParts(value, unit);
    return {
        details: () => details(drawn, data, formatMoment),
        high,
        highText: isCompact ? "" : formatKpi(high, unit),
        isAnimated: isAnimated && animated,
        isLazy,
        isRunning: Boolean(data.is_running),
        label: data.name || "",
        low,
        lowText: isCompact ? "" : formatKpi(low, unit),
        marks: marks(drawn, data),
        number: isCompact ? "" : before + number, // it stands beside, in large type
        spoken: spoken(drawn, data),
        status: statusOf(data),
        type: isCompact ? "linear" : style,
        unit: isCompact ? "" : after,
        value,
        zones,
    };
}

const statusOf = (data) => statusLook(data.status, data.is_running);

function marks({ baseline, target, whole }, data) {
    const text = target === null ? "" : formatKpi(target, targetUnitOf(data));
    // While nothing is due, the full target is the one that counts.
    const wholeText = target === null && whole !== null ? formatKpi(whole, unitOf(data)) : "";
    return [
        { kind: "whole", text: wholeText, value: whole },
        { kind: "baseline", value: baseline },
        { kind: "target", text, value: target },
    ].filter((mark) => mark.value !== null);
}

function spoken({ target, value }, data) {
    const unit = unitOf(data);
    const parts = [
        target === null
            ? formatKpi(value, unit)
            : _t("%(value)s of %(target)s", {
                  value: formatKpi(value, unit),
                  target: formatKpi(target, targetUnitOf(data)),
              }),
        statusOf(data).word,
        UNJUDGED.includes(data.status) ? "" : comparisons(data)[0],
    ];
    return parts.filter(Boolean).join(", ");
}

/** Details that a glance does not show; rows without a value are left out. */
function details({ baseline, previous, target, value, who, whole }, data, formatMoment) {
    const { achievement, last_measured_at, status } = data;
    const exact = (number) => (number === null ? "" : formatKpiFull(number, unitOf(data)));
    const isPart = isGrowing(data) && whole !== null && target !== null;
    const due = isPart ? formatKpiRounded(target, targetUnitOf(data)) : "";
    return [
        [_t("Value"), exact(value)],
        [isPart ? _t("Target to date") : _t("Target"), isPart ? due : exact(target)],
        [_t("Full-period target"), exact(whole)],
        [_t("Baseline"), exact(baseline)],
        [_t("Previous period"), exact(previous)],
        [_t("Achievement"), UNJUDGED.includes(status) ? "" : formatAchievement(achievement)],
        [_t("Status"), statusOf(data).word],
        [_t("Last update"), last_measured_at && formatMoment(last_measured_at)],
        [_t("Entered by"), who],
    ].filter(([, text]) => text);
}
