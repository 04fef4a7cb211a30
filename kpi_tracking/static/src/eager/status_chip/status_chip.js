import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

export const STATUSES = {
    on_target: { icon: "fa-check-circle", word: _t("On track"), tone: "success" },
    at_risk: { icon: "fa-exclamation-triangle", word: _t("At risk"), tone: "warning" },
    off_target: { icon: "fa-times-circle", word: _t("Off track"), tone: "danger" },
    not_due: { icon: "fa-clock-o", word: _t("Not due yet"), tone: "muted" },
    no_target: { icon: "fa-circle-o", word: _t("No target"), tone: "muted" },
    no_data: { icon: "fa-minus-circle", word: _t("No data"), tone: "muted" },
};

/** Words of the KPIs with five bands; their icons and colours are those of a status. */
export const BANDS = {
    excellent: { ...STATUSES.on_target, word: _t("Excellent") },
    good: { ...STATUSES.on_target, word: _t("Good") },
    fair: { ...STATUSES.at_risk, word: _t("Fair") },
    poor: { ...STATUSES.off_target, word: _t("Poor") },
    critical: { ...STATUSES.off_target, word: _t("Critical") },
};

/** Status as word, icon and color; with a clock while the period runs. */
export class StatusChip extends Component {
    static template = "kpi_tracking.StatusChip";
    static props = {
        band: { type: String, optional: true },
        isRunning: { type: Boolean, optional: true },
        status: { type: String },
    };
    static defaultProps = { band: "", isRunning: false };

    /** What it is about: a status, a band, and whether its period runs. */
    get about() {
        return this.props;
    }

    get shown() {
        const { band, status } = this.about;
        return BANDS[band] || STATUSES[status] || STATUSES.no_data;
    }

    /** Without value or target there is nothing that could still change its status. */
    get isRunning() {
        return this.about.isRunning && this.shown.tone !== "muted";
    }

    get icon() {
        return this.isRunning ? "fa-clock-o" : this.shown.icon;
    }

    get title() {
        return this.isRunning ? _t("So far: %s", this.shown.word) : this.shown.word;
    }

    get classes() {
        const running = this.isRunning ? " o_kpi_status_running" : "";
        return `o_kpi_status_${this.shown.tone}${running}`;
    }
}

/** Statuses of what is not compared with a target. */
export const UNJUDGED = ["not_due", "no_target", "no_data"];

const STATUS_OF_COLOR = {
    danger: STATUSES.off_target,
    info: { icon: "fa-info-circle", word: _t("Blue zone"), tone: "info" },
    muted: { icon: "fa-circle-o", word: _t("Gray zone"), tone: "muted" },
    success: STATUSES.on_target,
    warning: STATUSES.at_risk,
};

/** Label of a zone of a gauge: its own word, or that of the status of its colour. */
export function statusOfZone({ color, label }) {
    const status = STATUS_OF_COLOR[color] || STATUS_OF_COLOR.muted;
    return label ? { ...status, word: label } : status;
}
