import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

// Equal to `kpi_tracking/engine/status_chip.py`, which mails and drawings use: a test
// compares the two. Each icon is one shape with its sign cut out, in a box of 12 pixels.
const CHECK =
    "M6 0.4a5.6 5.6 0 1 0 0 11.2a5.6 5.6 0 1 0 0-11.2zM2.9 6.6L4.1 5.4L5.3 6.7L8.1 3.6L9.3 4.7L5.3 8.9z";
const ALERT = "M6 0.8L11.6 11.2H0.4zM5.3 4.3V7.8H6.7V4.3zM5.3 8.7V10.1H6.7V8.7z";
const CROSS =
    "M6 0.4a5.6 5.6 0 1 0 0 11.2a5.6 5.6 0 1 0 0-11.2zM6 4.9L7.7 3.1L8.9 4.3L7.1 6L8.9 7.7L7.7 8.9L6 7.1L4.3 8.9L3.1 7.7L4.9 6L3.1 4.3L4.3 3.1z";
const RING =
    "M6 0.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11zM6 1.9a4.1 4.1 0 1 1 0 8.2a4.1 4.1 0 1 1 0-8.2z";

export const STATUSES = {
    on_target: { path: CHECK, tone: "success", word: _t("On track") },
    at_risk: { path: ALERT, tone: "warning", word: _t("At risk") },
    off_target: { path: CROSS, tone: "danger", word: _t("Off track") },
    likely_miss: { path: ALERT, tone: "warning", word: _t("Likely to miss") },
    not_due: { path: RING, tone: "muted", word: _t("Not due yet") },
    no_target: { path: RING, tone: "muted", word: _t("No target") },
    no_data: { path: RING, tone: "muted", word: _t("No data") },
};

/** Statuses of what is not compared with a target. */
export const UNJUDGED = ["not_due", "no_target", "no_data"];
const JUDGED = ["on_target", "at_risk", "off_target"];

/** Words of the KPIs with five bands; their icons and colors are those of a status. */
const BANDS = {
    excellent: _t("Excellent"),
    good: _t("Good"),
    fair: _t("Fair"),
    poor: _t("Poor"),
    critical: _t("Critical"),
};

/**
 * What a chip shows: an icon, the name of its color and a word.
 *
 * @param {string} status a key of `STATUSES`; unknown ones are without data
 * @param {boolean} isRunning whether the period runs: it is so far, where it is rated
 * @param {string} [band] the rating, where its word is shown
 */
export function statusLook(status, isRunning, band) {
    const look = STATUSES[status] || STATUSES.no_data;
    const word = BANDS[band] || look.word;
    const isSoFar = isRunning && JUDGED.includes(status);
    return { ...look, word: isSoFar ? _t("%s so far", word) : word };
}

/** Status of a KPI as icon and word. */
export class StatusChip extends Component {
    static template = "kpi_tracking.StatusChip";
    static props = {
        band: { type: String, optional: true }, // on the KPI form only
        isRunning: { type: Boolean, optional: true },
        status: { type: String },
    };

    get shown() {
        const { band, isRunning, status } = this.props;
        return statusLook(status, isRunning, band);
    }
}

const STATUS_OF_COLOR = {
    danger: STATUSES.off_target,
    info: { path: RING, tone: "info", word: _t("Blue zone") },
    muted: { path: RING, tone: "muted", word: _t("Gray zone") },
    success: STATUSES.on_target,
    warning: STATUSES.at_risk,
};

/** Label of a zone of a gauge: its own word, or that of the status of its color. */
export function statusOfZone({ color, label }) {
    const status = STATUS_OF_COLOR[color] || STATUS_OF_COLOR.muted;
    return label ? { ...status, word: label } : status;
}
