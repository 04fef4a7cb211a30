import { _t } from "@web/core/l10n/translation";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

// As in `engine/output/summary.py`, for pages of links, paper and emails.
const WORST_FIRST = ["off_target", "at_risk", "on_target"];
const COUNTS = {
    on_target: (count) => _t("%s on track", count),
    at_risk: (count) => _t("%s at risk", count),
    off_target: (count) => _t("%s off track", count),
};

/** All single KPIs with a value that tiles show. */
function kpisOf(tiles) {
    const shown = tiles.flatMap(({ card, kpi }) => [kpi, ...(card?.rows || [])]);
    return shown.filter((kpi) => kpi?.has_value);
}

/** How many KPIs each status has, as chips; one that is shown twice counts once, as worst. */
export function countStatuses(tiles) {
    const ranks = new Map();
    for (const { report_id, status } of kpisOf(tiles)) {
        const rank = WORST_FIRST.indexOf(status);
        if (rank >= 0) {
            ranks.set(report_id, Math.min(rank, ranks.get(report_id) ?? rank));
        }
    }
    const found = [...ranks.values()].map((rank) => WORST_FIRST[rank]);
    return Object.entries(COUNTS)
        .map(([status, say]) => [status, say, found.filter((each) => each === status).length])
        .filter(([, , count]) => count)
        .map(([status, say, count]) => ({ ...STATUSES[status], word: say(count) }));
}

/** The period of most KPIs, with “so far” while it runs; empty without KPIs. */
export function mainPeriod(tiles) {
    const counts = new Map();
    for (const { is_running, period } of kpisOf(tiles)) {
        if (period?.label) {
            const label = is_running ? _t("%s so far", period.label) : period.label;
            counts.set(label, (counts.get(label) || 0) + 1);
        }
    }
    const most = Math.max(...counts.values());
    return [...counts.keys()].find((label) => counts.get(label) === most) || "";
}
