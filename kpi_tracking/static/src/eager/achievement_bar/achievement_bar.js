import { Component } from "@odoo/owl";
import { STATUSES } from "../status_chip/status_chip";

/** Share of a target as a bar with its number; a full bar from 100 on. */
export class AchievementBar extends Component {
    static template = "kpi_tracking.AchievementBar";
    static props = {
        isRunning: { type: Boolean, optional: true },
        label: { type: String },
        percent: { type: Number },
        status: { type: String },
        text: { type: String },
        title: { type: String, optional: true },
    };
    static defaultProps = { isRunning: false };

    get width() {
        return Math.min(Math.max(this.props.percent, 0), 100);
    }

    get classes() {
        const { tone } = STATUSES[this.props.status] || STATUSES.no_data;
        return `o_kpi_status_${tone}${this.props.isRunning ? " o_kpi_achievement_running" : ""}`;
    }
}
